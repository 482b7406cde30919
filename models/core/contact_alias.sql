-- Merged contacts and the one that each lives on in, at the end of its chain of merges.
select contact_id, survivor_id, source, {{ native_id('contact_id') }} as record_key
from {{ ref('checked__contacts') }}
where is_merged and refusal_reason is null
