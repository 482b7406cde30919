{# What stands for an unknown instant in the integer columns that the attribution job streams (attribution/columns.ts). #}
{% macro missing_instant() %}-9223372036854775808{% endmacro %}
