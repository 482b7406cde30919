-- Which account a corporate domain names, merged accounts being one candidate (fine-print 5); a domain of several links none (domain.md 2).
select
    domain,
    count(*) as account_count,
    case when count(*) = 1 then any_value(account_id) end as account_id
from {{ ref('account_domain') }}
group by domain
