{# How staging reads the raw record log: the current version of every key, and text as types. The edge has validated each record, so casts are plain and fail loudly. #}

{# The current versions of a stream, tombstones dropped: one row per source and key.
   Ingest lists every version that a later one replaced (by source time where both have one, else by arrival), so no payload is sorted here.
   A source that sourced.yaml does not name any more has no say; the log keeps its records. #}
{% macro current_versions(stream) %}
select
    source, record_key, sequence, record, load_id, source_time, payload,
    (select time_zone from {{ source('config', 'setting') }}) as time_zone
from {{ source('raw', stream) }}
where not is_deleted
  and sequence not in (select sequence from {{ source('raw', 'superseded') }})
  and source in (select source from {{ source('config', 'source') }})
{% endmacro %}

{# Times below need the company's `time_zone` in scope: a column of `current_versions`, or of `config.setting`. #}

{# The first instant of a local day. Where midnight comes twice (a clock set back at midnight) DuckDB takes the second: step back to the first. #}
{% macro local_day_start(date) %}
{%- set midnight = "timezone(time_zone, (" ~ date ~ ")::timestamp)" -%}
case
    when timezone(time_zone, {{ midnight }} - interval 1 hour)::date = ({{ date }})::date then {{ midnight }} - interval 1 hour
    else {{ midnight }}
end
{%- endmacro %}

{# A source's date or instant as an instant: a date is the start of its local day (fine-print 3). #}
{% macro instant(text) -%}
case when length({{ text }}) = 10 then {{ local_day_start(text ~ '::date') }} else {{ text }}::timestamptz end
{%- endmacro %}

{# The same as an upper bound: a date is the last microsecond of its local day (fine-print 3). #}
{% macro instant_upper(text) -%}
case when length({{ text }}) = 10 then {{ local_day_start(text ~ '::date + 1') }} - interval 1 microsecond else {{ text }}::timestamptz end
{%- endmacro %}

{# The local calendar date of an instant. #}
{% macro local_date(instant) -%}
timezone(time_zone, {{ instant }})::date
{%- endmacro %}

{# A company's domain: lower case without `www.`; a blank one falls back to the e-mail's (fine-print 1). #}
{% macro normalised_domain(domain, email=none) -%}
regexp_replace(lower(coalesce({{ domain }}{% if email %}, regexp_extract({{ email }}, '@([^@]+)$', 1){% endif %})), '^www\.', '')
{%- endmacro %}
