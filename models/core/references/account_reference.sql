-- What a bare account reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('account_id') ~ ' as record_id, survivor_id as account_id
    from ' ~ ref('checked__accounts') ~ '
    where refusal_reason is null
', ['account_id']) }}
