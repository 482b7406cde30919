// An extract as temporary tables: `staged` (records as text with the reason of a refusal), `unreadable` (rows that the reader
// left out) and the view `numbered` (staged with each record's number in the source). Nothing permanent is touched.
import { SourcedError, SourceError } from '../core/errors.ts';
import { identifier } from '../core/sql.ts';
import type { Extract, IngestWarehouse } from './connector.ts';
import { firstLine } from './duckdb-error.ts';
import { forgetRejects } from './formats/text.ts';
import { refusal } from './rules.ts';
import { columnNames } from './sql.ts';

export type Staged = {
  /** Canonical columns (and `other`) that the staged table has. */
  readonly present: ReadonlySet<string>;
  /** Records in the source, readable or not. */
  readonly fetched: number;
  readonly unreadable: number;
  /** Records that the edge refuses, the unreadable ones among them. */
  readonly refused: number;
  /** Refused records have the column `verbatim`. */
  readonly has_verbatim: boolean;
  readonly is_timed: boolean;
  readonly has_tombstones: boolean;
};

/** Up to this many unreadable rows are counted by comparisons, which cost nothing; beyond it by a join. */
const gapsInline = 40;

export async function stage(warehouse: IngestWarehouse, extract: Extract): Promise<Staged> {
  const present = new Set(columnNames(extract.stream).filter((name) => name in extract.columns));
  await forgetRejects(warehouse);
  await createStaged(warehouse, extract, present);
  const { rows, refused } = await countStaged(warehouse);
  await createUnreadable(warehouse, extract, rows);
  const unreadable = await count(warehouse, 'unreadable');
  await createNumbered(warehouse, extract.first_record, unreadable);
  return {
    present: extract.other ? new Set([...present, 'other']) : present,
    fetched: rows + unreadable,
    unreadable,
    refused: refused + unreadable,
    has_verbatim: extract.verbatim !== undefined,
    is_timed: extract.source_time !== undefined,
    has_tombstones: extract.is_deleted !== undefined,
  };
}

async function createStaged(warehouse: IngestWarehouse, extract: Extract, present: ReadonlySet<string>): Promise<void> {
  try {
    await warehouse.run(stagedTable(extract, extract.relation, present));
  } catch (error) {
    if (!extract.fallback_relation) throw unreadableSource(extract.origin, error);
    await forgetRejects(warehouse);
    await warehouse.run(stagedTable(extract, extract.fallback_relation, present)).catch((second: unknown) => {
      throw unreadableSource(extract.origin, second);
    });
  }
}

function unreadableSource(origin: string, error: unknown): Error {
  if (error instanceof SourcedError) return error;
  return new SourceError(`${origin}: cannot be read: ${firstLine(error)}`, {
    hint: 'is the file whole, and of the format that its ending says? check it and `file` of this stream in sourced.yaml',
  });
}

/** One pass: read, map, check. The checks see the canonical columns of the inner select. */
function stagedTable(extract: Extract, relation: string, present: ReadonlySet<string>): string {
  const { stream, columns, other, source_time, is_deleted, verbatim } = extract;
  const mapped = [
    ...[...present].map((name) => `${columns[name]} AS ${identifier(name)}`),
    ...(other ? [`${other} AS other`] : []),
    ...(source_time ? [`${source_time} AS updated_at`] : []),
    ...(is_deleted ? [`${is_deleted} AS is_deleted_text`] : []),
    `${extract.refusal ?? 'NULL::VARCHAR'} AS reader_refusal`,
    ...(verbatim ? [`CASE WHEN ${extract.refusal} IS NOT NULL THEN ${verbatim} END AS verbatim`] : []),
  ];
  const before = [
    'reader_refusal',
    ...(source_time
      ? [
          `CASE WHEN updated_at IS NOT NULL AND TRY_CAST(updated_at AS TIMESTAMPTZ) IS NULL THEN 'bad_time:updated_at' END`,
        ]
      : []),
    ...(is_deleted ? [`CASE WHEN is_deleted_text NOT IN ('true', 'false') THEN 'bad_boolean:is_deleted' END`] : []),
  ];
  const checked = refusal(stream, {
    present,
    can_hold_nul: extract.can_hold_nul,
    before: extract.refusal || before.length > 1 ? `coalesce(${before.join(', ')})` : undefined,
  });
  return `CREATE OR REPLACE TEMP TABLE staged AS
    SELECT * EXCLUDE (reader_refusal), ${checked} AS refusal FROM (SELECT ${mapped.join(', ')} FROM ${relation})`;
}

async function createUnreadable(warehouse: IngestWarehouse, extract: Extract, rows: number): Promise<void> {
  const rejected = await extract.unreadable?.(warehouse, { table: 'staged', rows });
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE unreadable AS ${
      rejected ??
      'SELECT NULL::BIGINT AS record, NULL::VARCHAR AS record_id, NULL::VARCHAR AS reason, NULL::VARCHAR AS detail, NULL::VARCHAR AS payload LIMIT 0'
    }`,
  );
}

/** A staged row's number: its place among the staged rows, plus the unreadable rows before it. */
async function createNumbered(warehouse: IngestWarehouse, first_record: number, unreadable: number): Promise<void> {
  await warehouse.run(
    `CREATE OR REPLACE TEMP TABLE gap AS
     SELECT rows_before, max(shift) AS shift FROM (
       SELECT record - ${first_record} - row_number() OVER (ORDER BY record) + 1 AS rows_before, row_number() OVER (ORDER BY record) AS shift
       FROM unreadable) GROUP BY rows_before ORDER BY rows_before`,
  );
  await warehouse.run(
    `CREATE OR REPLACE TEMP VIEW numbered AS ${await numberedRows(warehouse, first_record, unreadable)}`,
  );
}

async function numberedRows(warehouse: IngestWarehouse, first_record: number, unreadable: number): Promise<string> {
  if (unreadable > gapsInline)
    return `SELECT staged.*, staged.rowid + ${first_record} + coalesce(gap.shift, 0) AS record
      FROM staged ASOF LEFT JOIN gap ON staged.rowid >= gap.rows_before`;
  const gaps = await warehouse.rows<{ rows_before: bigint }>(
    `SELECT record - ${first_record} - row_number() OVER (ORDER BY record) + 1 AS rows_before FROM unreadable`,
  );
  const shifts = gaps.map(({ rows_before }) => ` + (staged.rowid >= ${rows_before})::BIGINT`);
  return `SELECT staged.*, staged.rowid + ${first_record}${shifts.join('')} AS record FROM staged`;
}

export async function countStaged(warehouse: IngestWarehouse): Promise<{ rows: number; refused: number }> {
  const [row] = await warehouse.rows<{ rows: bigint; refused: bigint }>(
    'SELECT count(*) AS rows, count(refusal) AS refused FROM staged',
  );
  return { rows: Number(row!.rows), refused: Number(row!.refused) };
}

export async function count(warehouse: IngestWarehouse, table: string): Promise<number> {
  const [row] = await warehouse.rows<{ count: bigint }>(`SELECT count(*) AS count FROM ${table}`);
  return Number(row!.count);
}
