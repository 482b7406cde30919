-- Each current record version of each stream is in its core table, merged into another one, or refused: exactly once.
-- Left out of the count: implied records, which no source delivers; rates are counted before the first source's is picked.
with counted as (
{%- for stream in canonical_streams() %}
    select
        '{{ stream }}' as stream,
        (select count(*) from ({{ union_of_sources(stream) }}) as record) as version_count,
        (select count(*) from {{ ref('checked__fx_rates') ~ ' where refusal_reason is null' if stream == 'fx_rates' else ref(stream) }} {{ 'where record_key in (select record_id from (' ~ union_of_sources(stream) ~ ') as record)' if stream in ['accounts', 'contacts'] }}) as core_count,
        {{ '(select count(*) from ' ~ ref(stream[:-1] ~ '_alias') ~ ')' if stream in ['accounts', 'contacts', 'deals'] else '0' }} as merged_count,
        (select count(*) from {{ ref('refused_record') }} where stream = '{{ stream }}') as refused_count
    {{ 'union all' if not loop.last }}
{%- endfor %}
)

select *
from counted
where version_count <> core_count + merged_count + refused_count
