// The figures on the pages are those of the API, to the minor unit; filters live in the URL; the keyboard reaches everything;
// a new release leaves nothing of the old one behind.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../api/access.ts';
import { SECOND } from '../api/fixture.ts';
import { openBrowser } from './browser.ts';
import { company, months } from './company.ts';
import { buildRelease, type ServedSite, serveSite, settled, signIn } from './site.ts';

type Money = { amount_minor: string; currency: string };
type Row = Record<string, Money>;
type List = { items: Row[]; reporting_totals: Row[]; totals: Row[] };

const month = '2026-02';

let browser: Browser;
let site: ServedSite;
const readers = new Map<Role, BrowserContext>();

beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite(company)]);
  for (const role of ['leadership', 'revops', 'finance', 'partner'] as const)
    readers.set(role, await signIn(browser, site.address, role));
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function open(role: Role, path: string): Promise<{ page: Page; ask: (url: string) => Promise<List> }> {
  const context = readers.get(role)!;
  const page = await context.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(site.address + path);
  await settled(page);
  return { page, ask: async (url) => (await context.request.get(site.address + url)).json() as Promise<List> };
}

/** Minor units of the figures that a selector finds, in order. */
function figures(page: Page, selector: string): Promise<string[]> {
  return page.$$eval(`${selector} .digits`, (all) => all.map((figure) => (figure as HTMLElement).dataset.minor ?? ''));
}

const sum = (amounts: readonly (Money | undefined)[]) =>
  amounts.reduce((total, amount) => total + BigInt(amount?.amount_minor ?? 0), 0n).toString();

/** What a reader sees is what `data-minor` says. */
async function shownAsMinor(page: Page): Promise<void> {
  const shown = await page.$$eval('main .digits', (all) =>
    all.map((figure) => [
      figure.textContent!.replaceAll(/[,.]/g, '').replace('−', '-'),
      (figure as HTMLElement).dataset.minor,
    ]),
  );
  expect(shown.length).toBeGreaterThan(5);
  for (const [text, minor] of shown) expect(BigInt(text!)).toBe(BigInt(minor!));
}

test('window sensitivity: under our own windows the published figures, under others those of the API', async () => {
  const { page, ask } = await open('revops', '/revops/windows');
  const { items } = await ask(`/v1/window-sensitivity?from=2025-03&to=${month}&basis=paid&currency=reporting`);
  const line = (days: number, isOwn: boolean) =>
    items.filter((row: Record<string, unknown>) => row.window_days === days && row.is_configured === isOwn);
  const shown = async (id: string) => (await figures(page, `section:not(.chart) tr[data-id="${id}"]`)).slice(0, 2);
  for (const [id, rows] of [
    ['own', line(180, true)],
    ['180', line(180, false)],
    ['30', line(30, false)],
  ] as const)
    expect(await shown(id), id).toEqual([
      sum(rows.map((row) => row.reporting_sourced)),
      sum(rows.map((row) => row.reporting_influenced_distinct)),
    ]);
  await page.close();
});

test('leadership: the four figures, the chart and the partners', async () => {
  const { page, ask } = await open('leadership', '/leadership/');
  const revenue = await ask(`/v1/revenue/monthly?basis=paid&month=${month}`);
  const liability = await ask(`/v1/commissions/liability?month=${month}&limit=1`);
  expect(await figures(page, '.figures .large')).toEqual([
    sum(revenue.items.map((row) => row.reporting_sourced)),
    sum(revenue.items.map((row) => row.reporting_influenced_distinct)),
    liability.reporting_totals[0]!.closing!.amount_minor,
  ]);
  expect(await figures(page, '.figures > :nth-child(3) p')).toEqual([
    sum(revenue.items.map((row) => row.reporting_total)),
  ]);
  const partners = await ask(`/v1/partners?month=${month}&basis=paid&limit=10`);
  expect(await figures(page, '#top-partners tbody')).toEqual(
    partners.items.flatMap((row) =>
      [row.sourced, row.influenced_gross, row.owed].map((amount) => amount!.amount_minor),
    ),
  );
  const total = await figures(page, '.chart tbody tr:first-child td:nth-child(5)');
  expect(total).toEqual([sum(revenue.items.map((row) => row.reporting_total))]);
  expect(await page.locator('.chart tbody tr').count()).toBe(months.length);
  await shownAsMinor(page);
  await page.close();
});

test('revops: three numbers of influence, credit that adds up, each partner under the chosen method', async () => {
  const { page, ask } = await open('revops', '/revops/?method=last_touch');
  const revenue = await ask(`/v1/revenue/monthly?basis=paid&month=${month}`);
  const gross = await ask(`/v1/revenue/partners?basis=paid&month=${month}`);
  const credit = await ask(`/v1/attribution?basis=paid&month=${month}&method=last_touch&party_kind=partner&limit=1000`);
  expect(await figures(page, '.figures')).toEqual([
    sum(revenue.items.map((row) => row.reporting_sourced)),
    sum(revenue.items.map((row) => row.reporting_influenced_distinct)),
    sum(gross.items.map((row) => row.reporting_influenced_gross)),
    sum(credit.items.map((row) => row.reporting_amount)),
  ]);
  expect(await page.getAttribute('.proof', 'data-difference')).toBe('0');
  for (const partner_id of ['crm:P-1', 'crm:P-7']) {
    const own = credit.items.filter((row) => (row.party_id as unknown) === partner_id);
    const [shown] = await figures(page, `tr[data-id="${partner_id}"] td:nth-child(3)`);
    expect(shown).toBe(sum(own.map((row) => row.reporting_amount)));
  }
  await shownAsMinor(page);
  await page.close();
});

test('finance: the roll-forward foots, in the reporting currency and in its own', async () => {
  const { page, ask } = await open('finance', '/finance/');
  const answer = await ask(`/v1/commissions/liability?month=${month}&limit=1000`);
  expect(await page.textContent('.chart-head .holds')).toContain('every line foots');
  const roll = '[aria-label^="Roll-forward of"]';
  const foot = await figures(page, `${roll} tfoot tr td:nth-last-child(2)`);
  expect(foot).toEqual([answer.reporting_totals[0]!.closing!.amount_minor]);
  const closing = await figures(page, `${roll} tbody td:nth-last-child(2)`);
  expect(closing).toEqual(answer.items.map((row) => row.reporting_closing!.amount_minor));
  await page.selectOption('select[name=currency]', 'native');
  await page.waitForSelector('tfoot tr[data-id="total/EUR"]');
  expect(await figures(page, `${roll} tfoot tr td:nth-last-child(2)`)).toEqual(
    answer.totals.map((row) => row.closing!.amount_minor),
  );
  await shownAsMinor(page);
  await page.close();
});

test('partner: what /v1/me says, and no figure of another partner', async () => {
  const { page } = await open('partner', '/partner/');
  const me = await (await readers.get('partner')!.request.get(`${site.address}/v1/me`)).json();
  const steps = me.steps.flatMap((row: Record<string, Money>) =>
    ['expected', 'held', 'payable', 'paid'].map((name) => row[name]!.amount_minor),
  );
  expect(await figures(page, '.figures')).toEqual(steps);
  const text = await page.textContent('body');
  for (const other of company.dim_partner!.slice(1)) expect(text).not.toContain(String(other.name));
  await page.close();
});

test('a filter changes the URL, asks the API, and the way back restores it', async () => {
  const { page, ask } = await open('leadership', '/leadership/');
  const before = await figures(page, '.figures .large');
  await page.selectOption('select[name=month]', '2025-07');
  await page.waitForURL('**/leadership/?month=2025-07');
  const revenue = await ask('/v1/revenue/monthly?basis=paid&month=2025-07');
  const sourced = sum(revenue.items.map((row) => row.reporting_sourced));
  await page.waitForFunction(
    (minor) => document.querySelector('.figures .digits')?.getAttribute('data-minor') === minor,
    sourced,
  );
  expect(await page.getAttribute('nav a[aria-current]', 'href')).toContain('month=2025-07');
  await page.goBack();
  await page.waitForFunction(
    (minor) => document.querySelector('.figures .digits')?.getAttribute('data-minor') === minor,
    before[0],
  );
  expect(new URL(page.url()).search).toBe('');
  await page.close();
});

test('a partner opens to its deals, a deal to its journey, with the keyboard alone', async () => {
  const { page } = await open('revops', '/revops/?month=2026-01');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to content');
  await page.focus('tr[data-id="crm:P-1"] .open-row');
  await page.keyboard.press('Enter');
  await page.waitForSelector('tr.opened tr[data-id="crm:D-1"]');
  await page.focus('tr.opened tr[data-id="crm:D-1"] a');
  await page.keyboard.press('Enter');
  await page.waitForURL('**/revops/deal?id=crm%3AD-1');
  await settled(page);
  expect(await page.textContent('main')).toContain('deal registration');
  expect(await page.locator('.lost').first().textContent()).toContain('Calla & Co');
  await page.focus('.twin summary');
  await page.keyboard.press('Enter');
  expect(await page.isVisible('.twin table')).toBe(true);
  await page.close();
});

test('on paper the finance page has its figures and none of the machinery', async () => {
  const { page } = await open('finance', '/finance/');
  await page.emulateMedia({ media: 'print' });
  expect(await page.isVisible('nav')).toBe(false);
  expect(await page.isVisible('.twin')).toBe(false);
  expect(await page.locator('tfoot').last().isVisible()).toBe(true);
  await page.close();
});

test.each(['', 'aging', 'statements', 'entries', 'reconciliation'])(
  '/finance/%s is no wider than a sheet',
  async (path) => {
    const { page } = await open('finance', `/finance/${path}`);
    await page.emulateMedia({ media: 'print' });
    await page.setViewportSize({ width: 1032, height: 700 }); // A4 across within its margins
    await page.waitForTimeout(100); // charts are drawn anew
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(1032);
    await page.close();
  },
);

test('a new release is noticed, and its site holds no figure of the old one', async () => {
  const { page, ask } = await open('leadership', '/leadership/');
  const [old] = await figures(page, '.figures .large');
  const replaced = {
    ...company,
    fct_revenue_monthly: company.fct_revenue_monthly!.map((row) => ({
      ...row,
      reporting_sourced_minor: (row.reporting_sourced_minor as bigint) + 77n,
    })),
  };
  const directory = await buildRelease(site.releasesDirectory, SECOND, replaced);
  await page.selectOption('select[name=month]', '2025-07');
  await page.waitForSelector('[data-newer]:not([hidden])');
  await page.goto(`${site.address}/leadership/`);
  await settled(page);
  const revenue = await ask(`/v1/revenue/monthly?basis=paid&month=${month}`);
  const [fresh] = await figures(page, '.figures .large');
  expect(fresh).toBe(sum(revenue.items.map((row) => row.reporting_sourced)));
  expect(fresh).not.toBe(old);
  for (const file of readdirSync(join(directory, 'site'), { recursive: true, withFileTypes: true }))
    if (file.isFile() && /\.(html|json|js)$/.test(file.name))
      expect(readFileSync(join(file.parentPath, file.name), 'utf8')).not.toContain(`"${old}"`);
  await page.close();
});
