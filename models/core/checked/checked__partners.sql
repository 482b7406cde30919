-- Partners of all sources. Nothing here can be refused: a partner points at no other record.
with partners as (
    {{ union_of_sources('partners') | indent }}
)

select
    * exclude (record_key, record_id, record, load_id),
    null::varchar as refusal_reason,
    null::varchar as refusal_detail
from partners
