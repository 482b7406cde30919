-- Grain: one row per party, a partner or a channel that competes with partners for credit. Partners first, then channels,
-- each by UTF-8 bytes (fine-print 1); `party_index` is dense from 0, so that the job can use it as an array index.
with

partners as (
    select * from {{ ref('partners') }}
),

touchpoints as (
    select * from {{ ref('touchpoints') }}
),

partner_domains as (
    select * from {{ ref('partner_domain') }}
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
        coalesce(partner_domains.domain_index, -1) as domain_index,
        epoch_us(partners.ended_at_upper) as ended_upper_us
    from partners
    left join partner_domains on partners.domain = partner_domains.domain

    union all

    select
        'channel' as party_kind,
        channel as party_id,
        '' as motion,
        -1 as domain_index,
        null as ended_upper_us
    from channels
),

numbered as (
    select
        cast(row_number() over (order by party_kind = 'channel', party_id) - 1 as integer) as party_index,
        party_kind,
        party_id,
        motion,
        cast(domain_index as integer) as domain_index,
        ended_upper_us
    from parties
)

select * from numbered
