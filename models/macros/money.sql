{# Names of the codes and day numbers in the integer tables that the money step writes (attribution/money/types.ts). #}

{% macro basis_name(code) -%}
case {{ code }} when 0 then 'pipeline' when 1 then 'booked' when 2 then 'invoiced' when 3 then 'paid' end
{%- endmacro %}

{% macro date_of_day(day) -%}
cast(date '1970-01-01' + {{ day }} as date)
{%- endmacro %}
