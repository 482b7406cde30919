-- What a bare customer reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('customer_id') ~ ' as record_id, customer_id
    from ' ~ ref('checked__billing_customers') ~ '
    where refusal_reason is null
', ['customer_id']) }}
