-- Merged deals and the one that each lives on in, at the end of its chain of merges.
select deal_id, survivor_id, source, {{ native_id('deal_id') }} as record_key
from {{ ref('checked__deals') }}
where is_merged and refusal_reason is null
