-- Overlaps with a partner's populations: partner and account found, or the reason why not. A blank account is looked for by its corporate domain.
with account_overlaps as (
    {{ union_of_sources('account_overlaps') | indent }}
),

checked as (
    select
        account_overlaps.* exclude (record_id, record, load_id, partner_reference, account_reference),
        partner.partner_id,
        coalesce(account.account_id, domain.account_id) as account_id,
        coalesce(domain.account_count, 0) > 1 as is_ambiguous,
        {{ refusal_columns([
            unknown('partner', 'account_overlaps.partner_reference', 'partner.partner_id'),
            unknown('account', 'account_overlaps.account_reference', 'account.account_id'),
        ]) | indent(8) }}
    from account_overlaps
    left join {{ ref('partner_reference') }} as partner
        on partner.source = account_overlaps.source and partner.reference = account_overlaps.partner_reference
    left join {{ ref('account_reference') }} as account
        on account.source = account_overlaps.source and account.reference = account_overlaps.account_reference
    left join {{ ref('corporate_domain') }} as domain
        on domain.domain = case when account_overlaps.account_reference is null then account_overlaps.domain end
)

select * from checked
