-- Lines of invoices. Refused records are in refused_record.
select
    line_id,
    invoice_id,
    product,
    amount_minor,
    tax_amount_minor,
    list_amount_minor,
    currency,
    period_start,
    period_end,
    source,
    {{ native_id('line_id') }} as record_key
from {{ ref('checked__invoice_lines') }}
where refusal_reason is null
