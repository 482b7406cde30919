-- What a bare subscription reference means to each source (fine-print 5).
{{ references_to('
    select source, ' ~ native_id('subscription_id') ~ ' as record_id, subscription_id, deal_id, unknown_deal is not null as names_unknown_deal
    from ' ~ ref('checked__subscriptions') ~ '
    where refusal_reason is null
', ['subscription_id', 'deal_id', 'names_unknown_deal']) }}
