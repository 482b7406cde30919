-- What a bare partner reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('partner_id') ~ ' as record_id, partner_id
    from ' ~ ref('checked__partners') ~ '
    where refusal_reason is null
', ['partner_id']) }}
