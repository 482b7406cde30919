-- What a bare deal reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('deal_id') ~ ' as record_id, survivor_id as deal_id, survivor_account_id as account_id
    from ' ~ ref('checked__deals') ~ '
    where refusal_reason is null
', ['deal_id', 'account_id']) }}
