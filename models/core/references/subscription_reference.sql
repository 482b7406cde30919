-- What a bare subscription reference means to each source (fine-print 5).
{{ references_to('
    select source, record_id, subscription_id, deal_id, deal_reference is not null and deal_id is null as names_unknown_deal
    from ' ~ ref('checked__subscriptions') ~ '
    where refusal_reason is null
', ['subscription_id', 'deal_id', 'names_unknown_deal']) }}
