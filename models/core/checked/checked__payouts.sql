-- Payouts with their partner found and their amount in minor units, or the reason why not.
with payouts as (
    {{ union_of_sources('payouts') | indent }}
),

checked as (
    select
        payouts.* exclude (record_key, record_id, record, load_id, partner_reference, amount),
        {{ local_date('payouts.paid_at') }} as paid_date,
        partner.partner_id,
        {{ minor_units('payouts.amount', 'currency.exponent') }} as amount_minor,
        {{ refusal_columns([
            unknown('partner', 'payouts.partner_reference', 'partner.partner_id'),
            [minor_units('payouts.amount', 'currency.exponent') ~ ' is null', 'amount_too_long', 'payouts.amount'],
        ]) | indent(8) }}
    from payouts
    cross join {{ source('config', 'setting') }} as setting
    left join {{ source('config', 'currency') }} as currency on currency.currency = payouts.currency
    left join {{ ref('partner_reference') }} as partner
        on partner.source = payouts.source and partner.reference = payouts.partner_reference
)

select * from checked
