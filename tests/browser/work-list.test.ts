// Lists that people work through, as they use them: sorted by money or by age, opened to records, audits opened to their query.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../api/access.ts';
import { openBrowser } from './browser.ts';
import { company } from './company.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

const exception = (kind: string, record_id: string, at_stake_minor: bigint | null, since_at: string | null) => ({
  kind,
  record_id,
  at_stake_minor,
  since_at,
  stream: 'invoices',
  reason: 'because',
  detail: 'in words',
  amount_minor: at_stake_minor,
  currency: at_stake_minor === null ? null : 'USD',
  next_action: 'mend it',
});

const gap = (kind: string, record_count: bigint, at_stake_minor: bigint, oldest_at: string | null) => ({
  ...{ kind, reason: 'because', record_count, at_stake_minor, oldest_at, next_action: 'mend it' },
});

const registration = (registration_id: string, status: string, protected_until_at: string | null) => ({
  ...{ registration_id, status, protected_until_at, partner_id: 'crm:P-1', account_id: null, domain: registration_id },
  ...{ deal_id: null, submitted_at: '2026-01-09T12:00:00Z', decided_at: '2026-01-10T12:00:00Z' },
});

/** Without a right side it is a named difference. */
const comparison = (check: string, scope: string, left: bigint, right: bigint | null) => ({
  ...{ check, scope, currency: 'USD', left_minor: left, right_minor: right ?? 0n },
  ...{ difference_minor: left - (right ?? 0n), is_exact: right !== null, explanation: `why ${scope}` },
});

const resold = (invoice_id: string, partner_id: string, month: string, list_minor: bigint, net_minor: bigint) => ({
  ...{ invoice_id, partner_id, month, list_minor, net_minor, margin_minor: list_minor - net_minor },
  ...{ deal_id: 'crm:D-1', currency: 'USD', unpriced_lines: 0n },
});

const tables = {
  ...company,
  fct_exception: [
    exception('over_payment', 'b:large', 900n, '2026-02-28T12:00:00Z'),
    exception('over_payment', 'b:old', 5n, '2025-03-01T12:00:00Z'),
    exception('over_payment', 'b:undated', 70n, null),
    exception('duplicate', 'c:lead', null, '2024-03-01T12:00:00Z'),
    { ...exception('unapplied_payment', 'b:free', 1_250n, '2026-01-01T12:00:00Z'), currency: 'EUR' },
    {
      ...exception('unapplied_payment', 'b:PY-9', 1_250n, '2026-01-01T12:00:00Z'),
      ...{ stream: 'payments', detail: 'crm:P-1 was paid' },
    },
  ],
  fct_registration: [
    registration('soon', 'approved', '2026-03-11T12:00:00Z'),
    registration('over', 'approved', '2026-02-01T12:00:00Z'),
    registration('waiting', 'pending', null),
    registration('refused', 'rejected', null),
  ],
  fct_reseller_margin: [
    resold('bill:INV-1', 'crm:P-3', '2026-01-01', 100_000n, 80_000n),
    { ...resold('bill:INV-2', 'crm:P-3', '2026-02-01', 5_000n, 5_500n), unpriced_lines: 2n },
    resold('bill:INV-7', 'crm:P-1', '2026-02-01', 2_000n, 1_500n),
  ],
  fct_reconciliation: [
    comparison('cash_to_paid', 'all payments received', 90_000n, 90_000n),
    comparison('cash_to_paid', 'payments without an invoice', 1_250n, null),
    comparison('unlinked', 'paid no_deal', 700n, null),
    comparison('ledger_to_statements', 'earned', 500n, 480n),
    comparison('revenue_to_credit', 'paid linear', 5n, 5n),
  ],
  fct_attribution_gap: [
    gap('over_payment', 3n, 975n, '2025-03-01T12:00:00Z'),
    gap('duplicate', 1n, 0n, '2024-03-01T12:00:00Z'),
    gap('late_touch', 1n, 0n, null),
    gap('contested_deal', 1n, 10n, '2026-02-01T12:00:00Z'),
  ],
};

let browser: Browser;
let site: ServedSite;
const readers = new Map<Role, BrowserContext>();

beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite(tables)]);
  for (const role of ['revops', 'finance', 'partner'] as const)
    readers.set(role, await signIn(browser, site.address, role));
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function open(role: Role, path: string): Promise<Page> {
  const page = await readers.get(role)!.newPage();
  await page.goto(site.address + path);
  await settled(page);
  return page;
}

/** The rows of a table, by their ids, once its order is this. */
async function rowsBy(page: Page, table: string, order: string): Promise<(string | null)[]> {
  await page.locator(`${table} th[aria-sort=descending] [data-sort=${order}]`).waitFor();
  return page.$$eval(`${table} > table > tbody > tr[data-id]`, (rows) =>
    rows.map((row) => row.getAttribute('data-id')),
  );
}

test('where attribution breaks is a work list by money or by age, down to its records', async () => {
  const page = await open('revops', '/revops/conflicts');
  const gaps = '[aria-label="Where attribution breaks"]';
  expect((await rowsBy(page, gaps, 'at_stake'))[0]).toBe('over_payment/because');
  await page.click(`${gaps} [data-sort=age]`);
  expect(await rowsBy(page, gaps, 'age')).toEqual([
    'duplicate/because',
    'over_payment/because',
    'contested_deal/because',
    'late_touch/because',
  ]);
  expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset.sort)).toBe('age');

  await page.click(`${gaps} tr[data-id^=contested] .open-row`);
  await page.waitForSelector('[aria-label="Contested deal: the deals"] tr[data-id="crm:D-1"]');

  await page.click(`${gaps} tr[data-id^=over_payment] .open-row`);
  const records = '[aria-label="Over payment: its records"]';
  expect(await rowsBy(page, records, 'at_stake')).toEqual(['b:large', 'b:undated', 'b:old']);
  await page.click(`${records} [data-sort=age]`);
  expect(await rowsBy(page, records, 'age')).toEqual(['b:old', 'b:large', 'b:undated']);
  expect(await page.$$eval(`${records} [data-days]`, (ages) => ages.map(({ textContent }) => textContent))).toEqual([
    '365 d',
    '1 d',
  ]);
  await page.close();
});

test('finance’s work list holds its own kinds, by money or by age', async () => {
  const page = await open('finance', '/finance/work');
  const work = '[aria-label^="Records that need somebody"]';
  expect(await rowsBy(page, work, 'at_stake')).toEqual(
    ['unapplied_payment/b:free/EUR', 'unapplied_payment/b:PY-9/USD'].concat(
      ['b:large', 'b:undated', 'b:old'].map((id) => `over_payment/${id}/USD`),
    ),
  );
  const happened = await page.$$eval(`${work} > table > tbody > tr > td:nth-child(2)`, (cells) =>
    cells.map(({ textContent }) => textContent),
  );
  expect(happened.slice(0, 2)).toEqual(['In words', 'crm:P-1 was paid']);
  await page.click(`${work} [data-sort=age]`);
  expect((await rowsBy(page, work, 'age'))[0]).toBe('over_payment/b:old/USD');
  await page.close();
});

test('what resellers keep adds up per currency and opens to its invoices', async () => {
  const page = await open('finance', '/finance/work');
  const margins = '[aria-label="What resellers keep of the list price"]';
  await page.waitForSelector(`${margins} tr[data-id="crm:P-3/USD"]`);
  const texts = (row: string) =>
    page.$$eval(`${row} > *`, (cells) => cells.map(({ textContent }) => textContent?.replaceAll('\u202f', ' ')));
  expect(await texts(`${margins} tr[data-id="crm:P-3/USD"]`)).toEqual([
    'Calla & Co2 invoices, 2 lines without a list price',
    ...['USD', '1,050.00', '855.00', '195.00', '18.6 %'],
  ]);
  await page.click(`${margins} tr[data-id="crm:P-3/USD"] .open-row`);
  const invoices = '[aria-label="Its invoices, the latest first"]';
  await page.waitForSelector(`${invoices} tr[data-id="bill:INV-2"]`);
  expect(await texts(`${invoices} tr[data-id="bill:INV-2"]`)).toEqual([
    'INV-2February 2026, 2 lines without a list price',
    ...['Harbour', '50.00', '55.00', '−5.00', '−10.0 %'],
  ]);
  const deal = await page.getAttribute(`${invoices} tr[data-id="bill:INV-2"] a[href*=D-1]`, 'href');
  expect((await page.request.get(site.address + deal)).status()).toBe(200);
  await page.close();
});

test('a partner that resells sees what it keeps, of its own', async () => {
  const page = await open('partner', '/partner/');
  const margins = '[aria-label="What we keep of the list price"]';
  await page.click(`${margins} .open-row`);
  await page.waitForSelector('[aria-label="Its invoices, the latest first"] tr[data-id="bill:INV-7"]');
  const figures = await page.$$eval(`${margins} tr[data-id="USD"] .digits`, (all) => all.map((one) => one.textContent));
  expect(figures).toEqual(['20.00', '15.00', '5.00']);
  await page.close();
});

test('finance follows the money from billing to the statements; a named difference opens to its records', async () => {
  const page = await open('finance', '/finance/reconciliation');
  expect(await page.$$eval('main h2', (heads) => heads.map(({ textContent }) => textContent))).toEqual([
    'Payments and paid revenue agree',
    'Invoices, revenue and deals agree',
    'The ledger and statements 1 differs',
  ]);
  const figures = (id: string) =>
    page.$$eval(`tr[data-id="${id}"] .digits`, (all) => all.map(({ textContent }) => textContent));
  expect(await figures('cash_to_paid/all payments received/USD')).toEqual(['900.00', '900.00', '0']);
  expect(await figures('cash_to_paid/payments without an invoice/USD')).toEqual(['12.50']);
  expect(await figures('ledger_to_statements/earned/USD')).toEqual(['5.00', '4.80', '0.20']);

  await page.click('tr[data-id="cash_to_paid/payments without an invoice/USD"] .open-row');
  await page.waitForSelector('tr.opened tr[data-id="b:PY-9"]');
  expect(await page.locator('tr.opened tr[data-id]').count()).toBe(1); // not the payment in euros
  await page.click('tr[data-id="unlinked/paid no_deal/USD"] .open-row');
  await page.waitForSelector('[aria-label="Invoices without a deal"] tr[data-id]');
  await page.close();
});

test('a partner sees how long each registration protects, by the programme too, and what ends soon', async () => {
  const page = await open('partner', '/partner/');
  const rows = page.locator('#registrations tbody tr');
  await rows.first().waitFor();
  expect(await rows.evaluateAll((all) => all.map((row) => row.lastElementChild!.textContent))).toEqual([
    'from approval',
    '10 days left',
    'ended 1 Feb 2026',
    '–',
  ]);
  await page.getByText('1 protection ends within 30 days, with no deal yet').waitFor();
  await page.close();
});

test('an audit opens to the SQL that decides it, and says where a release holds none', async () => {
  const page = await open('revops', '/trust/');
  await page.click('tr[data-id=credit_conserved] .open-row');
  expect(await page.locator('pre.query').textContent()).toBe("select 'credit_conserved' as name");
  await page.click('tr[data-id=few_refused] .open-row');
  await page.getByText('This release does not hold its query.').waitFor();
  await page.close();
});
