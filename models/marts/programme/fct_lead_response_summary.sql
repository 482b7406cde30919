-- Grain: scope (company, partner or owner): median and p90 of the time to a first sales response, and the leads still waiting.
with

responses as (
    select * from {{ ref('fct_lead_response') }}
),

scoped as (
    select
        'company' as scope_kind,
        '' as scope_id,
        *
    from responses
    union all
    select
        'partner' as scope_kind,
        partner_id as scope_id,
        *
    from responses
    union all
    select
        'owner' as scope_kind,
        owner as scope_id,
        *
    from responses
    where owner is not null
)

select
    scope_kind,
    scope_id,
    count(*) as lead_count,
    count(response_minutes) as responded_count,
    quantile_disc(response_minutes, 0.5) as median_minutes,
    quantile_disc(response_minutes, 0.9) as p90_minutes,
    count(waiting_minutes) as waiting_count,
    max(waiting_minutes) as longest_waiting_minutes
from scoped
group by scope_kind, scope_id
