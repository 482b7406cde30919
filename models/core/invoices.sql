-- Invoices. The deal that money links to is in invoice_deal_link. Refused records are in refused_record.
select
    checked.invoice_id,
    checked.customer_id,
    checked.deal_id,
    unknown_deal is not null as names_unknown_deal,
    checked.subscription_id,
    checked.issued_at,
    checked.issued_date,
    checked.due_at,
    checked.due_date,
    checked.voided_at,
    checked.voided_date,
    checked.status,
    checked.currency,
    {{ is_future('checked.issued_at') }} as is_future,
    checked.source,
    {{ native_id('invoice_id') }} as record_key
from {{ ref('checked__invoices') }} as checked
cross join {{ source('config', 'setting') }} as setting
where refusal_reason is null
