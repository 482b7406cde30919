// Random journeys of any size, straight into schema `journeys` as the models leave it, from a seed and nothing else.
import type { Warehouse } from '../../pipeline/warehouse.ts';

export interface JourneysSize {
  readonly deals: number;
  readonly touches: number;
  readonly partners: number;
  readonly channels: number;
  /** Registrations and leads, each on one deal. */
  readonly claims: number;
  readonly seed: number;
}

/** A deterministic number in [0, below) for each row `i` and purpose. */
const random = (purpose: string, below: number | string, { seed }: JourneysSize) =>
  `cast(hash(i, '${purpose}', ${seed}) % ${below} as bigint)`;

const DAY_US = 86_400_000_000;
/** 2026-01-01T00:00Z; deals are created in the year before it. */
const END_US = 1_767_225_600_000_000;

/** Creates and fills `journeys.party`, `deal`, `touch_kind`, `touch` and `claim`. Ties of time are frequent on purpose. */
export async function generateJourneys(warehouse: Warehouse, size: JourneysSize): Promise<void> {
  const parties = size.partners + size.channels;
  await warehouse.run(`
    create schema if not exists journeys;
    create or replace table journeys.party as
    select
      cast(i as integer) as party_index,
      if(i < ${size.partners}, 'partner', 'channel') as party_kind,
      'party ' || lpad(i::varchar, 6, '0') as party_id,
      ['referral', 'co_sell', 'reseller'][1 + i % 3] as motion,
      cast(null as bigint) as ended_upper_us
    from range(${parties}) as numbers(i);

    create or replace table journeys.self_referral (party_index integer, account_index integer);

    create or replace table journeys.deal as
    with dated as (
      select i, ${END_US} - ${random('created', 365 * 24, size)} * ${DAY_US / 24} as created_us from range(${size.deals}) as numbers(i)
    )
    select
      cast(i as integer) as deal_index,
      'deal ' || lpad(i::varchar, 9, '0') as deal_id,
      cast(i // 2 as integer) as account_index,
      created_us,
      created_us as created_upper_us,
      cast(created_us // ${DAY_US} as integer) as created_day,
      if(i % 3 = 0, -9223372036854775808, created_us - ${random('lead', 60 * 24, size)} * ${DAY_US / 24}) as lead_created_upper_us,
      cast(i % 2 as integer) as is_won,
      created_us + ${30 * DAY_US} as closed_us,
      created_us + ${30 * DAY_US} as closed_upper_us,
      cast(created_us // ${DAY_US} + 30 as integer) as closed_day,
      cast(if(i % 17 = 0, ${random('source', size.partners, size)}, -1) as integer) as source_party_index,
      created_us as source_observed_us
    from dated;

    create or replace table journeys.touch_kind as
    select cast(i as integer) as kind_index, 'kind ' || i as kind from range(6) as numbers(i);

    create or replace table journeys.touch as
    with touches as (
      select
        i,
        cast(${random('deal', size.deals, size)} as integer) as deal_index,
        cast(${random('party', `(1 + ${random('spread', parties, size)})`, size)} as integer) as party_index,
        cast(${random('kind', 6, size)} as integer) as kind_index,
        ${random('hours', 180 * 24, size)} * ${DAY_US / 24} as back_us,
        'touch ' || lpad(i::varchar, 9, '0') as touch_id
      from range(${size.touches}) as numbers(i)
    ),
    ordered as (
      select
        touches.deal_index,
        deal.closed_us - touches.back_us as occurred_us,
        touches.party_index,
        touches.kind_index,
        touches.touch_id
      from touches
      join journeys.deal as deal on deal.deal_index = touches.deal_index
    )
    select
      deal_index,
      occurred_us,
      cast(row_number() over (order by deal_index, occurred_us, touch_id) - 1 as integer) as touch_index,
      party_index,
      kind_index,
      touch_id
    from ordered
    order by touch_index;

    create or replace table journeys.claim as
    with claims as (
      select i, cast(${random('claim', size.deals, size)} as integer) as deal_index from range(${size.claims}) as numbers(i)
    )
    select
      claims.deal_index,
      cast(claims.i % 2 as integer) as rule_index,
      cast(${random('claimant', size.partners, size)} as integer) as party_index,
      cast(claims.i as integer) as evidence_index,
      cast(${random('status', 3, size)} as integer) as status_index,
      deal.created_us - ${random('submitted', 100 * 24, size)} * ${DAY_US / 24} as submitted_us,
      submitted_us + ${DAY_US} as decided_us,
      submitted_us + ${DAY_US} as decided_upper_us,
      -9223372036854775808 as protection_ends_upper_us,
      -9223372036854775808 as first_open_us,
      'claim ' || lpad(claims.i::varchar, 9, '0') as evidence_id
    from claims
    join journeys.deal as deal on deal.deal_index = claims.deal_index
    order by deal_index, rule_index, submitted_us, evidence_index`);
}
