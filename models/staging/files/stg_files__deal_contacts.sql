-- Current record versions of `deal_contacts` from files as types; references stay native ids, amounts decimal text.
with current_version as (
    {{ current_versions('files_deal_contacts') | indent }}
)

select
    source,
    record_key,
    payload.deal_id as record_id,
    record,
    sequence,
    load_id,
    payload.deal_id as deal_reference,
    payload.contact_id as contact_reference,
    payload.role as role,
    payload.is_primary::boolean as is_primary
from current_version
