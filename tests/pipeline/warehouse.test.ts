// The door to the warehouse: what comes out is what went in, streams never end early in silence, transactions roll back,
// and the settings of the house hold.
import { spawnSync } from 'node:child_process';
import { pathToFileURL } from 'node:url';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BusyError } from '../../core/errors.ts';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { isoOfMicros } from '../../pipeline/warehouse-out.ts';
import { root, temporaryDirectory } from '../workspace.ts';

let warehouse: Warehouse;
beforeEach(async () => {
  warehouse = await openWarehouse(':memory:');
  await warehouse.run('CREATE SCHEMA box');
});
afterEach(() => warehouse.close());

describe('rows', () => {
  test('types: bigint, text of dates, instants and decimals, null, struct, list', async () => {
    const [row] = await warehouse.rows(
      `SELECT 9007199254740993::BIGINT AS big, 7::INTEGER AS small, DATE '2026-01-31' AS day, 1.50::DECIMAL(9, 2) AS exact,
         TIMESTAMPTZ '2026-01-31 23:59:59.5-05:00' AS instant, NULL AS nothing, {a: 1::BIGINT} AS struct, [1, 2] AS list, true AS yes`,
    );
    expect(row).toEqual({
      big: 9007199254740993n,
      small: 7,
      day: '2026-01-31',
      exact: '1.50',
      instant: '2026-02-01T04:59:59.5Z',
      nothing: null,
      struct: { a: 1n },
      list: [1, 2],
      yes: true,
    });
  });

  test('parameters are bound, not pasted', async () => {
    expect(await warehouse.rows('SELECT ? AS text, ? AS big', ["'; DROP", 2n ** 62n])).toEqual([
      { text: "'; DROP", big: 2n ** 62n },
    ]);
  });

  test('an instant is exact to the microsecond before and after 1970', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 16n), max: 10n ** 16n }), (micros) => {
        const instant = Temporal.Instant.from(isoOfMicros(micros));
        expect(instant.epochNanoseconds).toBe(micros * 1000n);
      }),
    );
  });
});

describe('append and stream', () => {
  const values = fc.array(
    fc.record({ id: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), name: fc.option(fc.string()) }),
    {
      maxLength: 5000,
    },
  );

  test('what is appended is what is read', async () => {
    await warehouse.run('CREATE TABLE box.thing (id BIGINT, name VARCHAR)');
    await fc.assert(
      fc.asyncProperty(values, async (things) => {
        await warehouse.run('TRUNCATE box.thing');
        const id = BigInt64Array.from(things.map((thing) => thing.id));
        await warehouse.append('box.thing', { id, name: things.map(({ name }) => name) });
        expect(await warehouse.rows('SELECT * FROM box.thing')).toEqual(things);
        const streamed: bigint[] = [];
        for await (const { rowCount, columns } of warehouse.stream('SELECT id FROM box.thing', things.length))
          streamed.push(...(columns[0] as BigInt64Array).subarray(0, rowCount));
        expect(streamed).toEqual(things.map((thing) => thing.id));
      }),
      { numRuns: 20 },
    );
  });

  test('dates are day numbers, instants microseconds; a null in any type', async () => {
    await warehouse.run(
      'CREATE TABLE box.kind (day DATE, instant TIMESTAMPTZ, yes BOOLEAN, part DOUBLE, small INTEGER)',
    );
    await warehouse.append('box.kind', {
      day: [1, null],
      instant: [1n, null],
      yes: [true, null],
      part: [0.5, null],
      small: [3, null],
    });
    expect(await warehouse.rows('SELECT * FROM box.kind')).toEqual([
      { day: '1970-01-02', instant: '1970-01-01T00:00:00.000001Z', yes: true, part: 0.5, small: 3 },
      { day: null, instant: null, yes: null, part: null, small: null },
    ]);
  });

  test('columns that do not fit the table are named', async () => {
    await warehouse.run('CREATE TABLE box.pair (a BIGINT, b BIGINT)');
    await expect(warehouse.append('box.pair', { a: [1n], c: [1n] })).rejects.toThrow(/missing b, unknown c/);
    await expect(warehouse.append('box.pair', { a: [1n], b: [] })).rejects.toThrow(/different lengths/);
  });

  async function drain(sql: string, expected?: number): Promise<void> {
    for await (const { rowCount } of warehouse.stream(sql, expected)) expect(rowCount).toBeGreaterThan(0);
  }

  test('a stream with fewer rows than expected, a NULL or a text throws', async () => {
    await expect(drain('SELECT range FROM range(10)', 11)).rejects.toThrow('10 of 11 rows');
    await expect(drain('SELECT CASE WHEN range < 2999 THEN range END AS part FROM range(3000)')).rejects.toThrow(
      'part of a stream has a NULL',
    );
    await expect(drain("SELECT 'text' AS word")).rejects.toThrow('word of a stream is VARCHAR');
    await drain('SELECT range FROM range(10000)');
  });
});

describe('transactions', () => {
  test('a throw takes everything back', async () => {
    await warehouse.run('CREATE TABLE box.one (a BIGINT)');
    const failing = warehouse.transaction(async () => {
      await warehouse.append('box.one', { a: [1n] });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await warehouse.rows('SELECT * FROM box.one')).toEqual([]);
  });
});

describe('the settings of the house', () => {
  test('UTC, no extension from outside, and nothing can be changed', async () => {
    const settings = [
      'TimeZone',
      'autoinstall_known_extensions',
      'autoload_known_extensions',
      'allow_community_extensions',
    ];
    const [row] = await warehouse.rows(
      `SELECT ${settings.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
    );
    expect(row).toEqual({
      TimeZone: 'UTC',
      autoinstall_known_extensions: false,
      autoload_known_extensions: false,
      allow_community_extensions: false,
    });
    await expect(warehouse.run('SET threads = 1')).rejects.toThrow(/locked/);
  });

  test('frugal work has little memory and one thread, and what it wrote stays; afterwards all is as before', async () => {
    const box = await openWarehouse(`${temporaryDirectory()}/box.duckdb`, { threads: 2, memoryLimit: '200MB' });
    const settings = async () => {
      const [row] = await box.rows<{ memory: string; threads: bigint }>(
        `SELECT current_setting('memory_limit') AS memory, current_setting('threads') AS threads`,
      );
      return [row!.memory, Number(row!.threads)];
    };
    await box.run('CREATE TABLE thing AS SELECT 1::BIGINT AS a');
    await box.frugally(async () => {
      expect(await settings()).toEqual(['76.2 MiB', 1]);
      await expect(box.run('SET threads = 2')).rejects.toThrow(/locked/);
      for (const a of [2, 3, 4, 5, 6]) await box.transaction(() => box.run('INSERT INTO thing VALUES (?)', [a]));
    });
    await expect(box.frugally(() => box.run('SELECT no_such_thing'))).rejects.toThrow('no_such_thing');
    expect(await settings()).toEqual(['190.7 MiB', 2]);
    expect(await box.rows('SELECT count(*) AS things FROM thing')).toEqual([{ things: 6n }]);
    box.close();
  });

  test('work that does not fit into little memory is run once more with all of it; any other failure is told', async () => {
    const box = await openWarehouse(`${temporaryDirectory()}/box.duckdb`);
    let runs = 0;
    const large = async () => {
      runs++;
      return box.rows('SELECT len(list(a))::INTEGER AS length FROM range(10000000) AS things (a)');
    };
    expect(await box.frugally(large)).toEqual([{ length: 10_000_000 }]);
    expect(runs).toBe(2);
    const failing = async () => {
      runs++;
      throw new Error('CRM: the system says: Out of Memory Error: come back later');
    };
    await expect(box.frugally(failing)).rejects.toThrow('come back later');
    expect(runs).toBe(3);
    box.close();
  });

  test('a reader finds what a writer left; another process finds it busy meanwhile', async () => {
    const path = `${temporaryDirectory()}/box.duckdb`;
    const writer = await openWarehouse(path);
    await writer.run('CREATE TABLE thing AS SELECT 1::BIGINT AS a');
    expect(openElsewhere(path)).toBe(new BusyError('').code);
    writer.close();
    const reader = await openWarehouse(path, { readOnly: true, threads: 1, memoryLimit: '100MB' });
    expect(await reader.rows('SELECT * FROM thing')).toEqual([{ a: 1n }]);
    await expect(reader.run('DROP TABLE thing')).rejects.toThrow(/read-only/);
    reader.close();
  });
});

/** Opens the file in a process of its own and gives the code of the error. */
function openElsewhere(path: string): string {
  const door = pathToFileURL(`${root}/pipeline/warehouse.ts`);
  const script = `import { openWarehouse } from '${door}'; await openWarehouse(process.argv[1]).catch(({ code }) => console.log(code));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script, path], { encoding: 'utf8' });
  return child.stdout.trim();
}
