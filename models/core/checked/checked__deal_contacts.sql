-- Contacts of deals, with both found or the reason why not.
with deal_contacts as (
    {{ union_of_sources('deal_contacts') | indent }}
),

checked as (
    select
        deal_contacts.* exclude (record_id, record, load_id, deal_reference, contact_reference),
        deal.deal_id,
        contact.contact_id,
        {{ refusal_columns([
            unknown('deal', 'deal_contacts.deal_reference', 'deal.deal_id'),
            unknown('contact', 'deal_contacts.contact_reference', 'contact.contact_id'),
        ]) | indent(8) }}
    from deal_contacts
    left join {{ ref('deal_reference') }} as deal
        on deal.source = deal_contacts.source and deal.reference = deal_contacts.deal_reference
    left join {{ ref('contact_reference') }} as contact
        on contact.source = deal_contacts.source and contact.reference = deal_contacts.contact_reference
)

select * from checked
