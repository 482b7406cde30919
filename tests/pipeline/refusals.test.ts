// A user's mistake, or what the machine refuses, is said in words with the next step; a stack trace is for bugs of ours.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { exitStatus, UsageError } from '../../core/errors.ts';
import { describeError } from '../../pipeline/exit.ts';
import { findPython } from '../../pipeline/python.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { root, sourced, startSourced, temporaryDirectory } from '../workspace.ts';

const deals = 'deal_id,account_id,created_at,is_closed,is_won,amount\n';

/** A small workspace with one file of deals. */
function workspaceWith(rows: string): string {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, 'sheets'));
  writeFileSync(
    join(workspace, 'sourced.yaml'),
    'company: Acme\nreporting: {currency: USD, time_zone: UTC}\nsources: [{name: s, connector: files, directory: ./sheets}]\n',
  );
  writeFileSync(join(workspace, 'sheets', 'deals.csv'), deals + rows);
  return workspace;
}

/** Runs the command; its words must hold `message`, and no stack trace. */
async function refused(args: readonly string[], message: RegExp, status: number = exitStatus.usage): Promise<void> {
  const outcome = await sourced(args);
  expect(outcome.stderr).toMatch(message);
  expect(outcome.stderr).not.toMatch(/bug of ours| {4}at /);
  expect(outcome.status).toBe(status);
}

test('amounts that 64 bits do not hold together: the largest is named, wherever the sum was made', async () => {
  const large = '9999999999999999.99';
  const workspace = workspaceWith('');
  const write = (name: string, ...rows: string[]) =>
    writeFileSync(join(workspace, 'sheets', `${name}.csv`), `${rows.join('\n')}\n`);
  write('accounts', 'account_id,name', 'A,Ember');
  const deal = (id: number, amount: string) => `D${id},A,2026-01-01,false,false,${amount}`;
  write('deals', deals.trim(), ...[1, 2, 3].map((id) => deal(id, large)));
  const run = ['run', '--workspace', workspace, '--as-of', '2026-02-01T00:00:00Z'];
  const message = (what: string, id: string) =>
    new RegExp(`${what} in USD add up to more than 64 bits hold; the largest amount is ${large} \\(s:${id}\\)\n +→`);
  await refused(run, message('deals', 'D1'), exitStatus.audit);

  write('deals', deals.trim(), ...[1, 2, 3].map((id) => deal(id, '1.00')));
  write('billing_customers', 'customer_id,account_id,name', 'C,A,Ember');
  write('invoices', 'invoice_id,customer_id,issued_at,status,currency', 'I,C,2026-01-02,open,USD');
  write('invoice_lines', 'line_id,invoice_id,amount', ...Array.from({ length: 10 }, (_, n) => `L${n},I,${large}`));
  await refused(run, message('invoice lines', 'L0'), exitStatus.audit);
});

test('a number beyond 64 bits that nobody foresaw is said in words', async () => {
  const warehouse = await openWarehouse(':memory:');
  for (const sql of [
    'select cast(9223372036854775807::hugeint + 1 as bigint)',
    'select 9223372036854775807::bigint + 1::bigint',
    'select sum(amount) from (values (170141183460469231731687303715884105727::hugeint), (1)) as one (amount)',
  ]) {
    const words = describeError(await warehouse.rows(sql).catch((error) => error));
    expect(words).toMatch(/amounts are too large[\s\S]*→ look for an amount/);
    expect(words).not.toMatch(/ {4}at /);
  }
  warehouse.close();
});

describe('a workspace that cannot be used', () => {
  test.each([
    ['warehouse.duckdb', ['ingest'], /cannot be read as a warehouse[\s\S]*→ restore it from a backup, or move it away/],
    ['books.sqlite', ['keys', 'list'], /books\.sqlite is not a database\n {2}→ .*backup/],
  ])('a damaged %s', async (name, command, message) => {
    const workspace = workspaceWith('D1,A1,2026-01-01,false,false,1.00\n');
    mkdirSync(join(workspace, '.sourced'));
    writeFileSync(join(workspace, '.sourced', name), 'no such thing\n'.repeat(500));
    await refused([...command, '--workspace', workspace], message);
  });

  test('files where directories should be, and the other way round', async () => {
    const workspace = workspaceWith('');
    writeFileSync(join(workspace, '.sourced'), '');
    await refused(['ingest', '--workspace', workspace], /\.sourced: something else has this name/);
    await refused(['init', join(workspace, '.sourced')], /a part of the path is a file/);
    rmSync(join(workspace, 'sourced.yaml'));
    mkdirSync(join(workspace, 'sourced.yaml'));
    await refused(['check', '--workspace', workspace], /sourced\.yaml is not a file/);
  });

  test('a directory of files that holds no stream: what is there, and what a name looks like', async () => {
    const workspace = workspaceWith('');
    rmSync(join(workspace, 'sheets', 'deals.csv'));
    writeFileSync(join(workspace, 'sheets', 'Deals.xlsx'), '');
    const message = /holds no canonical stream; there is Deals\.xlsx[\s\S]*→ name a file partners\.csv/;
    await refused(['ingest', '--workspace', workspace], message, exitStatus.source);
  });
});

test('a refused record is listed with file, line, field and meaning; an unknown id is said to be unknown', async () => {
  const workspace = workspaceWith('D1,A1,2026-01-01,no,false,1.00\n');
  await sourced(['ingest', '--workspace', workspace]);
  const { stdout } = await sourced(['quarantine', 'list', '--json', '--workspace', workspace]);
  expect(JSON.parse(stdout)).toMatchObject({
    file: join('sheets', 'deals.csv'),
    record: 2,
    record_id: 'D1',
    field: 'is_closed',
    reason: 'bad_boolean',
    detail: 'no',
    meaning: 'neither true nor false',
  });
  await refused(['quarantine', 'replay', 'Q-0', '--workspace', workspace], /there is no open record Q-0/);
});

test('a taken port is known before the demo starts', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await refused(['demo', '--port', String(port)], new RegExp(`port ${port} is in use\\n {2}→ choose another`));
  await new Promise((resolve) => other.close(resolve));
});

test('whoever reads the output may stop before the end', async () => {
  const workspace = workspaceWith('D1,A1,2026-01-01,false,false,1.00\n');
  const child = startSourced(['check', '--workspace', workspace]);
  child.stdout!.destroy();
  let complaints = '';
  child.stderr!.on('data', (chunk: Buffer) => {
    complaints += chunk;
  });
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(exitStatus.done);
  expect(complaints).toBe('');
});

test('no Python on the PATH: one line that says what to install', () => {
  expect(() => findPython('')).toThrow(UsageError);
  expect(() => findPython('')).toThrow(/needs Python 3\.10 or newer; there is none/);
});

test('--version is that of package.json', async () => {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  expect((await sourced(['--version'])).stdout.trim()).toBe(version);
});

describe('--json: what a program reads is JSON, and nothing else', () => {
  const workspace = workspaceWith('D1,A1,2026-01-01,no,false,1.00\n');
  const json = async (args: readonly string[], env = {}) =>
    JSON.parse((await sourced([...args, '--json', '--workspace', workspace], env)).stdout);

  test('init', async () => {
    const directory = temporaryDirectory();
    const { stdout } = await sourced(['init', directory, '--connectors', 'stripe', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({
      config: join(directory, 'sourced.yaml'),
      schema: join(directory, 'sourced.schema.json'),
      variables: [{ variable: 'STRIPE_API_KEY' }],
    });
  });

  test('a record is waived with a why, by our own people; a key is revoked', async () => {
    await sourced(['ingest', '--workspace', workspace]);
    const { quarantine_id } = await json(['quarantine', 'list']);
    const keyOf = (role: string, ...more: string[]) =>
      json(['keys', 'create', '--person', ' Ann ', '--role', role, ...more]);
    const waive = ['quarantine', 'waive', quarantine_id, '--workspace', workspace, '--reason'];
    const partner = await sourced([...waive, 'why not'], {
      SOURCED_KEY: (await keyOf('partner', '--partner', 's:P1')).key,
    });
    expect([partner.status, partner.stderr]).toEqual([
      2,
      expect.stringContaining('it takes the role revops or finance'),
    ]);
    const { key, key_id, person } = await keyOf('finance');
    expect(person).toBe('Ann');
    const silent = await sourced([...waive, ' '], { SOURCED_KEY: key });
    expect([silent.status, silent.stderr]).toEqual([2, expect.stringContaining('Say why.')]);
    expect(await json([...waive, 'a test row'], { SOURCED_KEY: key })).toMatchObject({
      quarantine_id,
      state: 'waived',
      person: 'Ann',
    });
    expect(await json(['keys', 'revoke', key_id])).toMatchObject({ key_id, revoked_at: expect.any(String) });
  });
});

test('a key names somebody', async () => {
  const workspace = workspaceWith('');
  await refused(['keys', 'create', '--person', ' ', '--role', 'finance', '--workspace', workspace], /names nobody/);
});

test('a demo is made in an empty directory or over another demo only', async () => {
  const workspace = workspaceWith('');
  await refused(['demo', '--no-serve', '--workspace', workspace], /holds something that is no demo/);
  expect(readFileSync(join(workspace, 'sourced.yaml'), 'utf8')).toContain('Acme');
});
