-- What people should look at: records that the core keeps but could not use in full, with the money at stake and the next action.
-- The money at stake is what was invoiced and is not linked, or the open and won deals that the evidence could touch; one row per currency.
-- `since_at` is since when it is so, by the dates of the records themselves: the issue of the first unlinked invoice, the close without amount.
with invoice_money as (
    select
        invoice.invoice_id, invoice.customer_id, invoice.issued_at, line.currency,
        sum(line.amount_minor + line.tax_amount_minor)::bigint as amount_minor
    from {{ ref('checked__invoices') }} as invoice
    inner join {{ ref('invoice_lines') }} as line on line.invoice_id = invoice.invoice_id
    where invoice.status <> 'void'
      and (
          invoice.unknown_subscription is not null
          or invoice.invoice_id in (select invoice_id from {{ ref('invoice_deal_link') }} where deal_id is null)
      )
    group by invoice.invoice_id, invoice.customer_id, invoice.issued_at, line.currency
),

customer_money as (
    select customer_id, currency, sum(amount_minor)::bigint as amount_minor, min(issued_at) as since_at
    from invoice_money
    group by customer_id, currency
),

live_deal as (
    select deal_id, account_id, product, currency, amount_minor, is_closed, created_at
    from {{ ref('deals') }}
    where (is_won or not is_closed) and not is_future
),

shared_domain_money as (
    select account.domain, live_deal.currency, sum(live_deal.amount_minor)::bigint as amount_minor
    from {{ ref('corporate_domain') }} as shared
    inner join {{ ref('accounts') }} as account on account.domain = shared.domain
    inner join live_deal on live_deal.account_id = account.account_id
    where shared.account_count > 1
    group by account.domain, live_deal.currency
),

ambiguous_customer as (
    select
        'ambiguous_link' as kind, 'billing_customers' as stream, link.customer_id as record_id, 'ambiguous' as reason,
        link.candidate_count || ' accounts by ' || link.method || ': ' || link.evidence as detail,
        money.amount_minor, money.currency,
        'add an override for the account, or clear the duplicate in the CRM' as next_action,
        coalesce(money.since_at, customer.created_at) as since_at
    from {{ ref('customer_account_link') }} as link
    inner join {{ ref('checked__billing_customers') }} as customer on customer.customer_id = link.customer_id
    left join customer_money as money on money.customer_id = link.customer_id
    where link.reason = 'ambiguous'
),

unlinked_customer as (
    select
        'unlinked_customer' as kind, 'billing_customers' as stream, link.customer_id as record_id, link.reason,
        'no account by id, override, domain, name and country' as detail,
        money.amount_minor, money.currency,
        'put the CRM account on the billing customer, or add an override' as next_action,
        money.since_at
    from {{ ref('customer_account_link') }} as link
    inner join customer_money as money on money.customer_id = link.customer_id
    where link.reason in ('no_candidate', 'unknown_account')
),

ambiguous_evidence as (
    select
        'ambiguous_link' as kind, evidence.stream, evidence.record_id, 'ambiguous' as reason,
        'several accounts have the domain ' || evidence.domain as detail,
        money.amount_minor, money.currency,
        'put the account on the record, or clear the duplicate in the CRM' as next_action,
        evidence.submitted_at as since_at
    from (
        select 'leads' as stream, lead_id as record_id, domain, submitted_at from {{ ref('leads') }} where is_ambiguous
        union all
        select 'deal_registrations', registration_id, domain, submitted_at from {{ ref('deal_registrations') }} where is_ambiguous
    ) as evidence
    left join shared_domain_money as money on money.domain = evidence.domain
),

ambiguous_overlap as (
    select
        'ambiguous_link' as kind, 'account_overlaps' as stream, source || ':' || record_key as record_id, 'ambiguous' as reason,
        'several accounts have the domain ' || domain as detail,
        null::bigint as amount_minor, null::varchar as currency,
        'put the account on the record, or clear the duplicate in the CRM' as next_action,
        min(first_seen_at) as since_at
    from {{ ref('account_overlaps') }}
    where is_ambiguous
    group by source, record_key, domain
),

unknown_deal as (
    select
        'unlinked_money' as kind, 'invoices' as stream, link.invoice_id as record_id, link.reason,
        'its ' || link.method || ' names a deal that no source delivers' as detail,
        money.amount_minor, money.currency,
        'correct the deal id in billing, or deliver the deal' as next_action,
        invoice.issued_at as since_at
    from {{ ref('invoice_deal_link') }} as link
    inner join {{ ref('checked__invoices') }} as invoice on invoice.invoice_id = link.invoice_id
    left join invoice_money as money on money.invoice_id = link.invoice_id
    where link.reason = 'unknown_deal'
),

missing_amount as (
    select
        'missing_amount' as kind, 'deals' as stream, deal_id as record_id, 'won_without_amount' as reason,
        'won and booked as 0' as detail, 0::bigint as amount_minor, currency,
        'enter the amount in the CRM' as next_action,
        closed_at as since_at
    from {{ ref('deals') }}
    where is_won and amount_is_missing
),

unknown_partner as (
    select
        'unknown_reference' as kind, 'deals' as stream, deal_id as record_id, 'unknown_source_partner' as reason,
        'no partner ' || unknown_source_partner || ': the field was ignored' as detail, amount_minor, currency,
        'correct the partner field in the CRM, or deliver the partner' as next_action,
        source_field_observed_at as since_at
    from {{ ref('checked__deals') }}
    where refusal_reason is null and not is_merged and unknown_source_partner is not null
),

unknown_billing_reference as (
    select
        'unknown_reference' as kind, 'billing_customers' as stream, customer.customer_id as record_id, 'unknown_partner' as reason,
        'no partner ' || customer.unknown_partner || ': the reseller was ignored' as detail, money.amount_minor, money.currency,
        'correct the partner in billing, or deliver the partner' as next_action,
        coalesce(money.since_at, customer.created_at) as since_at
    from {{ ref('checked__billing_customers') }} as customer
    left join customer_money as money on money.customer_id = customer.customer_id
    where customer.unknown_partner is not null
    union all
    select
        'unknown_reference', 'invoices', invoice.invoice_id, 'unknown_subscription',
        'no subscription ' || invoice.unknown_subscription || ': it was ignored', money.amount_minor, money.currency,
        'correct the subscription in billing, or deliver it',
        invoice.issued_at
    from {{ ref('checked__invoices') }} as invoice
    left join invoice_money as money on money.invoice_id = invoice.invoice_id
    where invoice.refusal_reason is null and invoice.unknown_subscription is not null
    union all
    select
        'unknown_reference', 'payment_adjustments', adjustment_id, 'unknown_line',
        'no line ' || unknown_line || ': it counts for the whole invoice', amount_minor, currency,
        'correct the line in billing, or deliver it',
        occurred_at
    from {{ ref('checked__payment_adjustments') }}
    where refusal_reason is null and unknown_line is not null
),

undated_registration as (
    select registration_id, deal_id, account_id, submitted_at
    from {{ ref('deal_registrations') }}
    where status = 'expired' and decided_at is null
),

-- found apart: with `or` in it a left join compares each registration with each deal
undated_registration_deal as (
    select registration.registration_id, live_deal.amount_minor, live_deal.currency
    from undated_registration as registration
    inner join live_deal on live_deal.account_id = registration.account_id
    where registration.deal_id is null or registration.deal_id = live_deal.deal_id
),

undated_evidence as (
    select
        'undated_evidence' as kind, 'deal_registrations' as stream, registration.registration_id as record_id, 'undated_decision' as reason,
        'expired without the date of a decision: it does not count as approved' as detail,
        sum(deal.amount_minor)::bigint as amount_minor, deal.currency,
        'add the date of the decision in the partner system' as next_action,
        registration.submitted_at as since_at
    from undated_registration as registration
    left join undated_registration_deal as deal on deal.registration_id = registration.registration_id
    group by registration.registration_id, registration.submitted_at, deal.currency
),

open_deal_group as (
    select account_id, product, min(deal_id) as first_deal_id, arg_min(created_at, deal_id) as first_created_at
    from live_deal
    where not is_closed and account_id is not null and product is not null
    group by account_id, product
    having count(*) > 1
),

duplicate_deal as (
    select
        'duplicate' as kind, 'deals' as stream, live_deal.deal_id as record_id, 'duplicate_open_deal' as reason,
        'also open for the account and product: ' || open_deal_group.first_deal_id as detail, live_deal.amount_minor, live_deal.currency,
        'merge the deals in the CRM, or close one' as next_action,
        greatest(live_deal.created_at, open_deal_group.first_created_at) as since_at
    from live_deal
    inner join open_deal_group
        on open_deal_group.account_id = live_deal.account_id and open_deal_group.product = live_deal.product
    where not live_deal.is_closed and live_deal.deal_id <> open_deal_group.first_deal_id
),

open_lead as (
    select lead_id, account_id, submitted_at
    from {{ ref('leads') }}
    where coalesce(status, 'new') in ('new', 'working') and not is_future and account_id is not null
),

open_lead_group as (
    select account_id, min(lead_id) as first_lead_id, arg_min(submitted_at, lead_id) as first_submitted_at
    from open_lead
    group by account_id
    having count(*) > 1
),

duplicate_lead as (
    select
        'duplicate' as kind, 'leads' as stream, open_lead.lead_id as record_id, 'duplicate_open_lead' as reason,
        'also open for the account: ' || open_lead_group.first_lead_id as detail, null::bigint as amount_minor, null::varchar as currency,
        'merge the leads in the CRM, or close one' as next_action,
        greatest(open_lead.submitted_at, open_lead_group.first_submitted_at) as since_at
    from open_lead
    inner join open_lead_group on open_lead_group.account_id = open_lead.account_id
    where open_lead.lead_id <> open_lead_group.first_lead_id
),

keyed as (
    select 'partners' as stream, partner_id as record_id, source, record_key, joined_at as dated_at from {{ ref('partners') }}
    union all
    select 'accounts', account_id, source, record_key, created_at from {{ ref('accounts') }}
    union all
    select 'contacts', contact_id, source, record_key, created_at from {{ ref('contacts') }}
    union all
    select 'leads', lead_id, source, record_key, submitted_at from {{ ref('leads') }}
    union all
    select 'deals', deal_id, source, record_key, created_at from {{ ref('deals') }}
    union all
    select 'deal_registrations', registration_id, source, record_key, submitted_at from {{ ref('deal_registrations') }}
),

salesforce_key as (
    select *, {{ other_salesforce_form('record_key') }} as other_form from keyed where strlen(record_key) = 15
),

-- A key that is another one with its three check characters: letters and digits alone do not say whose they are, so people do.
salesforce_twin as (
    select
        'duplicate' as kind, long.stream, long.record_id, 'same_salesforce_id' as reason,
        short.record_id || ' with its check characters: both may be one record' as detail, live_deal.amount_minor, live_deal.currency,
        case when long.stream in ('accounts', 'contacts', 'deals')
            then 'deliver it under one id; a row of the other with merged_into makes them one'
            else 'deliver it under one id; a row of the other with is_deleted takes it out' end as next_action,
        greatest(long.dated_at, short.dated_at) as since_at
    from salesforce_key as short
    inner join keyed as long
        on long.stream = short.stream and long.source = short.source and long.record_key = short.other_form
    left join live_deal on long.stream = 'deals' and live_deal.deal_id = long.record_id
)

select * from ambiguous_customer
union all
select * from unlinked_customer
union all
select * from ambiguous_evidence
union all
select * from ambiguous_overlap
union all
select * from unknown_deal
union all
select * from missing_amount
union all
select * from unknown_partner
union all
select * from unknown_billing_reference
union all
select * from undated_evidence
union all
select * from duplicate_deal
union all
select * from duplicate_lead
union all
select * from salesforce_twin
