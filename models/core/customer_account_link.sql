-- The account behind each billing customer: explicit id, approved override, corporate domain, then normalised name and country (domain.md 2).
-- A merged account's name and domain count for its survivor. Linking stops at the first rank that has a candidate; two candidates of one rank are no link (fine-print 5).
with named_account as (
    select
        name_key.name_key,
        account.country,
        count(distinct account.survivor_id) as account_count,
        min(account.survivor_id) as account_id
    from {{ ref('checked__accounts') }} as account
    inner join {{ ref('name_key') }} as name_key on name_key.name = account.name
    where account.refusal_reason is null and account.country is not null and name_key.name_key <> ''
    group by name_key.name_key, account.country
),

ranked as (
    select
        candidate.customer_id,
        case
            when candidate.account_count is not null then candidate.method
            when named_account.account_count is not null then 'name_and_country'
        end as method,
        coalesce(candidate.account_count, named_account.account_count, 0) as account_count,
        case when candidate.account_count is not null then candidate.account_id else named_account.account_id end as account_id,
        candidate.domain,
        named_account.name_key,
        candidate.country
    from {{ ref('customer_account_candidate') }} as candidate
    left join {{ ref('name_key') }} as name_key
        on name_key.name = case when candidate.account_count is null then candidate.name end
    left join named_account
        on named_account.name_key = name_key.name_key and named_account.country = candidate.country
)

select
    customer_id,
    case when account_count = 1 then account_id end as account_id,
    method,
    case method
        when 'domain' then domain
        when 'name_and_country' then name_key || ', ' || country
        else account_id
    end as evidence,
    case
        when account_count = 1 then null
        when account_count > 1 then 'ambiguous'
        when method = 'explicit' then 'unknown_account'
        else 'no_candidate'
    end as reason,
    account_count as candidate_count
from ranked
