// The models as a run builds them: what dbt itself would build, in an order that holds, and stopped by what does not.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { DbtError, dbtEnvironment, dbtProject } from '../../pipeline/dbt.ts';
import { buildNodes, partsOf } from '../../pipeline/dbt-build.ts';
import type { DbtNode } from '../../pipeline/dbt-project.ts';
import { dbtPython } from '../../pipeline/python.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { places } from '../../pipeline/workspace.ts';
import { ranCopyOf } from '../made.ts';
import { root } from '../workspace.ts';

type Shape = { relation: string; type: string; columns: string; rows: bigint; hash: bigint };

/** Every relation that models make, but those that tell the age of a load: its columns, and its rows in any order. */
async function shapes(workspace: string): Promise<Shape[]> {
  const warehouse = await openWarehouse(join(workspace, '.sourced', 'warehouse.duckdb'), { readOnly: true });
  try {
    const found = await warehouse.rows<Omit<Shape, 'rows' | 'hash'>>(`
      SELECT schema_name || '.' || table_name AS relation, any_value(table_type) AS type,
        string_agg(column_name || ' ' || data_type, ', ' ORDER BY column_index) AS columns
      FROM duckdb_columns() JOIN information_schema.tables USING (table_name)
      WHERE schema_name = table_schema AND table_name NOT IN ('audit_freshness_age', 'audit_check') AND schema_name IN ('staging', 'checked', 'core', 'journeys', 'marts', 'audits')
      GROUP BY ALL ORDER BY relation`);
    const filled: Shape[] = [];
    for (const shape of found) {
      const [row] = await warehouse.rows<Pick<Shape, 'rows' | 'hash'>>(
        `SELECT count(*) AS rows, coalesce(sum(hash(entry)), 0) AS hash FROM ${shape.relation} AS entry`,
      );
      filled.push({ ...shape, ...row! });
    }
    return filled;
  } finally {
    warehouse.close();
  }
}

test('a run builds what `dbt build` builds', async () => {
  const workspace = await ranCopyOf(join(root, 'tests', 'cases', 'golden'));
  const built = await shapes(workspace);
  const { status, stdout } = spawnSync(
    dbtPython(),
    ['-c', 'from dbt.cli.main import cli; cli()', 'build', '--exclude-resource-type', 'unit_test'],
    { cwd: dbtProject, env: dbtEnvironment(places(workspace)), encoding: 'utf8' },
  );
  expect(stdout).toMatch(/Done\. PASS=[1-9]\d* WARN=0 ERROR=0 SKIP=0/);
  expect(status).toBe(0);
  expect(await shapes(workspace)).toEqual(built);
  expect(built.length).toBeGreaterThan(100);
});

describe('nodes', () => {
  let warehouse: Warehouse;
  beforeEach(async () => {
    warehouse = await openWarehouse(':memory:');
  });
  afterEach(() => warehouse.close());

  const model = (name: string, sql: string, rest: Partial<DbtNode> = {}): DbtNode => ({
    id: `model.sourced.${name}`,
    type: 'table',
    schema: 'core',
    relation: `"memory"."core"."${name}"`,
    contract: null,
    sql,
    reads: [],
    ...rest,
  });
  const dataTest = (name: string, sql: string, of: string): DbtNode => ({
    ...model(name, sql, { id: `test.sourced.${name}`, reads: [`model.sourced.${of}`] }),
    type: 'test',
    schema: null,
    relation: null,
  });
  const reading = (name: string) => ({ reads: [`model.sourced.${name}`] });
  const rows = async (sql: string) => (await warehouse.rows(sql)).map(Object.values);

  test('each is built after what it reads, whatever their order', async () => {
    const nodes = [
      model('third', 'SELECT n + 1 AS n FROM core.second -- its end', reading('second')),
      dataTest('third_is_three', 'SELECT * FROM core.third WHERE n <> 3', 'third'),
      model('second', 'SELECT n + 1 AS n FROM core.first', { ...reading('first'), type: 'view' }),
      model('first', 'SELECT 1 AS n'),
    ];
    expect(await buildNodes(warehouse, nodes)).toEqual({ models: 3, tests: 1 });
    expect(await rows('FROM core.third')).toEqual([[3]]);
  });

  test('a data test that does not hold is named with its rows', async () => {
    const nodes = [
      model('first', 'SELECT unnest([1, 1, 2]) AS n'),
      dataTest('unique_key_first', 'SELECT n FROM core.first GROUP BY n HAVING count(*) > 1', 'first'),
    ];
    const failed = buildNodes(warehouse, nodes);
    await expect(failed).rejects.toThrow(DbtError);
    await expect(failed).rejects.toThrow(/test\.sourced\.unique_key_first: 1 row, where there should be none/);
  });

  test('a model that cannot be built is named with what DuckDB says, and what reads it is not begun', async () => {
    const nodes = [model('first', "SELECT 'x'::INTEGER AS n"), model('second', 'FROM core.first', reading('first'))];
    await expect(buildNodes(warehouse, nodes)).rejects.toMatchObject({
      failures: [{ node: 'model.sourced.first', message: expect.stringMatching(/^Conversion Error.*'x'/) }],
    });
  });

  test.each([
    [{ n: 'bigint' }, /column n is INTEGER, its contract says BIGINT/],
    [{}, /column n is INTEGER, its contract says nothing of it/],
    [{ n: 'integer', more: 'date' }, /column more is missing, its contract says DATE/],
  ])('a contract that is not kept: %o', async (contract, message) => {
    await expect(buildNodes(warehouse, [model('first', 'SELECT 1 AS n', { contract })])).rejects.toThrow(message);
    await expect(warehouse.run('FROM core.first')).rejects.toThrow(/does not exist/);
  });

  test('columns stand in the order of the contract', async () => {
    const contract = { check: 'varchar', n: 'integer' };
    await buildNodes(warehouse, [model('first', `SELECT 1 AS n, 'x' AS "check"`, { contract })]);
    expect(await rows('FROM core.first')).toEqual([['x', 1]]);
  });

  test('a table becomes a view, and a view a table', async () => {
    for (const type of ['table', 'view', 'table'] as const) {
      await buildNodes(warehouse, [model('first', 'SELECT 1 AS n', { type })]);
      expect(await rows(`SELECT table_type FROM information_schema.tables WHERE table_name = 'first'`)).toEqual([
        [type === 'view' ? 'VIEW' : 'BASE TABLE'],
      ]);
    }
  });

  test('what reads of the job, directly or not, is built after it', () => {
    const { before, after } = partsOf([
      model('mart', '', reading('weights')),
      model('weights', '', { reads: ['source.sourced.attribution.weight'] }),
      dataTest('weights_known', '', 'weights'),
      model('deals', '', { reads: ['source.sourced.raw.files_deals'] }),
    ]);
    expect(before.map(({ id }) => id)).toEqual(['model.sourced.deals']);
    expect(after.map(({ id }) => id)).toEqual([
      'model.sourced.mart',
      'model.sourced.weights',
      'test.sourced.weights_known',
    ]);
  });
});
