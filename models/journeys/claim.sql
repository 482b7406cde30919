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

account_numbers as (
    select
        account_id,
        any_value(account_index) as account_index
    from deals
    where account_index >= 0
    group by account_id
),

-- net new (fine-print 9): the earliest deal of the account that was open at submission stands in the way of all later ones
registration_accounts as (
    select
        numbered.rule_index,
        numbered.evidence_id,
        numbered.submitted_us,
        deals.account_index
    from numbered
    inner join deals on numbered.deal_id = deals.deal_id
    where numbered.rule_index = 0 and deals.account_index >= 0

    union all

    select
        numbered.rule_index,
        numbered.evidence_id,
        numbered.submitted_us,
        account_numbers.account_index
    from numbered
    inner join account_numbers on numbered.account_id = account_numbers.account_id
    where numbered.rule_index = 0 and numbered.deal_id is null
),

first_open as (
    select
        registration_accounts.rule_index,
        registration_accounts.evidence_id,
        min(deals.created_us) as first_open_us
    from registration_accounts
    inner join deals on registration_accounts.account_index = deals.account_index
    where
        deals.created_us <> {{ missing_instant() }}
        and deals.created_us <= registration_accounts.submitted_us
        and (not deals.is_closed or registration_accounts.submitted_us < deals.closed_upper_us)
    group by registration_accounts.rule_index, registration_accounts.evidence_id
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
    left join first_open
        on
            candidates.rule_index = first_open.rule_index
            and candidates.evidence_id = first_open.evidence_id
)

select * from shaped
order by deal_index, rule_index, submitted_us, evidence_index
