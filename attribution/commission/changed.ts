// What changed since the last run. A unit is one partner's money events of 32 days, kept as a digest: from its first unit on that
// differs, a partner's targets are worked out anew; before it they are what the ledger holds. Where nothing is known of a last
// run, or it ran under other terms or on other books, every partner counts as changed from the beginning.
import type { Config } from '../../core/config.ts';
import type { WarehousePort } from '../ports.ts';
import type { BooksPort } from './books-port.ts';

const UNIT_DAYS = 32;
/** The unit of what is expected: after all others. */
const LAST_UNIT = 100_000;
/** 0001-01-01. */
const FIRST_DAY = -719_162;

/** What is kept from run to run, beside the copied ledger. */
const keptTables = [
  'attribution.commission_unit',
  'attribution.commission_target',
  'attribution.commission_rate_missing',
  'attribution.contingent',
  'ledger.statement_total',
  'ledger.month_movement',
  'ledger.liability_basis',
  'ledger.liability',
];

/** What results depend on beside the rows: another configuration or another program may make others of the same rows. */
export type Terms = { readonly config: Config; readonly code_digest: string };

/** The end of the ledger when the last run ended; undefined where its results do not stand. */
export type Stand = { readonly sequence: bigint } | undefined;

/**
 * Takes the last run's note away, so that a run which is killed leaves nothing that stands, and drops what is kept where it
 * was of another program, configuration or ledger.
 */
export async function takeStand(warehouse: WarehousePort, books: BooksPort, terms: Terms): Promise<Stand> {
  await warehouse.run(
    'create table if not exists attribution.commission_stand (basis varchar, sequence bigint, hash varchar)',
  );
  const { sequence, hash } = books.ledger.head();
  const [noted] = await warehouse.rows(`
    select 1 as is_noted from attribution.commission_stand
    where basis = ${basisOf(terms)} and sequence = ${sequence} and hash = '${hash}' and ${keptTables.length} = (
      select count(*) from duckdb_tables()
      where schema_name || '.' || table_name in (${keptTables.map((table) => `'${table}'`).join(', ')})
    )`);
  await warehouse.run('delete from attribution.commission_stand');
  if (noted) return { sequence };
  for (const table of keptTables) await warehouse.run(`drop table if exists ${table}`);
  return undefined;
}

/** Notes that what is kept is of this configuration and ledger. */
export async function keepStand(warehouse: WarehousePort, books: BooksPort, terms: Terms): Promise<void> {
  const { sequence, hash } = books.ledger.head();
  await warehouse.run(`
    create or replace table attribution.commission_unit as select * from attribution.commission_unit_now;
    drop table attribution.commission_unit_now;
    insert into attribution.commission_stand values (${basisOf(terms)}, ${sequence}, '${hash}')`);
}

/** SQL of the digest of all that is not in the rows themselves. A new DuckDB may hash otherwise. */
function basisOf({ config, code_digest }: Terms): string {
  const { plans, reporting, fx, motions, contract_cost } = config;
  const terms = JSON.stringify([code_digest, plans, reporting, fx, motions, contract_cost]);
  return `sha256(version() || '${terms.replaceAll("'", "''")}')`;
}

/** SQL of the unit of a day. */
export const unitOf = (day: string, isExpected: string) =>
  `case when ${isExpected} then ${LAST_UNIT} else ${day} // ${UNIT_DAYS} end`;

/** Adds the digests of `rows`, which have `party_index`, `unit` and `row_digest`. */
export async function writeUnits(warehouse: WarehousePort, rows: string): Promise<void> {
  await warehouse.run(`
    create or replace table attribution.commission_unit_now as
    select party.party_id as partner_id, event_row.unit, sum(event_row.row_digest) as digest
    from ${rows} as event_row
    inner join journeys.party as party on event_row.party_index = party.party_index
    group by all`);
}

/**
 * Writes `attribution.commission_changed`: partners with a unit that differs, and the day from which their targets may. It is one
 * day early, because a clock that is put back at midnight has a day twice.
 */
export async function writeChanged(warehouse: WarehousePort, stand: Stand): Promise<void> {
  const changed = stand
    ? `select partner_id, min(unit) * ${UNIT_DAYS} - 1 as from_day
       from attribution.commission_unit_now as now
       full outer join attribution.commission_unit as kept using (partner_id, unit)
       where now.digest is distinct from kept.digest
       group by partner_id`
    : `select partner_id, ${FIRST_DAY} as from_day from ledger.entry
       union select party_id, ${FIRST_DAY} from journeys.party where party_kind = 'partner'`;
  await warehouse.run(`
    create or replace table attribution.commission_changed as
    select changed.partner_id, coalesce(party.party_index, -1) as party_index, cast(changed.from_day as integer) as from_day,
      date '1970-01-01' + cast(changed.from_day as integer) as from_date
    from (${changed}) as changed
    left join journeys.party as party on changed.partner_id = party.party_id and party.party_kind = 'partner'`);
}

/** SQL of rows of `ledger.entry` in months of partners that were posted to since the last run; of all where nothing stands. */
export const isTouched = (stand: Stand, month = 'posted_month') =>
  stand
    ? `(partner_id, ${month}, currency) in (
        select partner_id, posted_month, currency from ledger.entry where sequence > ${stand.sequence})`
    : 'true';

/** By party: the day from which its targets are worked out anew. */
export async function readChanged(warehouse: WarehousePort): Promise<ReadonlyMap<number, number>> {
  const rows = await warehouse.rows<{ party_index: number; from_day: number }>(
    'select party_index, from_day from attribution.commission_changed where party_index >= 0',
  );
  return new Map(rows.map(({ party_index, from_day }) => [party_index, from_day]));
}
