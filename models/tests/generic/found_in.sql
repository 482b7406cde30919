{# Every reference is found in another model: dbt's `relationships` with null left out before the join. #}
{% test found_in(model, column, to, field) %}
select distinct {{ column }}
from {{ model }} as referring
where {{ column }} is not null
  and {{ column }} not in (select {{ field }} from {{ to }})
{% endtest %}
