-- Touchpoints with account, contact, deal and partner found, or the reason why not.
-- The account is the named deal's, else the touch's own, else its contact's (fine-print 7).
with touchpoints as (
    {{ union_of_sources('touchpoints') | indent }}
),

checked as (
    select
        touchpoints.* exclude (record_key, record_id, record, load_id, account_reference, contact_reference, deal_reference, partner_reference),
        coalesce(deal.account_id, account.account_id, contact.account_id) as account_id,
        contact.contact_id,
        deal.deal_id,
        partner.partner_id,
        {{ refusal_columns([
            unknown('account', 'touchpoints.account_reference', 'account.account_id'),
            unknown('contact', 'touchpoints.contact_reference', 'contact.contact_id'),
            unknown('deal', 'touchpoints.deal_reference', 'deal.deal_id'),
            unknown('partner', 'touchpoints.partner_reference', 'partner.partner_id'),
        ]) | indent(8) }}
    from touchpoints
    left join {{ ref('account_reference') }} as account
        on account.source = touchpoints.source and account.reference = touchpoints.account_reference
    left join {{ ref('contact_reference') }} as contact
        on contact.source = touchpoints.source and contact.reference = touchpoints.contact_reference
    left join {{ ref('deal_reference') }} as deal
        on deal.source = touchpoints.source and deal.reference = touchpoints.deal_reference
    left join {{ ref('partner_reference') }} as partner
        on partner.source = touchpoints.source and partner.reference = touchpoints.partner_reference
)

select * from checked
