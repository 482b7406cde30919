{# Lines of a reconciliation over CTEs that have a sum a currency. #}

{# Two sums that must be equal; `left` and `right` are expressions over the two CTEs. #}
{% macro must_equal(check_name, scope, ctes, left, right, explanation) %}
select
    '{{ check_name }}' as check_name,
    '{{ scope }}' as scope,
    coalesce({{ ctes[0] }}.currency, {{ ctes[1] }}.currency) as currency,
    coalesce({{ left }}, 0) as left_minor,
    coalesce({{ right }}, 0) as right_minor,
    true as is_exact,
    '{{ explanation }}' as explanation
from {{ ctes[0] }}
full join {{ ctes[1] }} on {{ ctes[0] }}.currency = {{ ctes[1] }}.currency
{% endmacro %}

{# An amount that stands alone, and why. #}
{% macro stands_alone(check_name, scope, cte, amount, explanation) %}
select
    '{{ check_name }}' as check_name,
    '{{ scope }}' as scope,
    currency,
    cast({{ amount }} as bigint) as left_minor,
    cast(0 as bigint) as right_minor,
    false as is_exact,
    '{{ explanation }}' as explanation
from {{ cte }}
where {{ amount }} <> 0
{% endmacro %}
