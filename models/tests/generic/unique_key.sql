{# The columns together name one row and none of them is null. Nullable columns of a key go through `optional`. #}
{% test unique_key(model, columns, optional=[]) %}
select {{ (columns + optional) | join(', ') }}, count(*) as row_count
from {{ model }}
group by {{ (columns + optional) | join(', ') }}
having count(*) > 1 {%- for column in columns %} or {{ column }} is null {%- endfor %}
{% endtest %}
