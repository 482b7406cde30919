-- The accounts that each billing customer may link to by its best rank among explicit id, approved override and corporate domain.
-- A rank that has a candidate ends the search, also when it has several (fine-print 5); `account_count` is null where none of the three has one.
-- Of a record that names an unknown account only an approved override says who it is: nothing below is guessed.
with override as (
    select
        override.subject_id as customer_id,
        count(distinct account.survivor_id) as account_count,
        case when count(distinct account.survivor_id) = 1 then min(account.survivor_id) end as account_id
    from {{ source('config', 'override') }} as override
    inner join {{ ref('checked__accounts') }} as account
        on account.account_id = override.object_id and account.refusal_reason is null
    where override.kind = 'customer_account'
    group by override.subject_id
)

select
    customer.customer_id,
    customer.name,
    customer.country,
    case
        when customer.account_id is not null then 'explicit'
        when override.account_count > 0 then 'override'
        when customer.names_unknown_account then 'explicit'
        when domain.account_count > 0 then 'domain'
    end as method,
    case
        when customer.account_id is not null then 1
        when override.account_count > 0 then override.account_count
        when customer.names_unknown_account then 0
        else domain.account_count
    end as account_count,
    case
        when customer.account_id is not null then customer.account_id
        when override.account_count > 0 then override.account_id
        when not customer.names_unknown_account then domain.account_id
    end as account_id,
    customer.domain
from {{ ref('billing_customers') }} as customer
left join override on override.customer_id = customer.customer_id
left join {{ ref('corporate_domain') }} as domain on domain.domain = customer.domain
