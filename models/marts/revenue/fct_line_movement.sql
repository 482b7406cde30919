-- Grain: invoice line, basis and event that moved it (fine-print 19). The rate of the one conversion stays on the row; without
-- a rate reporting_amount_minor is null.
with

movements as (
    select * from {{ source('attribution', 'line_movement_named') }}
),

conversions as (
    select * from {{ source('attribution', 'fx_conversion') }}
)

select
    movements.deal_id,
    movements.invoice_id,
    movements.line_id,
    movements.product,
    movements.basis,
    movements.event_kind,
    movements.event_id,
    movements.effective_date,
    cast(date_trunc('month', movements.effective_date) as date) as month,
    movements.currency,
    movements.amount_minor,
    movements.tax_minor,
    movements.reporting_amount_minor,
    conversions.rate_numerator as fx_rate_numerator,
    conversions.rate_denominator as fx_rate_denominator,
    conversions.rate_date as fx_rate_date,
    nullif(conversions.provider, '') as fx_provider,
    conversions.route as fx_route
from movements
left join conversions on movements.fx_index = conversions.fx_index
