{# An audit carries the query that decides it: the compiled SQL of its model, kept as the comment of its table or view. #}

{# Without the name of the database, so that it reads the same in every workspace. #}
{% macro keep_query(relation, sql) -%}
{%- set query = sql.strip().replace('"' ~ relation.database ~ '".', "") -%}
comment on {{ relation.type }} {{ relation }} is '{{ query.replace("'", "''") }}'
{%- endmacro %}

{# The kept queries by model. #}
{% macro kept_queries() -%}
select
    table_name as model,
    table_comment as query
from information_schema.tables
where table_catalog = '{{ this.database }}' and table_comment is not null
{%- endmacro %}
