-- Enablement events with their partner found, or the reason why not.
with enablement as (
    {{ union_of_sources('enablement') | indent }}
),

checked as (
    select
        enablement.* exclude (record_key, record_id, record, load_id, partner_reference),
        partner.partner_id,
        {{ refusal_columns([unknown('partner', 'enablement.partner_reference', 'partner.partner_id')]) | indent(8) }}
    from enablement
    left join {{ ref('partner_reference') }} as partner
        on partner.source = enablement.source and partner.reference = enablement.partner_reference
)

select * from checked
