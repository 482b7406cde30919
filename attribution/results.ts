// The tables that the journeys pass leaves: integers as it wrote them (`credit`, `touch_credit`, `sourcing`, `loss`, `window_*`), and
// what others read, with ids and names put back: `deal_sourcing`, `registration_conflict`, `deal_influence`, `weight`,
// `touch_weight`, `window_deal`.
import { DAY_US } from './columns.ts';
import type { WarehousePort } from './ports.ts';
import { lossReasons, ruleNames } from './sourcing.ts';
import { nameOf } from './sql.ts';
import { sensitivityWindows } from './windows.ts';

/** `party_index` of what no party of a deal earned. */
export const UNATTRIBUTED = -1;

/** Creates the integer tables, empty. */
export async function createTables(warehouse: WarehousePort, methods: readonly string[]): Promise<void> {
  await warehouse.run(`
    create schema if not exists attribution;
    create or replace table attribution.credit (
      deal_index integer, party_index integer, touchpoint_count integer, first_touch_us bigint, last_touch_us bigint,
      ${methods.map((method) => `${method} integer`).join(', ')}
    );
    create or replace table attribution.touch_credit (
      touch_index integer, ${methods.map((method) => `${method} integer`).join(', ')}
    );
    create or replace table attribution.sourcing (
      deal_index integer, rule_index integer, party_index integer, evidence_index integer, evidence_us bigint
    );
    create or replace table attribution.window_reach (
      deal_index integer, party_index integer, last_touch_us bigint
    );
    create or replace table attribution.window_sourcing (
      window_days integer, deal_index integer, party_index integer
    );
    create or replace table attribution.loss (
      deal_index integer, rule_index integer, party_index integer, evidence_index integer, reason_index integer
    )`);
}

/** Puts ids and names to the integer tables. Weights and influence are views: their mart is where they come to rest. */
export async function publishResults(warehouse: WarehousePort, methods: readonly string[]): Promise<void> {
  await warehouse.run(dealSourcing);
  await warehouse.run(registrationConflict);
  await warehouse.run(dealInfluence);
  await warehouse.run(weight(methods));
  await warehouse.run(touchWeight(methods));
  await warehouse.run(windowDeal);
}

const FIRST_TOUCH = ruleNames.indexOf('first_touch');

const rule = (table: string) => nameOf(`${table}.rule_index`, ruleNames);
/** The evidence of a claim: a registration, a lead, the deal's own field, or its first touch. */
const evidence = (table: string) => `case ${table}.rule_index
      when ${ruleNames.indexOf('crm_field')} then deal.deal_id
      when ${FIRST_TOUCH} then first_touch.touch_id
      else claim.evidence_id end`;

/** The first touches that a table names as evidence. */
const firstTouchesOf = (table: string) => `
    select touch.touch_index, touch.touch_id, named.rule_index
    from journeys.touch as touch
    join (select distinct rule_index, evidence_index from ${table} where rule_index = ${FIRST_TOUCH}) as named
      on named.evidence_index = touch.touch_index`;

// `conflict_count`: other partners' registrations of any status, submitted by the close (fine-print 12).
const dealSourcing = `
  create or replace table attribution.deal_sourcing as
  with conflict as (
    select claim.deal_index, count(*) as conflict_count
    from journeys.claim as claim
    join journeys.deal as deal on deal.deal_index = claim.deal_index
    left join attribution.sourcing as sourcing on sourcing.deal_index = claim.deal_index
    where claim.rule_index = ${ruleNames.indexOf('deal_registration')}
      and claim.submitted_us <= deal.closed_upper_us
      and claim.party_index is distinct from sourcing.party_index
    group by claim.deal_index
  ), first_touch as (
    ${firstTouchesOf('attribution.sourcing')}
  ), origin as (
    select sourcing.deal_index, deal.deal_id
    from attribution.sourcing as sourcing
    join journeys.deal as deal on deal.deal_index = sourcing.evidence_index
    where sourcing.rule_index = ${ruleNames.indexOf('carry_forward')}
  )
  select
    deal.deal_id,
    party.party_id as partner_id,
    ${rule('sourcing')} as rule,
    coalesce(origin.deal_id, ${evidence('sourcing')}) as evidence_id,
    make_timestamptz(sourcing.evidence_us) as evidence_at,
    cast(coalesce(conflict.conflict_count, 0) as integer) as conflict_count
  from journeys.deal as deal
  left join attribution.sourcing as sourcing on sourcing.deal_index = deal.deal_index
  left join journeys.party as party on party.party_index = sourcing.party_index
  left join journeys.claim as claim
    on claim.deal_index = sourcing.deal_index
    and claim.rule_index = sourcing.rule_index
    and claim.evidence_index = sourcing.evidence_index
  left join first_touch on first_touch.touch_index = sourcing.evidence_index and first_touch.rule_index = sourcing.rule_index
  left join origin on origin.deal_index = deal.deal_index
  left join conflict on conflict.deal_index = deal.deal_index
  order by deal.deal_index`;

// A partner's own further claims on a deal that it sourced are no conflict.
const registrationConflict = `
  create or replace table attribution.registration_conflict as
  with first_touch as (
    ${firstTouchesOf('attribution.loss')}
  )
  select
    deal.deal_id,
    party.party_id as partner_id,
    ${evidence('loss')} as evidence_id,
    ${rule('loss')} as rule,
    ${nameOf('loss.reason_index', Object.keys(lossReasons))} as reason
  from attribution.loss as loss
  join journeys.deal as deal on deal.deal_index = loss.deal_index
  join journeys.party as party on party.party_index = loss.party_index
  left join attribution.sourcing as sourcing on sourcing.deal_index = loss.deal_index
  left join journeys.claim as claim
    on claim.deal_index = loss.deal_index
    and claim.rule_index = loss.rule_index
    and claim.evidence_index = loss.evidence_index
  left join first_touch on first_touch.touch_index = loss.evidence_index and first_touch.rule_index = loss.rule_index
  where loss.party_index is distinct from sourcing.party_index
  order by loss.deal_index, loss.rule_index, loss.evidence_index`;

const dealInfluence = `
  create or replace view attribution.deal_influence as
  select
    deal.deal_id,
    party.party_id as partner_id,
    credit.touchpoint_count,
    make_timestamptz(credit.first_touch_us) as first_touch_at,
    make_timestamptz(credit.last_touch_us) as last_touch_at
  from attribution.credit as credit
  join journeys.party as party on party.party_index = credit.party_index and party.party_kind = 'partner'
  join journeys.deal as deal on deal.deal_index = credit.deal_index
  left join attribution.sourcing as sourcing on sourcing.deal_index = credit.deal_index
  where credit.party_index is distinct from sourcing.party_index`;

// Deals that are sourced or influenced under each window of windows.ts.
const windowDeal = `
  create or replace view attribution.window_deal as
  with reach as (
    select credit.deal_index, credit.party_index, credit.last_touch_us
    from attribution.credit as credit
    join journeys.party as party on party.party_index = credit.party_index and party.party_kind = 'partner'
    union all
    select deal_index, party_index, last_touch_us from attribution.window_reach
  ), windows as (
    select unnest([${sensitivityWindows.join(', ')}])::integer as window_days
  ), influenced as (
    select distinct windows.window_days, reach.deal_index
    from reach
    join journeys.deal as deal on deal.deal_index = reach.deal_index
    cross join windows
    left join attribution.window_sourcing as sourcing
      on sourcing.window_days = windows.window_days and sourcing.deal_index = reach.deal_index
    where reach.last_touch_us >= deal.created_us - windows.window_days::bigint * ${DAY_US}
      and reach.party_index is distinct from sourcing.party_index
  ), involved as (
    select window_days, deal_index, true as is_sourced, false as is_influenced from attribution.window_sourcing
    union all
    select window_days, deal_index, false, true from influenced
  )
  select
    involved.window_days,
    deal.deal_id,
    bool_or(involved.is_sourced) as is_sourced,
    bool_or(involved.is_influenced) as is_influenced
  from involved
  join journeys.deal as deal on deal.deal_index = involved.deal_index
  group by involved.window_days, deal.deal_id`;

function weight(methods: readonly string[]): string {
  return `
  create or replace view attribution.weight as
  select
    deal.deal_id,
    coalesce(party.party_kind, 'unattributed') as party_kind,
    coalesce(party.party_id, '') as party_id,
    ${methods.map((method) => `cast(credit.${method} as bigint) as ${method}`).join(',\n    ')}
  from attribution.credit as credit
  join journeys.deal as deal on deal.deal_index = credit.deal_index
  left join journeys.party as party on party.party_index = credit.party_index`;
}

/** The parts of each touch: of its party's parts, what its weight makes; they add up to the party's. */
function touchWeight(methods: readonly string[]): string {
  return `
  create or replace view attribution.touch_weight as
  select
    deal.deal_id,
    touch.touch_id as touchpoint_id,
    ${methods.map((method) => `cast(credit.${method} as bigint) as ${method}`).join(',\n    ')}
  from attribution.touch_credit as credit
  join journeys.touch as touch on touch.touch_index = credit.touch_index
  join journeys.deal as deal on deal.deal_index = touch.deal_index`;
}
