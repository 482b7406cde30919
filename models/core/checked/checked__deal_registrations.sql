-- Deal registrations with partner, deal and account found, or the reason why not.
-- The account is the named deal's, else the record's own, else the only one with its corporate domain (fine-print 7).
with deal_registrations as (
    {{ union_of_sources('deal_registrations') | indent }}
),

resolved as (
    select
        deal_registrations.* exclude (record_key, record_id, record, load_id, partner_reference, account_reference, deal_reference),
        partner.partner_id,
        deal.deal_id,
        coalesce(deal.account_id, account.account_id) as named_account_id,
        case when deal.account_id is not null then 'deal' when account.account_id is not null then 'explicit' end as named_method,
        case when deal.account_id is null and deal_registrations.account_reference is null then deal_registrations.domain end as linking_domain,
        {{ refusal_columns([
            unknown('partner', 'deal_registrations.partner_reference', 'partner.partner_id'),
            unknown('account', 'deal_registrations.account_reference', 'account.account_id'),
            unknown('deal', 'deal_registrations.deal_reference', 'deal.deal_id'),
        ]) | indent(8) }}
    from deal_registrations
    left join {{ ref('partner_reference') }} as partner
        on partner.source = deal_registrations.source and partner.reference = deal_registrations.partner_reference
    left join {{ ref('account_reference') }} as account
        on account.source = deal_registrations.source and account.reference = deal_registrations.account_reference
    left join {{ ref('deal_reference') }} as deal
        on deal.source = deal_registrations.source and deal.reference = deal_registrations.deal_reference
),

checked as (
    select
        resolved.* exclude (named_account_id, named_method, linking_domain),
        coalesce(resolved.named_account_id, corporate.account_id) as account_id,
        coalesce(resolved.named_method, case when corporate.account_id is not null then 'domain' end) as account_method,
        coalesce(corporate.account_count, 0) > 1 as is_ambiguous
    from resolved
    left join {{ ref('corporate_domain') }} as corporate on corporate.domain = resolved.linking_domain
)

select * from checked
