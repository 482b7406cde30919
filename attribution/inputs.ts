// The inputs of the journeys pass as dbt prepares them in schema `journeys` (see its .yml), read into dense arrays.
import { type MotionName, motionNames } from '../core/programme.ts';
import { instants, MISSING_US } from './columns.ts';
import type { Batch, NumericColumn, WarehousePort } from './ports.ts';
import type { Claim, DealFacts, PartnerFacts, RegistrationClaim } from './sourcing.ts';
import { countRows } from './sql.ts';

/** Facts of all deals, by `deal_index`; 1 M deals take about 100 MB. An unknown instant is `MISSING_US`. */
export interface Deals {
  readonly count: number;
  readonly account_index: Int32Array;
  readonly created_us: Float64Array;
  readonly created_upper_us: Float64Array;
  readonly created_day: Int32Array;
  readonly lead_created_upper_us: Float64Array;
  readonly closed_us: Float64Array;
  readonly closed_upper_us: Float64Array;
  readonly closed_day: Int32Array;
  readonly is_won: Int32Array;
  readonly source_party_index: Int32Array;
  readonly source_observed_us: Float64Array;
}

const dealIntegers = ['account_index', 'created_day', 'closed_day', 'is_won', 'source_party_index'] as const;
const dealInstants = [
  'created_us',
  'created_upper_us',
  'lead_created_upper_us',
  'closed_us',
  'closed_upper_us',
  'source_observed_us',
] as const;

/** Reads every deal. Throws when `deal_index` is not dense from 0. */
export async function readDeals(warehouse: WarehousePort): Promise<Deals> {
  const count = await countRows(warehouse, 'journeys.deal');
  const integers = Object.fromEntries(dealIntegers.map((name) => [name, new Int32Array(count)]));
  const times = Object.fromEntries(dealInstants.map((name) => [name, new Float64Array(count)]));
  const columns = [...dealIntegers, ...dealInstants];
  let read = 0;
  for await (const batch of warehouse.stream(`select deal_index, ${columns.join(', ')} from journeys.deal`, count)) {
    const places = batch.columns[0] as Int32Array;
    for (const [position, name] of columns.entries()) {
      const column = batch.columns[position + 1]!;
      if (name in integers) scatter(column, places, integers[name]!);
      else scatter(instants(column), places, times[name]!);
    }
    read += places.filter((place) => place >= 0 && place < count).length;
  }
  if (read !== count) throw new Error('journeys.deal: deal_index is not dense from 0');
  return { count, ...integers, ...times } as unknown as Deals;
}

function scatter(from: NumericColumn, places: Int32Array, into: Int32Array | Float64Array): void {
  for (let row = 0; row < places.length; row++) into[places[row]!] = Number(from[row]);
}

export interface Parties {
  readonly count: number;
  /** Partners come first: `party_index` below this is a partner. */
  readonly partners: readonly PartnerFacts[];
}

interface PartyRow {
  party_index: number;
  party_kind: 'partner' | 'channel';
  motion: string;
  ended_upper_us: bigint | null;
}

/** Reads partners and channels, in party order. */
export async function readParties(warehouse: WarehousePort): Promise<Parties> {
  const rows = await warehouse.rows<PartyRow>(
    'select party_index, party_kind, motion, ended_upper_us from journeys.party order by party_index',
  );
  const misplaced = rows.find((row, position) => row.party_index !== position);
  if (misplaced) throw new Error(`journeys.party: party_index ${misplaced.party_index} is out of place`);
  const own = await ownAccounts(warehouse);
  const partners = rows
    .filter(({ party_kind }) => party_kind === 'partner')
    .map((row) => partnerFacts(row, own.get(row.party_index) ?? new Set()));
  return { count: rows.length, partners };
}

async function ownAccounts(warehouse: WarehousePort): Promise<Map<number, Set<number>>> {
  const own = new Map<number, Set<number>>();
  const rows = await warehouse.rows<{ party_index: number; account_index: number }>('from journeys.self_referral');
  for (const { party_index, account_index } of rows)
    own.getOrInsertComputed(party_index, () => new Set()).add(account_index);
  return own;
}

function partnerFacts({ motion, ended_upper_us }: PartyRow, own_accounts: ReadonlySet<number>): PartnerFacts {
  if (!motionNames.includes(motion as MotionName)) throw new Error(`journeys.party: unknown motion ${motion}`);
  return {
    motion: motion as MotionName,
    own_accounts,
    ended_upper_us: ended_upper_us === null ? null : Number(ended_upper_us),
  };
}

/** The facts of one deal that sourcing asks for. */
export function dealFacts(deals: Deals, deal: number): DealFacts {
  return {
    created_us: known(deals.created_us[deal]!),
    created_upper_us: deals.created_upper_us[deal]!,
    closed_upper_us: deals.closed_upper_us[deal]!,
    account_index: deals.account_index[deal]!,
  };
}

/** An instant in microseconds, or null where it is missing. */
export function known(instant_us: number): number | null {
  return instant_us === MISSING_US ? null : instant_us;
}

const claimColumns = [
  'deal_index',
  'rule_index',
  'party_index',
  'evidence_index',
  'status_index',
  'submitted_us',
  'decided_us',
  'decided_upper_us',
  'protection_ends_upper_us',
  'first_open_us',
] as const;

const statuses: readonly RegistrationClaim['status'][] = ['approved', 'pending', 'rejected', 'expired'];

/** Streams registrations and partner leads, each with the deal it is a claim on, in deal order. */
export async function* readClaims(warehouse: WarehousePort): AsyncGenerator<{ deal: number; claim: Claim }> {
  const count = await countRows(warehouse, 'journeys.claim');
  let previous = -1;
  for await (const batch of warehouse.stream(`select ${claimColumns.join(', ')} from journeys.claim`, count)) {
    const claimOf = claimsOf(batch);
    const deals = batch.columns[0] as Int32Array;
    for (let row = 0; row < batch.rowCount; row++) {
      const deal = deals[row]!;
      if (deal < previous) throw new Error('journeys.claim is not in the order of deal_index');
      previous = deal;
      yield { deal, claim: claimOf(row) };
    }
  }
}

function claimsOf(batch: Batch): (row: number) => Claim {
  const [, rules, parties, evidences, states, ...times] = batch.columns as Int32Array[];
  const [submitted, decided, decidedUpper, protectionEnds, firstOpen] = times.map((column) => instants(column));
  return (row) => {
    const evidence = {
      party_index: parties![row]!,
      evidence_index: evidences![row]!,
      evidence_us: known(submitted![row]!),
    };
    const status = statuses[states![row]!]!;
    if (rules![row] === 1) return { rule: 'partner_lead', ...evidence, is_rejected: status === 'rejected' };
    return {
      rule: 'deal_registration',
      ...evidence,
      status,
      decided_us: decided![row]!,
      decided_upper_us: decidedUpper![row]!,
      protection_ends_upper_us: known(protectionEnds![row]!),
      first_open_us: known(firstOpen![row]!),
    };
  };
}
