-- Merged accounts and the one that each lives on in, at the end of its chain of merges.
select account_id, survivor_id, source, {{ native_id('account_id') }} as record_key
from {{ ref('checked__accounts') }}
where is_merged and refusal_reason is null
