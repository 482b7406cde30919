-- Deals of all sources: account and partners found, amount in minor units, the survivor of merges, and the reason of a refusal.
with recursive deals as (
    {{ union_of_sources('deals') | indent }}
),

{{ merge_ctes('deals', 'deal_id') }},

resolved as (
    select
        deals.* exclude (record_id, record, load_id, account_reference, reseller_partner_reference, amount, currency),
        deals.amount is null as amount_is_missing,
        {{ local_date('deals.created_at') }} as created_date,
        case when deals.is_closed then {{ local_date('deals.closed_at') }} end as closed_date,
        account.account_id,
        source_partner.partner_id as source_partner_id,
        reseller_partner.partner_id as reseller_partner_id,
        coalesce(deals.currency, setting.reporting_currency) as currency,
        {{ minor_units("coalesce(deals.amount, '0')", 'currency.exponent') }} as amount_minor,
        coalesce(merge.survivor_id, deals.deal_id) as survivor_id,
        merge.deal_id is not null as is_merged,
        {{ refusal_columns([
            ['merge.is_cycle', 'merge_cycle', "'merged into itself by way of ' || deals.merged_into_reference"],
            ['merge.deal_id is not null and merge.survivor_id is null', 'unknown_deal', "'no deal ' || deals.merged_into_reference"],
            unknown('account', 'deals.account_reference', 'account.account_id'),
            unknown('partner', 'deals.reseller_partner_reference', 'reseller_partner.partner_id'),
            ['deals.is_closed and deals.closed_at > setting.as_of', 'implausible_closed_at', "'closed at ' || deals.closed_at || ', after the business clock'"],
            [decimals('deals.amount') ~ ' > currency.exponent', 'too_many_decimals', "deals.amount"],
            [minor_units("coalesce(deals.amount, '0')", 'currency.exponent') ~ ' is null', 'amount_too_long', "deals.amount"],
        ]) | indent(8) }}
    from deals
    cross join {{ source('config', 'setting') }} as setting
    left join {{ source('config', 'currency') }} as currency
        on currency.currency = coalesce(deals.currency, setting.reporting_currency)
    left join merge on merge.deal_id = deals.deal_id
    left join {{ ref('account_reference') }} as account
        on account.source = deals.source and account.reference = deals.account_reference
    left join {{ ref('partner_reference') }} as source_partner
        on source_partner.source = deals.source and source_partner.reference = deals.source_partner_reference
    left join {{ ref('partner_reference') }} as reseller_partner
        on reseller_partner.source = deals.source and reseller_partner.reference = deals.reseller_partner_reference
),

checked as (
    select
        resolved.* exclude (record_key, source_partner_reference),
        case when resolved.source_partner_id is null then resolved.source_partner_reference end as unknown_source_partner,
        case
            when resolved.source_partner_id is null then null
            when observation.is_from_creation then resolved.created_at
            else observation.observed_at
        end as source_partner_observed_at
    from resolved
    left join {{ ref('source_partner_observation') }} as observation
        on observation.source = resolved.source
        and observation.record_key = resolved.record_key
        and observation.source_partner_reference = resolved.source_partner_reference
)

{{ refuse_losers_of_refused_survivors('checked', 'deal_id', 'deal') }}
