// What changed since the last run. A unit is one partner's money events of 32 days, kept as a digest: from its first unit on that
// differs, a partner's targets are worked out anew; before it they are what the ledger holds. Where all that differs comes after
// all that was folded, the fold goes on from where it stood (fold-summary.ts). Where nothing is known of a last run, or it ran
// under other terms or on other books, every partner counts as changed from the beginning.
import type { Config } from '../../core/config.ts';
import { literal } from '../../core/sql.ts';
import type { WarehousePort } from '../ports.ts';
import type { BooksPort } from './books-port.ts';

const UNIT_DAYS = 32;
/** The unit of what is expected: after all others. */
const LAST_UNIT = 100_000;
/** 0001-01-01. */
const FIRST_DAY = -719_162;
/** Before every instant. */
const NEVER_US = '-9223372036854775807';

/** What is kept from run to run, beside the copied ledger. */
const keptTables = [
  'attribution.commission_lock',
  'attribution.commission_unit',
  'attribution.commission_fold',
  'attribution.commission_fold_deal',
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
    create or replace table attribution.commission_unit as
    select partner_id, unit, digest, last_us, last_day from attribution.commission_unit_now;
    drop table attribution.commission_unit_now;
    insert into attribution.commission_stand values (${basisOf(terms)}, ${sequence}, '${hash}')`);
}

/** SQL of the digest of all that is not in the rows themselves. A new DuckDB may hash otherwise. */
function basisOf({ config, code_digest }: Terms): string {
  const { plans, reporting, fx, motions, contract_cost } = config;
  const terms = JSON.stringify([code_digest, plans, reporting, fx, motions, contract_cost]);
  return `sha256(version() || ${literal(terms)})`;
}

/** SQL of the unit of a day. */
export const unitOf = (day: string, isExpected: string) =>
  `case when ${isExpected} then ${LAST_UNIT} else ${day} // ${UNIT_DAYS} end`;

/** SQL that joins to earnings how far their partner was folded. */
export const joinFolded = `
  inner join journeys.party as party on earning.party_index = party.party_index
  left join (
    select partner_id, max(last_us) as last_us from attribution.commission_unit group by partner_id
  ) as folded on party.party_id = folded.partner_id`;

/** Adds up the digests of `rows`, also of those alone that were there to be folded; what is expected is never folded in. */
export async function writeUnits(warehouse: WarehousePort, rows: string): Promise<void> {
  await warehouse.run(`
    create or replace table attribution.commission_unit_now as
    select party.party_id as partner_id, unit.* exclude (party_index)
    from (
      select party_index, unit, sum(row_digest) as digest,
        sum(row_digest) filter (effective_us <= after_us) as earlier_digest,
        count(*) filter (effective_us > after_us) as later_rows,
        max(effective_us) filter (unit <> ${LAST_UNIT}) as last_us,
        max(effective_day) filter (unit <> ${LAST_UNIT}) as last_day
      from ${rows}
      group by party_index, unit
    ) as unit
    inner join journeys.party as party on unit.party_index = party.party_index`);
}

/** From where a partner's events are folded: from where the last fold stood, or from the first one. */
export type Start = 'goes_on' | 'begins';

/**
 * Writes `attribution.commission_changed`: partners with a unit that differs, the day from which their targets may, and whether
 * their fold goes on. The day is one day early, because a clock that is put back at midnight has a day twice.
 */
export async function writeChanged(warehouse: WarehousePort, stand: Stand): Promise<void> {
  const begins = `false as goes_on, ${NEVER_US} as last_us, ${FIRST_DAY} as last_day, 0 as later_rows`;
  const changed = stand
    ? `select partner_id, min(unit) filter (is_other) * ${UNIT_DAYS} - 1 as from_day,
         not bool_or(is_other_before) and partner_id in (select partner_id from attribution.commission_fold)
           and partner_id not in (select partner_id from attribution.commission_rate_missing) as goes_on,
         coalesce(max(last_us), ${NEVER_US}) as last_us, coalesce(max(last_day), ${FIRST_DAY}) as last_day,
         coalesce(sum(later_rows), 0) as later_rows
       from (
         select partner_id, unit, kept.last_us, kept.last_day, now.later_rows, now.digest is distinct from kept.digest as is_other,
           unit <> ${LAST_UNIT} and now.earlier_digest is distinct from kept.digest as is_other_before
         from attribution.commission_unit_now as now
         full outer join attribution.commission_unit as kept using (partner_id, unit)
       )
       group by partner_id
       having bool_or(is_other)`
    : `select partner_id, ${FIRST_DAY} as from_day, ${begins} from ledger.entry
       union select party_id, ${FIRST_DAY}, ${begins} from journeys.party where party_kind = 'partner'`;
  await warehouse.run(`
    create or replace table attribution.commission_changed as
    select changed.partner_id, coalesce(party.party_index, -1) as party_index, cast(changed.from_day as integer) as from_day,
      date '1970-01-01' + cast(changed.from_day as integer) as from_date, changed.goes_on, changed.last_us, changed.last_day, changed.later_rows
    from (${changed}) as changed
    left join journeys.party as party on changed.partner_id = party.party_id and party.party_kind = 'partner'`);
}

/** Notes whose fold begins after all, and that of the others nothing changed up to where it stood. */
export async function settleStarts(warehouse: WarehousePort, begin: readonly number[]): Promise<void> {
  if (begin.length)
    await warehouse.run(
      `update attribution.commission_changed set goes_on = false where party_index in (${begin.join(', ')})`,
    );
  await warehouse.run(`
    update attribution.commission_changed set from_day = last_day + 1, from_date = date '1970-01-01' + (last_day + 1)
    where goes_on`);
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
