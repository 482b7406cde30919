-- Stages that deals entered, with their deal found or the reason why not.
with deal_stages as (
    {{ union_of_sources('deal_stages') | indent }}
),

checked as (
    select
        deal_stages.* exclude (record_id, record, load_id, deal_reference),
        deal.deal_id,
        {{ refusal_columns([unknown('deal', 'deal_stages.deal_reference', 'deal.deal_id')]) | indent(8) }}
    from deal_stages
    left join {{ ref('deal_reference') }} as deal
        on deal.source = deal_stages.source and deal.reference = deal_stages.deal_reference
)

select * from checked
