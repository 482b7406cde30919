-- What a bare invoice reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('invoice_id') ~ ' as record_id, invoice_id, currency
    from ' ~ ref('checked__invoices') ~ '
    where refusal_reason is null
', ['invoice_id', 'currency']) }}
