-- What a bare contact reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('contact_id') ~ ' as record_id, survivor_id as contact_id, survivor_account_id as account_id
    from ' ~ ref('checked__contacts') ~ '
    where refusal_reason is null
', ['contact_id', 'account_id']) }}
