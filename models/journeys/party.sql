-- Grain: one row per party, a partner or a channel that competes with partners for credit. Partners first, then channels,
-- each by UTF-8 bytes (fine-print 1); `party_index` is dense from 0, so that the job can use it as an array index.
with

partners as (
    select * from {{ ref('partners') }}
),

touchpoints as (
    select * from {{ ref('touchpoints') }}
),

channels as (
    select distinct channel
    from touchpoints
    where partner_id is null
),

parties as (
    select
        'partner' as party_kind,
        partners.partner_id as party_id,
        partners.motion,
        epoch_us(partners.ended_at_upper) as ended_upper_us
    from partners

    union all

    select
        'channel' as party_kind,
        channel as party_id,
        '' as motion,
        null as ended_upper_us
    from channels
),

numbered as (
    select
        cast(row_number() over (order by party_kind = 'channel', party_id) - 1 as integer) as party_index,
        party_kind,
        party_id,
        motion,
        ended_upper_us
    from parties
)

select * from numbered
