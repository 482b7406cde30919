// Notices when an API's records change their shape: fields that appear, fields of another type. Nothing is lost by it (`other`
// keeps the whole record); people are told.
import type { IngestWarehouse } from './connector.ts';
import type { SweepPlace } from './tombstones.ts';

export type Drift = {
  readonly field: string;
  readonly change: 'added' | 'retyped';
  readonly type_before: string | null;
  readonly type_after: string;
};

/** Of a large batch, about as many records are looked at: looking at each cost as much as landing it. */
const sampled = 250;

/** Below this depth a record's shape is not looked at. */
const maxDepth = 4;

/**
 * Compares the shape of `fetched_record` with what is known of the object and notes what is new. In a first reading everything
 * is, so nothing is drift. The caller has the transaction.
 */
export async function noteFields(
  warehouse: IngestWarehouse,
  { source, connector, object }: SweepPlace,
  { open_fields, is_first, at }: { open_fields: readonly string[]; is_first: boolean; at: string },
): Promise<Drift[]> {
  const kinds = await warehouse.rows<{ kind: string; structure: string }>(
    `SELECT kind, json_group_structure(record)::VARCHAR AS structure FROM fetched_record WHERE rowid IN (
       SELECT row FROM (
         SELECT rowid AS row, row_number() OVER (PARTITION BY kind) - 1 AS place, count(*) OVER (PARTITION BY kind) AS records FROM fetched_record)
       WHERE place % greatest(1, records // ${sampled}) = 0)
     GROUP BY kind ORDER BY kind`,
  );
  const seen = kinds.flatMap(({ kind, structure }) =>
    fieldsOf(JSON.parse(structure), kind === object ? '' : `${kind}: `, new Set(open_fields)),
  );
  const place = [source, connector, object];
  const known = new Map(
    (
      await warehouse.rows<{ field: string; type: string }>(
        'SELECT field, type FROM raw.field WHERE source = ? AND connector = ? AND object = ?',
        place,
      )
    ).map(({ field, type }) => [field, type]),
  );
  const changes = seen.flatMap(([field, type]) => changeOf(field, known.get(field), type));
  if (!changes.length) return [];
  const rows = `(SELECT unnest(from_json(?, '[{"field": "VARCHAR", "change": "VARCHAR", "type_before": "VARCHAR", "type_after": "VARCHAR"}]'), recursive := true))`;
  const changed = JSON.stringify(changes);
  await warehouse.run(
    `DELETE FROM raw.field WHERE source = ? AND connector = ? AND object = ? AND field IN (SELECT field FROM ${rows})`,
    [...place, changed],
  );
  await warehouse.run(`INSERT INTO raw.field SELECT ?, ?, ?, field, type_after FROM ${rows}`, [...place, changed]);
  // A field that was empty until now only shows its type.
  const drift = is_first ? [] : changes.filter(({ type_before }) => type_before !== 'null');
  if (drift.length)
    await warehouse.run(
      `INSERT INTO raw.schema_drift SELECT ?, ?, ?, field, change, type_before, type_after, ?::TIMESTAMPTZ FROM ${rows}`,
      [...place, at, JSON.stringify(drift)],
    );
  return drift;
}

/** Dotted path and type of every member, in the order of DuckDB's structure. */
function fieldsOf(structure: unknown, prefix: string, open: ReadonlySet<string>, depth = 1): [string, string][] {
  if (typeof structure !== 'object' || structure === null || Array.isArray(structure)) return [];
  return Object.entries(structure).flatMap(([name, member]): [string, string][] => {
    const field = `${prefix}${name}`;
    const inner = Array.isArray(member) ? member[0] : member;
    const below =
      open.has(field) || depth >= maxDepth
        ? []
        : fieldsOf(inner, `${field}${Array.isArray(member) ? '[]' : ''}.`, open, depth + 1);
    return [[field, typeOf(member)], ...below];
  });
}

function typeOf(member: unknown): string {
  if (Array.isArray(member)) return 'list';
  if (typeof member === 'object') return 'object';
  const name = String(member);
  if (name === 'VARCHAR') return 'text';
  if (name === 'BOOLEAN') return 'boolean';
  if (name === 'NULL') return 'null';
  return name === 'JSON' ? 'mixed' : 'number';
}

function changeOf(field: string, before: string | undefined, after: string): Drift[] {
  if (before === undefined) return [{ field, change: 'added', type_before: null, type_after: after }];
  if (after === 'null' || after === before || before === 'mixed') return [];
  return [{ field, change: 'retyped', type_before: before, type_after: after }];
}
