// A company of which nothing is known yet: every page still opens, says what is missing and what to do about it.
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { releaseTables } from '../../api/tables.ts';
import { openBrowser } from './browser.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

const nothing = Object.fromEntries(Object.keys(releaseTables).map((table) => [table, []]));

let browser: Browser;
let site: ServedSite;

beforeAll(async () => {
  [browser, site] = await Promise.all([
    openBrowser(),
    serveSite({ ...nothing, dim_partner: [alone], fct_attribution_gap: [withoutRate] }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

const withoutRate = {
  kind: 'fx_rate_missing',
  reason: 'no_rate',
  record_count: 2284n,
  at_stake_minor: null,
  next_action: 'deliver the rate (stream fx_rates)',
};
const alone = { partner_id: 'crm:P-1', name: 'Alder', motion: 'referral', status: 'active' };

test.each([
  ['leadership', ['/leadership/', '/trust/', '/trust/explain', '/trust/decisions']],
  [
    'revops',
    ['/revops/', '/revops/conflicts', '/revops/windows', '/revops/leads', '/revops/programme', '/revops/deal'],
  ],
  [
    'finance',
    ['/finance/', '/finance/entries', '/finance/aging', '/finance/work', '/finance/statements', '/finance/statement'],
  ],
  ['partner', ['/partner/', '/partner/explain', '/partner/statement']],
] as const)('%s', async (role, paths) => {
  const context: BrowserContext = await signIn(browser, site.address, role);
  for (const path of paths) {
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(site.address + path);
    await settled(page);
    const said = await page.locator('main .empty, main form p, main .proof').allTextContents();
    expect(said.join('').length, path).toBeGreaterThan(20);
    expect(await page.locator('main .observablehq--error').count(), path).toBe(0);
    expect(problems, path).toEqual([]);
    await page.close();
  }
  await context.close();
});

test('money without a rate is said before anything else: the figures are without it', async () => {
  const context = await signIn(browser, site.address, 'leadership');
  const page = await context.newPage();
  await page.goto(`${site.address}/leadership/`);
  await settled(page);
  expect(await page.locator('.sentences li').first().textContent()).toMatch(
    /2,284 amounts without an exchange rate\s*in no figure of this page/,
  );
  await context.close();
});
