// The whole line through the real command line: running again changes nothing, neither do the order of rows, the time zone of
// the machine, its threads, or being killed at any moment; what is wrong gets its message and its exit status.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  closeSync,
  cpSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { openBooks } from '../../pipeline/books.ts';
import { dbtEnvironment, dbtProject } from '../../pipeline/dbt.ts';
import { dbtPython } from '../../pipeline/python.ts';
import { readManifest } from '../../pipeline/release.ts';
import { fileDigest, releaseIdOf, rowsDigest } from '../../pipeline/release-digest.ts';
import { verifyRelease } from '../../pipeline/release-verify.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { places } from '../../pipeline/workspace.ts';
import { ranCopyOf } from '../made.ts';
import {
  asOf,
  copyOf,
  releaseId,
  root,
  runWorkspace,
  sourced,
  startSourced,
  temporaryDirectory,
} from '../workspace.ts';

const company = join(root, 'tests', 'cases', 'golden');
let reference: string;
let first: string;

beforeAll(async () => {
  reference = await ranCopyOf(company);
  first = releaseId(reference);
});

test('shuffled rows, one thread, another time zone and locale of the machine: the same release id', async () => {
  const workspace = copyOf(company);
  for (const file of readdirSync(join(workspace, 'sheets'))) shuffle(join(workspace, 'sheets', file));
  const machine = { TZ: 'Asia/Tokyo', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', SOURCED_THREADS: '1' };
  expect(await runWorkspace(workspace, machine)).toBe(first);
});

test('the unit tests of the models hold', async () => {
  const dbt = spawn(dbtPython(), [join(root, 'pipeline', 'dbt-server.py')], {
    cwd: dbtProject,
    env: dbtEnvironment(places(reference)),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  dbt.stdin.write(`${JSON.stringify(['test', '--select', 'test_type:unit'])}\n`);
  const [line] = await once(createInterface({ input: dbt.stdout }), 'line');
  dbt.stdin.end();
  const { success, nodes } = JSON.parse(line) as { success: boolean; nodes: { node: string; status: string }[] };
  expect(nodes.filter(({ status }) => status !== 'pass')).toEqual([]);
  expect(nodes.length).toBeGreaterThan(20);
  expect(success).toBe(true);
});

test('kill -9 in every step, each time run again: the release, versions and entries of one run', async () => {
  const workspace = copyOf(company);
  for (const step of ['set_up', 'ingest', 'transform', 'attribute', 'marts']) await killAfter(workspace, step, 400);
  expect(await runWorkspace(workspace)).toBe(first);
  expect(await counts(workspace)).toEqual(await counts(reference));
});

test('a warehouse that a killed run left damaged is set aside, and the sources are read anew', async () => {
  const workspace = temporaryDirectory();
  cpSync(reference, workspace, { recursive: true, verbatimSymlinks: true });
  const warehouse = join(workspace, '.sourced', 'warehouse.duckdb');
  const file = openSync(warehouse, 'r+');
  for (let at = 12_288; at < statSync(warehouse).size; at += 4096) writeSync(file, 'torn', at);
  closeSync(file);
  const orderly = await sourced(['run', '--workspace', workspace, '--as-of', asOf(workspace)]);
  expect(orderly.status).toBe(2);
  expect(orderly.stderr).toMatch(/cannot be read as a warehouse[\s\S]*the books keep the ledger/);
  writeFileSync(join(workspace, '.sourced', 'run.unfinished'), '');
  expect(await runWorkspace(workspace)).toBe(first);
  expect(await counts(workspace)).toEqual(await counts(reference));
  expect(readdirSync(join(workspace, '.sourced')).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
});

test.each([0, 4096, 20_000])('a warehouse of which a killed run had written %d bytes is begun anew', async (size) => {
  const workspace = copyOf(company);
  const state = join(workspace, '.sourced');
  mkdirSync(state);
  const begun = readFileSync(join(reference, '.sourced', 'warehouse.duckdb')).subarray(0, size);
  writeFileSync(join(state, 'warehouse.duckdb'), begun);
  writeFileSync(join(state, 'run.unfinished'), '');
  const { status, stderr } = await sourced(['ingest', '--workspace', workspace, '--as-of', asOf(workspace)]);
  expect(status, stderr).toBe(0);
  expect(readdirSync(state).filter((name) => name.includes('.damaged-'))).toHaveLength(1);
});

describe('what is wrong gets a clear message and its exit status, and the last release stays', () => {
  test('a second run at once: 4', async () => {
    const running = startSourced(['run', '--workspace', reference, '--as-of', asOf(reference)]);
    await firstLine(running);
    const second = await sourced(['run', '--workspace', reference, '--as-of', asOf(reference)]);
    running.kill('SIGKILL');
    await new Promise((resolve) => running.on('close', resolve));
    expect(second.status).toBe(4);
    expect(second.stderr).toMatch(/another run holds this workspace/);
    expect(releaseId(reference)).toBe(first);
  });

  test('an unknown key in sourced.yaml: 2, with file, line and a suggestion', async () => {
    const workspace = copyOf(company);
    const file = join(workspace, 'sourced.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace('lookback_days', 'lookbak_days'));
    const { status, stderr } = await sourced(['run', '--workspace', workspace]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/sourced\.yaml:\d+:\d+: unknown key `lookbak_days`.*did you mean `lookback_days`/);
    expect(stderr).not.toMatch(/ {4}at /);
  });

  test('no sourced.yaml: 2, with what to do', async () => {
    const { status, stderr } = await sourced(['run', '--workspace', join(reference, 'sheets')]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/there is no sourced\.yaml.*\n.*sourced init/);
  });

  test('an unknown option, an unknown command, an impossible clock: 2', async () => {
    for (const args of [['run', '--sauce'], ['rum'], ['run', '--as-of', 'yesterday', '--workspace', reference]])
      expect((await sourced(args)).status).toBe(2);
  });

  test('a missing column: 3, naming file and column', async () => {
    const file = join(reference, 'sheets', 'deals.csv');
    const whole = readFileSync(file, 'utf8');
    writeFileSync(file, whole.replace('is_won', 'was_won'));
    const { status, stderr } = await sourced(['run', '--workspace', reference, '--as-of', asOf(reference)]);
    writeFileSync(file, whole);
    expect(status).toBe(3);
    expect(stderr).toMatch(/deals\.csv[\s\S]*is_won/);
    expect(stderr).not.toMatch(/ {4}at /);
    expect(releaseId(reference)).toBe(first);
  });

  test('a lost directory of files: 3', async () => {
    const workspace = copyOf(company);
    renameSync(join(workspace, 'sheets'), join(workspace, 'gone'));
    const { status, stderr } = await sourced(['run', '--workspace', workspace, '--as-of', asOf(workspace)]);
    expect(status).toBe(3);
    expect(stderr).toMatch(/sheets/);
  });

  test('an audit that does not hold: 1, nothing is published', async () => {
    const file = join(reference, 'sheets', 'touchpoints.csv');
    const [header, ...rows] = readFileSync(file, 'utf8').trim().split('\n');
    const broken = rows.map((row) => row.replace(/,20\d\d-/, ',someday-'));
    writeFileSync(
      file,
      `${[header, ...rows, ...['U', 'V', 'W', 'X', 'Y', 'Z'].flatMap((copy) => broken.map((row) => copy + row))].join('\n')}\n`,
    );
    const { status, stderr } = await sourced(['run', '--workspace', reference, '--as-of', asOf(reference)]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/quarantine/);
    expect(releaseId(reference)).toBe(first);
  });
});

test('ids that nobody knows: what was meant, or what an id looks like', async () => {
  const near = await sourced(['explain', 'D1', '--workspace', reference]);
  expect(near.stderr).toMatch(/Nothing is known under D1\.\n {2}→ did you mean s:D1\?/);
  const key = await sourced([
    'keys',
    'create',
    '--person',
    'P',
    '--role',
    'partner',
    '--partner',
    'P1',
    '--workspace',
    reference,
  ]);
  expect(key.stderr).toMatch(/no partner P1\n {2}→ a partner’s id is <source>:/);
  expect([near.status, key.status]).toEqual([2, 2]);
});

test('verify: intact, then a manifest changed by hand', async () => {
  expect((await sourced(['verify', '--workspace', reference])).stdout).toMatch(/^intact: [1-9]/);
  const file = join(reference, '.sourced', 'releases', 'current', 'manifest.json');
  const whole = readFileSync(file, 'utf8');
  writeFileSync(file, whole.replace(/"as_of": "\d+/, '"as_of": "1999'));
  const { status, stderr } = await sourced(['verify', '--workspace', reference]);
  writeFileSync(file, whole);
  expect(status).toBe(1);
  expect(stderr).toMatch(/manifest\.json was changed after it was published/);
});

describe('verify recomputes what a release says', () => {
  test('rows that are not the published ones, though file and manifest agree', async () => {
    const forged = forgedRelease();
    await forged.rewrite('fct_deal_sourcing', 'SELECT * REPLACE (conflict_count + 1 AS conflict_count)');
    expect(await verified(forged.directory)).toEqual([
      `${forged.name}/fct_deal_sourcing.parquet holds other rows than were published`,
    ]);
  });

  test('a liability that its own entries do not make, under a name that is right for it', async () => {
    const forged = forgedRelease();
    const columns =
      'closing_minor + 1 AS closing_minor, payable_balance_minor + 1 AS payable_balance_minor, paid_minor - 1 AS paid_minor';
    await forged.rewrite('fct_commission_liability', `SELECT * REPLACE (${columns})`, { is_renamed: true });
    const problems = await verified(forged.directory);
    expect(problems[0]).toMatch(/ in [A-Z]{3}, \d{4}-\d{2}: closes at -?\d+ minor units; .* its entries -?\d+$/);
  });
});

/** A copy of the current release, and a way to rewrite a table of it together with what its manifest says of the file. */
function forgedRelease() {
  const name = releaseId(reference);
  const forged = { name, directory: join(temporaryDirectory(), name) };
  cpSync(join(reference, '.sourced', 'releases', name), forged.directory, { recursive: true });
  const rewrite = async (table: string, select: string, { is_renamed = false } = {}) => {
    const file = join(forged.directory, `${table}.parquet`);
    const warehouse = await openWarehouse(':memory:');
    await warehouse.run(`CREATE TABLE rewritten AS ${select} FROM read_parquet('${file}')`);
    await warehouse.run(`COPY rewritten TO '${file}' (FORMAT parquet, COMPRESSION zstd)`);
    const manifest = readManifest(forged.directory)!;
    const facts = { ...manifest.tables[table]!, sha256: await fileDigest(file) };
    if (is_renamed) Object.assign(facts, await rowsDigest(warehouse, table, file));
    warehouse.close();
    const told = { ...manifest, tables: { ...manifest.tables, [table]: facts } };
    writeFileSync(join(forged.directory, 'manifest.json'), JSON.stringify(told));
    if (!is_renamed) return;
    const renamed = join(temporaryDirectory(), releaseIdOf(told));
    renameSync(forged.directory, renamed);
    forged.directory = renamed;
  };
  return Object.assign(forged, { rewrite });
}

async function verified(directory: string): Promise<string[]> {
  const warehouse = await openWarehouse(':memory:');
  try {
    return await verifyRelease(warehouse, directory);
  } finally {
    warehouse.close();
  }
}

async function counts(workspace: string): Promise<{ versions: bigint; entries: number }> {
  const warehouse = await openWarehouse(join(workspace, '.sourced', 'warehouse.duckdb'), { readOnly: true });
  const tables = await warehouse.rows<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'raw' AND table_name LIKE 'files_%'`,
  );
  const union = tables.map(({ name }) => `SELECT count(*) AS versions FROM raw.${name}`).join(' UNION ALL ');
  const [row] = await warehouse.rows<{ versions: bigint }>(`SELECT sum(versions)::BIGINT AS versions FROM (${union})`);
  warehouse.close();
  const books = openBooks(join(workspace, '.sourced', 'books.sqlite'));
  const entries = [...books.ledger.entries()].length;
  books.close();
  expect(entries).toBeGreaterThan(0);
  return { versions: row!.versions, entries };
}

/** Kills a run with SIGKILL shortly after it said that `step` is done: in the midst of the next one. */
async function killAfter(workspace: string, step: string, delay_ms: number): Promise<void> {
  const child = startSourced(['run', '--workspace', workspace, '--as-of', asOf(workspace)]);
  const closed = once(child, 'close');
  let output = '';
  const done = new Promise<void>((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      output += chunk;
      if (output.includes(`"step":"${step}"`)) resolve();
    });
  });
  const early = closed.then(() => Promise.reject(new Error(`the run ended before ${step}: ${output}`)));
  await Promise.race([done, early]);
  await setTimeout(delay_ms);
  child.kill('SIGKILL');
  await closed;
}

function firstLine(child: ReturnType<typeof startSourced>): Promise<void> {
  return new Promise((resolve) => child.stdout!.once('data', () => resolve()));
}

/** Reverses the records and moves the first half behind the second; the header stays. */
function shuffle(file: string): void {
  const [header, ...rows] = readFileSync(file, 'utf8').trimEnd().split('\n');
  const half = Math.floor(rows.length / 2);
  writeFileSync(file, `${[header, ...rows.slice(half).reverse(), ...rows.slice(0, half)].join('\n')}\n`);
}
