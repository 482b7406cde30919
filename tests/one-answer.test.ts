// One question, every face: the hand-computed figures of the golden company as Parquet, JSON, CSV, Arrow, on a page in a real
// browser, and on the command line are the same, over a server started as a user would start it.
import { join } from 'node:path';
import { tableFromIPC } from 'apache-arrow';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { openBrowser } from './browser/browser.ts';
import { settled } from './browser/site.ts';
import { ranCopyOf } from './made.ts';
import { currentRelease, root, sourced, startSourced } from './workspace.ts';

/** April 2026, paid, worked out by hand in tests/cases/golden/README.md. */
const month = '2026-04';
const byHand = { total: '260000', sourced: '110000', influenced_distinct: '150000', closing: '28000' };

let workspace: string;
let address: string;
let key: string;
let server: ReturnType<typeof startSourced>;
let browser: Browser;

beforeAll(async () => {
  workspace = await ranCopyOf(join(root, 'tests', 'cases', 'golden'));
  const args = ['keys', 'create', '--person', 'Ada', '--role', 'leadership', '--json', '--workspace', workspace];
  key = JSON.parse((await sourced(args)).stdout).key;
  server = startSourced(['serve', '--port', '0', '--workspace', workspace]);
  address = await new Promise((resolve, reject) => {
    server.stdout!.on('data', (chunk: Buffer) => {
      const found = /http:\/\/[\d.:]+/.exec(chunk.toString());
      if (found) resolve(found[0]);
    });
    server.stderr!.on('data', (chunk: Buffer) => reject(new Error(chunk.toString())));
  });
  browser = await openBrowser();
});

afterAll(async () => {
  await browser?.close();
  server?.kill('SIGTERM');
});

const url = `/v1/revenue/monthly?basis=paid&month=${month}`;

async function get(path: string, accept: string): Promise<Response> {
  const response = await fetch(address + path, { headers: { accept, authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  return response;
}

test('Parquet', async () => {
  const release = await openWarehouse(':memory:');
  const table = (name: string) => `'${join(currentRelease(workspace), `${name}.parquet`)}'`;
  const [revenue] = await release.rows(`
    SELECT sum(total_minor)::VARCHAR AS total, sum(sourced_minor)::VARCHAR AS sourced,
      sum(influenced_distinct_minor)::VARCHAR AS influenced_distinct
    FROM ${table('fct_revenue_monthly')} WHERE basis = 'paid' AND month = '${month}-01'`);
  const [liability] = await release.rows(`
    SELECT closing_minor::VARCHAR AS closing FROM ${table('fct_commission_liability')}
    WHERE month = '${month}-01' AND currency = 'USD'`);
  release.close();
  expect({ ...revenue, ...liability }).toEqual(byHand);
});

test('JSON', async () => {
  const { items } = (await (await get(url, 'application/json')).json()) as {
    items: Record<string, { amount_minor: string }>[];
  };
  const { items: liability } = (await (
    await get(`/v1/commissions/liability?month=${month}&currency=USD`, 'application/json')
  ).json()) as { items: Record<string, { amount_minor: string }>[] };
  expect(items).toHaveLength(1);
  expect({
    total: items[0]!.total!.amount_minor,
    sourced: items[0]!.sourced!.amount_minor,
    influenced_distinct: items[0]!.influenced_distinct!.amount_minor,
    closing: liability[0]!.closing!.amount_minor,
  }).toEqual(byHand);
});

test('CSV', async () => {
  const [header, row] = (await (await get(url, 'text/csv')).text())
    .replace(/^\uFEFF/, '')
    .trim()
    .split(/\r?\n/);
  const cells = Object.fromEntries(header!.split(',').map((name, index) => [name, row!.split(',')[index]]));
  expect([cells.total_minor, cells.sourced_minor, cells.influenced_distinct_minor]).toEqual([
    byHand.total,
    byHand.sourced,
    byHand.influenced_distinct,
  ]);
});

test('Arrow', async () => {
  const bytes = new Uint8Array(await (await get(url, 'application/vnd.apache.arrow.stream')).arrayBuffer());
  const row = tableFromIPC(bytes).get(0)!.toJSON() as Record<string, unknown>;
  expect([row.total_minor, row.sourced_minor, row.influenced_distinct_minor].map(String)).toEqual([
    byHand.total,
    byHand.sourced,
    byHand.influenced_distinct,
  ]);
});

test('the page', async () => {
  const page = await browser.newPage();
  await page.goto(`${address}/login`);
  await page.fill('input[name=key]', key);
  await page.click('button');
  await page.waitForURL('**/leadership/');
  await page.goto(`${address}/leadership/?month=${month}`);
  await settled(page);
  const shown = await page.$$eval('.figures .large .digits', (all) =>
    all.map((figure) => (figure as HTMLElement).dataset.minor),
  );
  expect(shown.slice(0, 2)).toEqual([byHand.sourced, byHand.influenced_distinct]);
  const link = await page.getAttribute('.figures a[href*="explain"]', 'href');
  await page.goto(new URL(link!, page.url()).href);
  await settled(page);
  expect(await page.textContent('main')).toMatch(/1,100/);
});

test('the command line leads from a partner’s month down to the records', async () => {
  const { status, stdout } = await sourced(['explain', `s:P1/${month}`, '--workspace', workspace]);
  expect(status).toBe(0);
  expect(stdout).toMatch(/Alpha first +-100\.00 USD +s:D1/);
  const liability = await sourced(['explain', `liability/s:P1/${month}/USD`, '--workspace', workspace]);
  expect(liability.stdout).toMatch(/280\.00 USD/);
  const entry = await sourced(['explain', 's:I1', '--workspace', workspace]);
  expect(entry.stdout).toMatch(/PY1b[\s\S]*ADJ1/);
  expect((await sourced(['explain', 'nothing', '--workspace', workspace])).status).toBe(2);
});
