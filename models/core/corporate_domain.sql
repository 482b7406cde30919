-- The corporate domains of accounts. Free mail belongs to no company and never links; a domain of several accounts links none (domain.md 2).
select
    domain,
    count(*) as account_count,
    case when count(*) = 1 then any_value(account_id) end as account_id
from {{ ref('accounts') }}
where domain is not null
  and domain not in (select domain from {{ source('config', 'free_mail_domain') }})
group by domain
