-- Deals of all sources: account and partners found, amount in minor units, the survivor of merges, and the reason of a refusal.
with recursive deals as (
    {{ union_of_sources('deals') | indent }}
),

{{ merge_ctes('deals', 'deal_id') }},

priced as (
    select
        deals.* exclude (currency),
        coalesce(deals.currency, setting.reporting_currency) as currency,
        currency.exponent,
        {{ minor_units("coalesce(deals.amount, '0')", 'currency.exponent') }} as amount_minor,
        {{ local_date('deals.created_at') }} as created_date,
        case when deals.is_closed then {{ local_date('deals.closed_at') }} end as closed_date,
        deals.is_closed and deals.closed_at > setting.as_of as is_closed_in_future
    from deals
    cross join {{ source('config', 'setting') }} as setting
    left join {{ source('config', 'currency') }} as currency
        on currency.currency = coalesce(deals.currency, setting.reporting_currency)
),

resolved as (
    select
        priced.* exclude (record_id, record, load_id, account_reference, reseller_partner_reference, amount, exponent, is_closed_in_future),
        priced.amount is null as amount_is_missing,
        account.account_id,
        source_partner.partner_id as source_partner_id,
        reseller_partner.partner_id as reseller_partner_id,
        coalesce(merge.survivor_id, priced.deal_id) as survivor_id,
        merge.deal_id is not null as is_merged,
        {{ refusal_columns([
            ['merge.is_cycle', 'merge_cycle', "'merged into itself by way of ' || priced.merged_into_reference"],
            ['merge.deal_id is not null and merge.survivor_id is null', 'unknown_deal', "'no deal ' || priced.merged_into_reference"],
            unknown('account', 'priced.account_reference', 'account.account_id'),
            unknown('partner', 'priced.reseller_partner_reference', 'reseller_partner.partner_id'),
            ['priced.is_closed_in_future', 'implausible_closed_at', "'closed at ' || priced.closed_at || ', after the business clock'"],
            [decimals('priced.amount') ~ ' > priced.exponent', 'too_many_decimals', 'priced.amount'],
            ['priced.amount_minor is null', 'amount_too_long', 'priced.amount'],
        ]) | indent(8) }}
    from priced
    left join merge on merge.deal_id = priced.deal_id
    left join {{ ref('account_reference') }} as account
        on account.source = priced.source and account.reference = priced.account_reference
    left join {{ ref('partner_reference') }} as source_partner
        on source_partner.source = priced.source and source_partner.reference = priced.source_partner_reference
    left join {{ ref('partner_reference') }} as reseller_partner
        on reseller_partner.source = priced.source and reseller_partner.reference = priced.reseller_partner_reference
),

checked as (
    select
        resolved.* exclude (record_key, source_partner_reference),
        case when resolved.source_partner_id is null then resolved.source_partner_reference end as unknown_source_partner,
        case when observation.is_from_creation then resolved.created_at else observation.observed_at end as source_field_observed_at
    from resolved
    left join {{ ref('source_partner_observation') }} as observation
        on observation.source = resolved.source
        and observation.record_key = resolved.record_key
        and observation.source_partner_reference = resolved.source_partner_reference
)

{{ refuse_losers_of_refused_survivors('checked', 'deal_id', 'deal') }}
