-- Grain: figure, target and role: from a deal, an invoice or a ledger entry to the records, figures and rules that made it.
-- target_id of a record is record_key of lineage_record. Touches of a deal are in fct_touchpoint: `touchpoints/<id>` is their record.
with

deals as (
    select * from {{ ref('deals') }}
    where deal_id in (select deal_id from {{ ref('dim_deal') }})
),

deal_aliases as (
    select * from {{ ref('deal_alias') }}
),

sourcing as (
    select * from {{ ref('fct_deal_sourcing') }}
    where rule is not null
),

conflicts as (
    select * from {{ ref('fct_registration_conflict') }}
    where rule in ('deal_registration', 'partner_lead')
),

invoices as (
    select * from {{ ref('invoices') }}
    where not is_future
),

invoice_links as (
    select * from {{ ref('invoice_deal_link') }}
),

lines as (
    select * from {{ ref('invoice_lines') }}
),

payments as (
    select * from {{ ref('payments') }}
    where invoice_id is not null and not is_future
),

adjustments as (
    select
        adjustments.adjustment_id,
        adjustments.kind,
        returns.invoice_id,
        adjustments.source,
        adjustments.record_key
    from {{ ref('payment_adjustments') }} as adjustments
    inner join (
        select
            billing_return.adjustment_id,
            billing_invoice.invoice_id
        from {{ ref('billing_return') }} as billing_return
        inner join {{ ref('billing_invoice') }} as billing_invoice
            on billing_return.invoice_index = billing_invoice.invoice_index
    ) as returns on adjustments.adjustment_id = returns.adjustment_id
),

entries as (
    select * from {{ ref('fct_commission_entry') }}
),

deal_edges as (
    select
        deal_id as figure_id,
        'record' as target_kind,
        {{ record_key('deals', 'deals') }} as target_id,
        'deal' as role
    from deals
    union all
    select
        survivor_id as figure_id,
        'record' as target_kind,
        {{ record_key('deals', 'deal_aliases') }} as target_id,
        'merged_deal' as role
    from deal_aliases
    union all
    select
        deal_id as figure_id,
        'record' as target_kind,
        'accounts/' || account_id as target_id,
        'account' as role
    from deals
    where account_id is not null
    union all
    select
        deal_id as figure_id,
        'record' as target_kind,
        case
            when rule = 'deal_registration' then 'deal_registrations/' || evidence_id
            when rule = 'partner_lead' then 'leads/' || evidence_id
            when rule in ('crm_field', 'carry_forward') then 'deals/' || evidence_id
            when starts_with(evidence_id, 'lead:') then 'leads/' || substr(evidence_id, 6)
            when starts_with(evidence_id, 'registration:') then 'deal_registrations/' || substr(evidence_id, 14)
            else 'touchpoints/' || evidence_id
        end as target_id,
        'sourcing_evidence' as role
    from sourcing
    union all
    select
        deal_id as figure_id,
        'rule' as target_kind,
        'sourcing/' || rule as target_id,
        'sourcing_rule' as role
    from sourcing
    union all
    select
        deal_id as figure_id,
        'record' as target_kind,
        case rule when 'deal_registration' then 'deal_registrations/' else 'leads/' end || evidence_id as target_id,
        'losing_claim' as role
    from conflicts
),

invoice_edges as (
    select
        invoice_id as figure_id,
        'record' as target_kind,
        {{ record_key('invoices', 'invoices') }} as target_id,
        'invoice' as role
    from invoices
    union all
    select
        invoice_id as figure_id,
        'record' as target_kind,
        'billing_customers/' || customer_id as target_id,
        'customer' as role
    from invoices
    union all
    select
        invoice_id as figure_id,
        'record' as target_kind,
        {{ record_key('invoice_lines', 'lines') }} as target_id,
        'line' as role
    from lines
    union all
    select
        invoice_id as figure_id,
        'record' as target_kind,
        {{ record_key('payments', 'payments') }} as target_id,
        'payment' as role
    from payments
    union all
    select
        invoice_id as figure_id,
        'record' as target_kind,
        {{ record_key('payment_adjustments', 'adjustments') }} as target_id,
        kind as role
    from adjustments
    union all
    select
        invoice_id as figure_id,
        'deal' as target_kind,
        deal_id as target_id,
        'linked_by_' || method as role
    from invoice_links
    where deal_id is not null
),

entry_edges as (
    select
        entries.entry_id as figure_id,
        'record' as target_kind,
        {{ record_key('payments', 'payments') }} as target_id,
        'payment' as role
    from entries
    inner join payments on entries.event_id = payments.payment_id and entries.invoice_id = payments.invoice_id
    where entries.event_kind = 'payment'
    union all
    select
        entry_id as figure_id,
        'record' as target_kind,
        case event_kind
            when 'issue' then 'invoices/'
            when 'close' then 'deals/'
            when 'payout' then 'payouts/'
            else 'payment_adjustments/'
        end || event_id as target_id,
        event_kind as role
    from entries
    where event_kind in (
        'issue', 'close', 'payout', 'refund', 'credit_note', 'dispute_opened', 'dispute_won', 'dispute_lost', 'write_off'
    )
    union all
    select
        entries.entry_id as figure_id,
        'record' as target_kind,
        {{ record_key('invoices', 'invoices') }} as target_id,
        'disputed_invoice' as role
    from entries
    inner join invoices on entries.event_id = invoices.invoice_id
    where entries.event_kind in ('dispute_hold', 'dispute_release')
    union all
    select
        entry_id as figure_id,
        'record' as target_kind,
        'invoice_lines/' || invoice_line_id as target_id,
        'line' as role
    from entries
    where invoice_line_id is not null
    union all
    select
        entry_id as figure_id,
        'rule' as target_kind,
        'plan/' || plan || '@' || plan_version || '/' || component as target_id,
        'plan_rule' as role
    from entries
    where plan is not null and component is not null
    union all
    select
        entry_id as figure_id,
        'deal' as target_kind,
        deal_id as target_id,
        'earned_on' as role
    from entries
    where deal_id is not null
)

select distinct
    'deal' as figure_kind,
    *
from deal_edges
union all
select
    'invoice' as figure_kind,
    *
from invoice_edges
union all
select
    'ledger_entry' as figure_kind,
    *
from entry_edges
