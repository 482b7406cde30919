-- The corporate domains of accounts, with those of merged accounts: they count for the survivor (fine-print 5).
-- Free mail belongs to no company (domain.md 2).
select distinct
    domain,
    survivor_id as account_id
from {{ ref('checked__accounts') }}
where refusal_reason is null
  and domain is not null
  and domain not in (select domain from {{ source('config', 'free_mail_domain') }})
