{# What stands for an unknown instant in the integer columns that the attribution job streams (attribution/columns.ts). #}
{% macro missing_instant() %}-9223372036854775808{% endmacro %}

{# When a deal of journeys was decided, or came to be while it is open; null where that is unknown. #}
{% macro deal_dated_at() -%}
make_timestamptz(case when is_closed then closed_us else nullif(created_us, {{ missing_instant() }}) end)
{%- endmacro %}
