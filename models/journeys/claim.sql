-- Grain: one row per deal and registration or partner lead that is a candidate for it: those that name the deal, else those
-- of its account (fine-print 7), in deal order. `evidence_index` is the order of the evidence ids of a rule;
-- rule 0 is a registration, 1 a lead; status 0 approved (of a lead: good), 1 pending, 2 rejected, 3 expired.
with

registrations as (
    select * from {{ ref('registration_state') }}
),

leads as (
    select * from {{ ref('leads') }}
),

deals as (
    select * from {{ ref('deal') }}
),

parties as (
    select * from {{ ref('party') }}
    where party_kind = 'partner'
),

setting as (
    select * from {{ source('config', 'setting') }}
),

evidence as (
    select
        0 as rule_index,
        registration_id as evidence_id,
        partner_id,
        deal_id,
        account_id,
        case status when 'approved' then 0 when 'pending' then 1 when 'rejected' then 2 else 3 end as status_index,
        epoch_us(submitted_at) as submitted_us,
        epoch_us(decided_at) as decided_us,
        epoch_us(decided_at_upper) as decided_upper_us,
        coalesce(epoch_us(protection_ends_at_upper), {{ missing_instant() }}) as protection_ends_upper_us
    from registrations

    union all

    select
        1 as rule_index,
        leads.lead_id as evidence_id,
        leads.partner_id,
        leads.deal_id,
        leads.account_id,
        case leads.status when 'rejected' then 2 else 0 end as status_index,
        epoch_us(leads.submitted_at) as submitted_us,
        epoch_us(leads.submitted_at) as decided_us,
        epoch_us(leads.submitted_at) as decided_upper_us,
        {{ missing_instant() }} as protection_ends_upper_us
    from leads
    cross join setting
    where leads.partner_id is not null and leads.submitted_at <= setting.as_of
),

numbered as (
    select
        *,
        row_number() over (partition by rule_index order by evidence_id) - 1 as evidence_index
    from evidence
),

-- net new (fine-print 9): the earliest deal of the account that was open at submission stands in the way of all later ones
named_account as (
    select
        numbered.evidence_id,
        numbered.submitted_us,
        coalesce(named.account_index, of_account.account_index) as account_index
    from numbered
    left join deals as named on numbered.deal_id = named.deal_id
    left join (select distinct account_id, account_index from deals) as of_account
        on numbered.deal_id is null and numbered.account_id = of_account.account_id
    where numbered.rule_index = 0
),

first_open as (
    select
        named_account.evidence_id,
        min(deals.created_us) as first_open_us
    from named_account
    inner join deals on named_account.account_index = deals.account_index
    where
        deals.account_index >= 0
        and deals.created_us <> {{ missing_instant() }}
        and deals.created_us <= named_account.submitted_us
        and (not deals.is_closed or named_account.submitted_us < deals.closed_upper_us)
    group by named_account.evidence_id
),

named as (
    select
        deals.deal_index,
        numbered.*
    from numbered
    inner join deals on numbered.deal_id = deals.deal_id
),

of_account as (
    select
        deals.deal_index,
        numbered.*
    from numbered
    inner join deals on numbered.account_id = deals.account_id
    where numbered.deal_id is null
),

candidates as (
    select * from named
    union all
    select * from of_account
),

shaped as (
    select
        candidates.deal_index,
        cast(candidates.rule_index as integer) as rule_index,
        parties.party_index,
        cast(candidates.evidence_index as integer) as evidence_index,
        cast(candidates.status_index as integer) as status_index,
        candidates.submitted_us,
        candidates.decided_us,
        candidates.decided_upper_us,
        candidates.protection_ends_upper_us,
        coalesce(first_open.first_open_us, {{ missing_instant() }}) as first_open_us,
        candidates.evidence_id
    from candidates
    inner join parties on candidates.partner_id = parties.party_id
    left join first_open on candidates.rule_index = 0 and candidates.evidence_id = first_open.evidence_id
)

select * from shaped
order by deal_index, rule_index, submitted_us, evidence_index
