-- Agreements with their partner and plan found, or the reason why not.
with partner_agreements as (
    {{ union_of_sources('partner_agreements') | indent }}
),

plans as (
    select distinct plan from {{ source('config', 'plan') }}
),

checked as (
    select
        partner_agreements.* exclude (record_key, record_id, record, load_id, partner_reference),
        partner.partner_id,
        {{ refusal_columns([
            unknown('partner', 'partner_agreements.partner_reference', 'partner.partner_id'),
            ['plans.plan is null', 'unknown_plan', "'no plan ' || partner_agreements.plan"],
        ]) | indent(8) }}
    from partner_agreements
    left join {{ ref('partner_reference') }} as partner
        on partner.source = partner_agreements.source and partner.reference = partner_agreements.partner_reference
    left join plans on plans.plan = partner_agreements.plan
)

select * from checked
