-- Deals; merged ones are aliases and not here. Refused records are in refused_record.
select
    checked.deal_id,
    checked.account_id,
    checked.name,
    checked.created_at,
    checked.created_at_upper,
    checked.created_date,
    checked.lead_created_at,
    checked.lead_created_at_upper,
    checked.stage,
    case when is_closed then closed_at end as closed_at,
    case when is_closed then closed_at_upper end as closed_at_upper,
    checked.closed_date,
    case when not is_closed then closed_at end as expected_close_at,
    checked.is_closed,
    checked.is_won,
    checked.amount_minor,
    checked.amount_is_missing,
    checked.currency,
    checked.owner,
    checked.source_partner_id,
    case when checked.source_partner_id is not null then checked.source_field_observed_at end as source_partner_observed_at,
    checked.reseller_partner_id,
    checked.product,
    checked.kind,
    {{ is_future('checked.created_at') }} as is_future,
    checked.source,
    {{ native_id('deal_id') }} as record_key
from {{ ref('checked__deals') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
  and not is_merged
