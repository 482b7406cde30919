// The heuristic methods as an analyst would write them: SQL windows, exact integers, largest remainder. It shares no code
// with attribution/, so it is both what the job is measured against and the oracle of its tests.
import type { MethodName } from '../../attribution/methods/registry.ts';

export interface SqlSettings {
  readonly half_life_days: number;
  /** Weight of each touch kind, by `kind_index`. */
  readonly custom: readonly number[];
}

/** Milestones share 90 (100 where no touch is without one), the others 10; in twelfths, so that up to four divide them. */
const milestoneWeight = (holds: string, milestones: string, others: string) => `case
    when ${others} = 0 then ${holds} * 1200 // ${milestones}
    when ${holds} = 0 then 120
    else ${holds} * (1080 // ${milestones}) * ${others} end`;

function touchWeight(method: MethodName, { half_life_days, custom }: SqlSettings): string {
  switch (method) {
    case 'first_touch':
      return 'cast(place = 1 as bigint)';
    case 'last_touch':
      return 'cast(place = touches as bigint)';
    case 'linear':
      return 'cast(1 as bigint)';
    case 'u_shaped':
      return 'case when touches <= 2 then 1 when place in (1, touches) then 40 * (touches - 2) else 20 end';
    case 'w_shaped':
      return milestoneWeight('w_holds', 'w_milestones', 'w_others');
    case 'full_path':
      return milestoneWeight('full_holds', 'full_milestones', 'full_others');
    case 'time_decay':
      return `cast(round_even(pow(2.0, 40 - (latest_us - occurred_us) / ${half_life_days * 86_400_000_000}), 0) as bigint)`;
    case 'custom':
      return `case kind_index ${custom.map((weight, kind) => `when ${kind} then ${weight}`).join(' ')} else 0 end`;
  }
}

const holds = (...places: string[]) =>
  places.map((place) => `coalesce(cast(place = ${place} as integer), 0)`).join(' + ');
const present = (...places: string[]) => places.map((place) => `cast(${place} is not null as integer)`).join(' + ');

/** Parts of 10⁹ per deal and party, one column per method, from `journeys.touch` and `journeys.deal`. */
export function sqlWindows(methods: readonly MethodName[], settings: SqlSettings): string {
  const milestones = methods.some((method) => method === 'w_shaped' || method === 'full_path');
  const wide = (method: MethodName) => (method === 'time_decay' ? 'hugeint' : 'bigint');
  return `
  with placed as (
    select
      touch.deal_index, touch.party_index, touch.kind_index, touch.occurred_us,
      row_number() over (partition by touch.deal_index order by touch.occurred_us, touch.touch_index) as place,
      count(*) over (partition by touch.deal_index) as touches,
      max(touch.occurred_us) over (partition by touch.deal_index) as latest_us
    from journeys.touch as touch
  )
  ${
    milestones
      ? `, reached as (
    select
      placed.*,
      max(case when placed.occurred_us <= deal.lead_created_upper_us then placed.place end) over (partition by placed.deal_index) as lead_place,
      max(case when placed.occurred_us <= deal.created_upper_us then placed.place end) over (partition by placed.deal_index) as deal_place
    from placed join journeys.deal as deal on deal.deal_index = placed.deal_index
  ), held as (
    select *,
      ${holds('1', 'lead_place', 'deal_place')} as w_holds,
      ${holds('1', 'lead_place', 'deal_place', 'touches')} as full_holds,
      1 + ${present('lead_place', 'deal_place')} as w_milestones,
      2 + ${present('lead_place', 'deal_place')} as full_milestones
    from reached
  ), touch as (
    select *,
      count(*) filter (where w_holds = 0) over (partition by deal_index) as w_others,
      count(*) filter (where full_holds = 0) over (partition by deal_index) as full_others
    from held
  )`
      : ', touch as (select * from placed)'
  }
  , party as (
    select deal_index, party_index,
      ${methods.map((method) => `cast(sum(${touchWeight(method, settings)}) as ${wide(method)}) as ${method}`).join(',\n      ')}
    from touch
    group by deal_index, party_index
  ), total as (
    select *, ${methods.map((method) => `cast(sum(${method}) over (partition by deal_index) as ${wide(method)}) as ${method}_total`).join(', ')}
    from party
  ), floored as (
    select *, ${methods
      .map(
        (method) =>
          `cast(${method} * 1000000000 // ${method}_total as bigint) as ${method}_floor, ${method} * 1000000000 % ${method}_total as ${method}_rest`,
      )
      .join(', ')}
    from total
  ), ranked as (
    select *, ${methods
      .map(
        (method) =>
          `row_number() over (partition by deal_index order by ${method}_rest desc, party_index) as ${method}_rank, 1000000000 - sum(${method}_floor) over (partition by deal_index) as ${method}_left`,
      )
      .join(', ')}
    from floored
  )
  select deal_index, party_index,
    ${methods.map((method) => `cast(${method}_floor + cast(${method}_rank <= ${method}_left as integer) as integer) as ${method}`).join(', ')}
  from ranked`;
}
