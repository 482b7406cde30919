-- The corporate domains of accounts, with those of merged accounts: they count for the survivor, as one candidate (fine-print 5).
-- Free mail belongs to no company and never links; a domain of several accounts links none (domain.md 2).
select
    domain,
    count(distinct survivor_id) as account_count,
    case when count(distinct survivor_id) = 1 then any_value(survivor_id) end as account_id
from {{ ref('checked__accounts') }}
where refusal_reason is null
  and domain is not null
  and domain not in (select domain from {{ source('config', 'free_mail_domain') }})
group by domain
