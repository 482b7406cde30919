// What is known of each won deal where its earners are decided: the parts that partners had in it, what is locked, what people
// overruled. Read as one numeric stream.
import type { WarehousePort } from '../../ports.ts';
import { countRows } from '../../sql.ts';
import { joinAlias, standingDeal } from '../entry-sql.ts';
import type { PlanVersion } from '../plans/plan.ts';
import type { DealEvidence, DealPart, Lock } from './earners.ts';
import { EVERY_ORIGIN } from './origins.ts';

/** SQL of the number that tells customers apart: an account, or a deal that has none. */
export function customerOf(deal: string): string {
  return `case when ${deal}.account_index >= 0 then ${deal}.account_index else -2 - ${deal}.deal_index end`;
}

const KINDS = { evidence: 0, lock: 1, override: 2 } as const;

/**
 * One row a part, a lock or an override, deal by deal; locks in the order of posting. Indexes of what is unknown are −1.
 */
const partsQuery = `
  with won as (
    select deal_index, deal_id, closed_us, closed_day, account_index, reseller_party_index, ${customerOf('deal')} as customer
    from journeys.deal as deal where is_won = 1
  ), influence as (
    select credit.deal_index, credit.party_index
    from attribution.credit as credit
    inner join journeys.party as party on credit.party_index = party.party_index and party.party_kind = 'partner'
    left join attribution.sourcing as sourcing on credit.deal_index = sourcing.deal_index
    where credit.party_index is distinct from sourcing.party_index
  ), locked as (
    select ${standingDeal} as deal_id, 0 as origin, partner_id, role, arg_min(plan, first_sequence) as plan,
      arg_min(plan_version, first_sequence) as plan_version, arg_min(pool_size, first_sequence) as pool_size,
      min(evidence_sequence) as evidence_sequence
    from attribution.commission_lock as entry
    ${joinAlias}
    where ${standingDeal} not in (select apart.deal_id from attribution.commission_origin as apart)
    group by ${standingDeal}, partner_id, role
    union all by name
    select * exclude (first_sequence) from attribution.commission_origin_lock
  ), part as (
    select deal_index, ${EVERY_ORIGIN} as origin, party_index, 0 as role, ${KINDS.evidence} as kind, -1 as version_index,
      -1 as pool_size, cast(null as bigint) as evidence_sequence
    from attribution.sourcing where party_index >= 0
    union all
    select deal_index, ${EVERY_ORIGIN}, party_index, 1, ${KINDS.evidence}, -1, -1, null from influence
    union all
    select won.deal_index, locked.origin, party.party_index, cast(locked.role = 'influenced' as integer), ${KINDS.lock},
      version.version_index, locked.pool_size, locked.evidence_sequence
    from locked
    inner join won on locked.deal_id = won.deal_id
    inner join journeys.party as party on locked.partner_id = party.party_id and party.party_kind = 'partner'
    inner join attribution.commission_plan as version
      on locked.plan = version.plan and locked.plan_version = version.plan_version
    union all
    select won.deal_index, override.origin, party.party_index, 0, ${KINDS.override}, -1, -1, null
    from attribution.commission_override as override
    inner join won on override.deal_id = won.deal_id
    inner join journeys.party as party on override.partner_id = party.party_id and party.party_kind = 'partner'
  )
  select part.deal_index, part.origin, part.party_index, part.role, part.kind, part.version_index, part.pool_size,
    won.customer, won.closed_day,
    cast(coalesce(party.ended_upper_us < won.closed_us, false) as integer) as has_ended,
    cast(part.party_index = won.reseller_party_index as integer) as is_reseller,
    cast(self_referral.party_index is not null as integer) as is_self_referral,
    cast(part.evidence_sequence is null as integer) as is_by_override
  from part
  inner join won on part.deal_index = won.deal_index
  inner join journeys.party as party on part.party_index = party.party_index
  left join journeys.self_referral as self_referral
    on part.party_index = self_referral.party_index and won.account_index = self_referral.account_index
  order by part.deal_index, part.role, part.kind, part.evidence_sequence nulls last, part.party_index`;

const partColumns = [
  'deal_index',
  'origin',
  'party_index',
  'role',
  'kind',
  'version_index',
  'pool_size',
  'customer',
  'closed_day',
  'has_ended',
  'is_reseller',
  'is_self_referral',
  'is_by_override',
] as const;

const columnOf = Object.fromEntries(partColumns.map((column, index) => [column, index])) as Record<
  (typeof partColumns)[number],
  number
>;

/**
 * Hands over each won deal with what is known of its partners, in the order of deal_index: once, or for each origin of one that
 * several paid deals live on in.
 */
export async function eachDeal(
  warehouse: WarehousePort,
  versions: readonly PlanVersion[],
  visit: (origins: readonly DealEvidence[]) => void,
): Promise<void> {
  const integers = partColumns.map((column) => `cast(${column} as integer) as ${column}`).join(', ');
  await warehouse.run(`create or replace table attribution.commission_part as select ${integers} from (${partsQuery})`);
  const rowCount = await countRows(warehouse, 'attribution.commission_part');
  let deal = -1;
  let evidence = noEvidence();
  const finish = () => {
    if (deal !== -1) visit(originsOf(evidence));
    evidence = noEvidence();
  };
  for await (const batch of warehouse.stream('select * from attribution.commission_part', rowCount))
    for (let row = 0; row < batch.rowCount; row++) {
      const at = (column: (typeof partColumns)[number]) => batch.columns[columnOf[column]]![row] as number;
      const dealIndex = at('deal_index');
      if (dealIndex !== deal) {
        finish();
        deal = dealIndex;
      }
      const role = at('role') === 0 ? 'sourced' : 'influenced';
      const part = {
        deal,
        party: at('party_index'),
        role,
        customer: at('customer'),
        close_day: at('closed_day'),
        is_reseller: at('is_reseller') === 1,
      } as const;
      const kind = at('kind');
      const pool_size = at('pool_size');
      const origin = at('origin');
      if (kind === KINDS.override)
        evidence.overrides.push({ ...part, origin, has_ended: false, is_self_referral: false });
      else if (kind === KINDS.lock)
        evidence.locks.push({
          ...part,
          origin,
          version: versions[at('version_index')]!,
          pool_size: pool_size < 0 ? null : pool_size,
          is_by_override: at('is_by_override') === 1,
        });
      else
        evidence.parts.push({
          ...part,
          has_ended: at('has_ended') === 1,
          is_self_referral: at('is_self_referral') === 1,
        });
    }
  finish();
}

type OfOrigin = { readonly origin: number };
type Gathered = { parts: DealPart[]; locks: (Lock & OfOrigin)[]; overrides: (DealPart & OfOrigin)[] };

function noEvidence(): Gathered {
  return { parts: [], locks: [], overrides: [] };
}

function originsOf({ parts, locks, overrides }: Gathered): DealEvidence[] {
  const count = 1 + Math.max(0, ...locks.map(({ origin }) => origin));
  return Array.from({ length: count }, (_, origin) => {
    const isOwn = (one: OfOrigin) => one.origin === origin || one.origin === EVERY_ORIGIN;
    return { parts, locks: locks.filter(isOwn), override: overrides.find(isOwn) };
  });
}
