// From keys to the first page as the README has it, against the sandbox's systems; and what becomes of the keys: nothing that a
// run writes or says holds one, also where a system repeats the key in its refusal.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse, type Warehouse } from '../../pipeline/warehouse.ts';
import { generateCompany } from '../../sandbox/generate.ts';
import { createStore } from '../../sandbox/servers/company.ts';
import { startCrossbeam } from '../../sandbox/servers/crossbeam.ts';
import { startHubspot } from '../../sandbox/servers/hubspot.ts';
import { startPartnerStack } from '../../sandbox/servers/partnerstack.ts';
import { startStripe } from '../../sandbox/servers/stripe.ts';
import { vendorCompany } from '../../sandbox/vendors.ts';
import { currentRelease, type Outcome, sourced, temporaryDirectory } from '../workspace.ts';

const canary = 'canary7Qx9';
const secrets = {
  HUBSPOT_TOKEN: `pat-na1-${canary}-hubspot`,
  STRIPE_API_KEY: `rk_live_${canary}_stripe`,
  PARTNERSTACK_SECRET_KEY: `sk-${canary}-partnerstack`,
  CROSSBEAM_CLIENT_SECRET: `${canary}/crossbeam+secret`,
  CROSSBEAM_REFRESH_TOKEN: `${canary}-crossbeam-refresh`,
};
const environment = {
  ...secrets,
  PARTNERSTACK_PUBLIC_KEY: 'pk-public',
  CROSSBEAM_CLIENT_ID: 'xb-client',
  CROSSBEAM_ORGANIZATION: '3f0c6a52-9d5a-4b1e-8a7e-0d7b9f4a1c11',
};

const workspace = join(temporaryDirectory(), 'acme');
const outcomes: Outcome[] = [];
const open: { close(): unknown }[] = [];
afterAll(async () => {
  for (const each of open) await each.close();
});

async function sourcedWith(command: string, ...more: string[]): Promise<Outcome> {
  const outcome = await sourced([command, '--workspace', workspace, ...more], environment);
  outcomes.push(outcome);
  return outcome;
}

/** The one thing that a sandbox needs beside the template: where it answers. */
function pointTo(urls: Readonly<Record<string, string>>): void {
  const file = join(workspace, 'sourced.yaml');
  const text = readFileSync(file, 'utf8').replace(/^ {4}(base|token)_url: .*\n/gm, '');
  const pointed = text.replace(/^ {4}connector: (\w+).*\n/gm, (line, name: string) => `${line}${urls[name] ?? ''}`);
  // A company of sixty accounts has more refused records in a hundred than a real one.
  writeFileSync(file, pointed.replace('max_quarantine_share: 0.01', 'max_quarantine_share: 0.1'));
}

const address = (name: string, url: string) => `    ${name}_url: ${url}\n`;

beforeAll(async () => {
  const directory = temporaryDirectory();
  generateCompany({ directory, size: { accounts: 60, partners: 8 } });
  const store = createStore(vendorCompany(directory));
  const { STRIPE_API_KEY: key, HUBSPOT_TOKEN: token, PARTNERSTACK_SECRET_KEY: secretKey } = secrets;
  const hubspot = await startHubspot({ store, token, limits: { tenSeconds: 1e9, searchSecond: 5 } });
  const stripe = await startStripe({ store, key });
  const partnerstack = await startPartnerStack({ store, publicKey: environment.PARTNERSTACK_PUBLIC_KEY, secretKey });
  const crossbeam = await startCrossbeam({
    store,
    clientSecret: secrets.CROSSBEAM_CLIENT_SECRET,
    refreshToken: secrets.CROSSBEAM_REFRESH_TOKEN,
  });
  open.push(hubspot, stripe, partnerstack, crossbeam);
  const { status } = await sourced(['init', workspace, '--connectors', 'hubspot,stripe,partnerstack,crossbeam']);
  expect(status).toBe(0);
  pointTo({
    hubspot: address('base', hubspot.url),
    stripe: address('base', stripe.url),
    partnerstack: address('base', `${partnerstack.url}/api/v2`),
    crossbeam: address('base', crossbeam.url) + address('token', `${crossbeam.url}/oauth/token`),
  });
});

test('check, run, a key: the first page is there', async () => {
  const check = await sourcedWith('check');
  expect(check.stdout.split('\n').filter((line) => line.startsWith('✗'))).toEqual([]);
  expect(check.status).toBe(0);
  const run = await sourcedWith('run');
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  expect(readFileSync(join(currentRelease(workspace), 'site', 'leadership', 'index.html'), 'utf8')).toContain('<h1');
  const [paid] = await inMemory(({ rows }) =>
    rows<{ deals: bigint }>(
      `SELECT count(DISTINCT deal_id) AS deals FROM '${currentRelease(workspace)}/fct_deal_money.parquet' WHERE basis = 'paid'`,
    ),
  );
  expect(Number(paid!.deals)).toBeGreaterThan(20);
  expect(check.stdout).toMatch(/mapping: partners {2}8 in Crossbeam; a run matches them/);
  expect((await sourcedWith('check')).stdout).toContain('mapping: partners  8 known');
  expect((await sourcedWith('keys', 'create', '--person', 'Ada', '--role', 'leadership')).status).toBe(0);
});

test('a system that repeats the key in its refusal', async () => {
  const echo = createServer((request, response) => {
    const [scheme = '', credentials = ''] = request.headers.authorization?.split(' ') ?? [];
    let said = `no: ${scheme} ${credentials} ${Buffer.from(credentials, 'base64')} `;
    request.on('data', (part) => {
      said += `${part} ${decodeURIComponent(String(part))}`;
    });
    request.on('end', () => {
      response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ message: said }));
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  open.push(echo);
  const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
  const one = address('base', url);
  pointTo({ hubspot: one, stripe: one, partnerstack: one, crossbeam: one + address('token', `${url}/oauth/token`) });
  for (const command of ['check', 'ingest']) {
    const { status, stdout, stderr } = await sourcedWith(command);
    expect(status).toBe(3);
    expect(`${stdout}${stderr}`).toContain('‹secret›');
  }
});

test('no file, table, page or line of output holds a key', async () => {
  const places = new Map(outcomes.map(({ stdout, stderr }, index) => [`output ${index}`, `${stdout}\n${stderr}`]));
  for (const path of filesBelow(workspace)) places.set(path, readFileSync(path, 'latin1'));
  const names = [...places.keys()];
  for (const kind of [
    /\.parquet$/,
    /warehouse\.duckdb$/,
    /books\.sqlite$/,
    /site.*\.html$/,
    /loads.*\.json$/,
    /manifest\.json$/,
  ])
    expect(
      names.some((name) => kind.test(name)),
      String(kind),
    ).toBe(true);
  // What is stored compressed is read as rows.
  for (const path of names.filter((name) => name.endsWith('.parquet')))
    places.set(`rows of ${path}`, await inMemory((database) => textOf(database, `'${path}'`)));
  places.set('the warehouse', await warehouseText());
  places.set('the books', booksText());
  expect([...places].filter(([, text]) => holdsKey(text)).map(([place]) => place)).toEqual([]);
  const hidden = ['x:', 'xy:', 'xyz:'].map((start) => Buffer.from(`${start}${canary}:`).toString('base64'));
  expect([...hidden, 'nothing'].map(holdsKey)).toEqual([true, true, true, false]);
});

/** Plain, percent-encoded, or within something in base64. */
function holdsKey(text: string): boolean {
  if (text.includes(canary)) return true;
  return [...text.matchAll(/[A-Za-z0-9+/_-]{14,}/g)].some(([part]) =>
    Buffer.from(part, 'base64').toString('latin1').includes(canary),
  );
}

function filesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

async function inMemory<Result>(work: (database: Warehouse) => Promise<Result>): Promise<Result> {
  const database = await openWarehouse(':memory:');
  try {
    return await work(database);
  } finally {
    database.close();
  }
}

async function textOf({ rows }: Warehouse, relation: string): Promise<string> {
  const lines = await rows<{ line: string }>(`SELECT to_json(line)::VARCHAR AS line FROM ${relation} AS line`);
  return lines.map(({ line }) => line).join('\n');
}

async function warehouseText(): Promise<string> {
  const database = await openWarehouse(join(workspace, '.sourced', 'warehouse.duckdb'), { readOnly: true });
  try {
    const tables = await database.rows<{ name: string }>(
      `SELECT format('"{}"."{}"', schema_name, table_name) AS name FROM duckdb_tables()`,
    );
    expect(tables.length).toBeGreaterThan(50);
    const texts: string[] = [];
    for (const { name } of tables) texts.push(await textOf(database, name));
    return texts.join('\n');
  } finally {
    database.close();
  }
}

function booksText(): string {
  const books = new DatabaseSync(join(workspace, '.sourced', 'books.sqlite'), { readOnly: true });
  const tables = books.prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`).all() as { name: string }[];
  const texts = tables.map(({ name }) =>
    JSON.stringify(books.prepare(`SELECT * FROM "${name}"`).all(), (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    ),
  );
  books.close();
  return texts.join('\n');
}
