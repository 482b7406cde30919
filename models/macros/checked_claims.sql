{# A stream of partners' claims with partner, deal and account found, or the reason why not. The account is the named deal's,
   else the record's own, else the only one with its corporate domain (fine-print 7). #}
{% macro checked_claims(stream) %}
with claim as (
    {{ union_of_sources(stream) | indent }}
),

resolved as (
    select
        claim.* exclude (record_key, record_id, record, load_id, partner_reference, account_reference, deal_reference),
        partner.partner_id,
        deal.deal_id,
        coalesce(deal.account_id, account.account_id) as named_account_id,
        case when deal.account_id is not null then 'deal' when account.account_id is not null then 'explicit' end as named_method,
        case when deal.account_id is null and claim.account_reference is null then claim.domain end as linking_domain,
        {{ refusal_columns([
            unknown('partner', 'claim.partner_reference', 'partner.partner_id'),
            unknown('account', 'claim.account_reference', 'account.account_id'),
            unknown('deal', 'claim.deal_reference', 'deal.deal_id'),
        ]) | indent(8) }}
    from claim
    left join {{ ref('partner_reference') }} as partner
        on partner.source = claim.source and partner.reference = claim.partner_reference
    left join {{ ref('account_reference') }} as account
        on account.source = claim.source and account.reference = claim.account_reference
    left join {{ ref('deal_reference') }} as deal
        on deal.source = claim.source and deal.reference = claim.deal_reference
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
{% endmacro %}
