-- Grain: statement line, which is one earning entry of the ledger (domain.md 9). An acceptance by the partner moves no money: it
-- holds for the lines that were seen, until somebody disputes them.
with

lines as (
    select * from {{ source('ledger', 'statement_line_named') }}
),

deal_aliases as (
    select * from {{ ref('deal_alias') }}
),

answers as (
    select
        subject_id as statement_id,
        sequence,
        kind = 'statement_accept' as is_acceptance,
        cast(json_extract_string(detail, '$.line_count') as integer) as line_count,
        from_json(json_extract(detail, '$.line_ids'), '["VARCHAR"]') as line_ids
    from {{ source('ledger', 'decision') }}
    where
        (kind = 'statement_accept' and role = 'partner')
        or (kind = 'statement_dispute' and role in ('finance', 'partner'))
),

answered as (
    select
        entries.entry_id as line_id,
        max(answers.sequence) filter (answers.is_acceptance)
        > coalesce(max(answers.sequence) filter (not answers.is_acceptance), 0) as is_accepted
    from {{ source('ledger', 'statement_entry') }} as entries
    inner join answers
        on
            entries.statement_id = answers.statement_id
            and case
                when answers.line_ids is not null then list_contains(answers.line_ids, entries.entry_id)
                else not answers.is_acceptance or entries.position <= answers.line_count
            end
    group by entries.entry_id
)

select
    lines.line_id,
    lines.statement_id,
    lines.position,
    lines.entry_id,
    lines.partner_id,
    coalesce(deal_aliases.survivor_id, lines.deal_id) as deal_id,
    lines.invoice_id,
    lines.invoice_line_id,
    lines.payment_id,
    lines.entry_type,
    lines.plan,
    lines.plan_version,
    lines.component,
    lines.effective_date,
    lines.held_until,
    lines.currency,
    lines.amount_minor,
    lines.description,
    case lines.state when 'accepted' then 'approved' else lines.state end as state,
    coalesce(answered.is_accepted, false) as is_accepted
from lines
left join answered on lines.line_id = answered.line_id
left join deal_aliases on lines.deal_id = deal_aliases.deal_id
