{# A model's schema is its top folder (staging, core, journeys, marts, audits), or the schema it names; never a prefix of the target's. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {%- if custom_schema_name is not none -%}
        {{ custom_schema_name | trim }}
    {%- else -%}
        {{ node.original_file_path.split('/')[0] if '/' in node.original_file_path else node.original_file_path.split('\\')[0] }}
    {%- endif -%}
{%- endmacro %}
