-- Current record versions of `deal_stages` from files as types; references stay native ids, amounts decimal text.
with current_version as (
    {{ current_versions('files_deal_stages') | indent }}
)

select
    source,
    record_key,
    payload.deal_id as record_id,
    record,
    sequence,
    load_id,
    payload.deal_id as deal_reference,
    payload.stage as stage,
    {{ instant('payload.entered_at') }} as entered_at
from current_version
