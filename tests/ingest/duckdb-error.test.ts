// What DuckDB refuses is known by its kind: too little memory is no fault of the source, a table that is none is.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SourceError } from '../../core/errors.ts';
import { type DuckdbTable, markOf } from '../../ingest/connectors/airbyte-api/duckdb-tables.ts';
import { firstLine, isDuckdbError, isLocked } from '../../ingest/duckdb-error.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';

let warehouse: Warehouse;
beforeAll(async () => {
  warehouse = await openWarehouse(':memory:', { memoryLimit: '20MB', threads: 1 });
});
afterAll(() => warehouse.close());

const table = (relation: string): DuckdbTable => ({
  origin: 'crm: deals',
  relation,
  columns: new Map([['_airbyte_generation_id', 'BIGINT']]),
  fields: [],
  nested: [],
  is_document: false,
  has_generations: true,
});
const failureOf = (relation: string) =>
  markOf(warehouse, table(relation)).then(
    () => undefined,
    (error: unknown) => error,
  );

test('a table that needs more memory than there is fails as DuckDB says, so that it is tried again with more', async () => {
  const error = await failureOf('(SELECT len(list(range::VARCHAR)) AS _airbyte_generation_id FROM range(10000000))');
  expect(isDuckdbError(error, 'Out of Memory')).toBe(true);
  expect(isDuckdbError(error, 'IO', 'Invalid Input') || isLocked(error)).toBe(false);
});

test('a table that cannot be read is a failure of the source, in one line', async () => {
  const error = await failureOf(`read_csv('/nowhere.csv')`);
  expect(error).toBeInstanceOf(SourceError);
  expect(firstLine(error)).toMatch(/^crm: deals: cannot be read: IO Error: No files found/);
});
