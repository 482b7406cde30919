// What a page says where it cannot show what was asked: a filter that names nothing, a server that does not answer, an id that is
// nobody's. Once, in words, in place of the figures; and it goes when the way is free again.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Role } from '../../api/access.ts';
import { openBrowser } from './browser.ts';
import { company } from './company.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

const unpaid = { deal_id: 'crm:D-1', partner_id: 'crm:P-1', role: 'sourced', reason: 'no_agreement' };

let browser: Browser;
let site: ServedSite;

beforeAll(async () => {
  [browser, site] = await Promise.all([
    openBrowser(),
    serveSite({ ...company, fct_commission_zero: [unpaid], fct_commission_entry: [] }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function open(role: Role, path: string): Promise<{ page: Page; context: BrowserContext }> {
  const context = await signIn(browser, site.address, role);
  const page = await context.newPage();
  await page.goto(site.address + path);
  await settled(page);
  return { page, context };
}

const firstFigure = (page: Page) => page.locator('.figures .digits').first().textContent();

test('a filter that this release does not have is said, and its default shown', async () => {
  const { page, context } = await open('leadership', '/leadership/');
  const shown = await firstFigure(page);
  await page.goto(`${site.address}/leadership/?month=2031-01&basis=guess`);
  await settled(page);
  expect(await page.textContent('.notice')).toBe(
    'This release has no month “2031-01”: February 2026 is shown. This release has no basis “guess”: Paid is shown.',
  );
  expect(await firstFigure(page)).toBe(shown);
  expect(new URL(page.url()).search).toBe('');
  await page.selectOption('select[name=month]', '2025-07');
  await page.locator('.notice').waitFor({ state: 'detached' });
  await context.close();
});

test.each([
  ['leadership', '/leadership/'],
  ['revops', '/revops/'],
  ['finance', '/finance/'],
] as const)('%s: a server that does not answer is said once, and forgotten when it does', async (role, path) => {
  const { page, context } = await open(role, path);
  const shown = await firstFigure(page);
  await context.setOffline(true);
  await page.selectOption('select[name=month]', '2025-07');
  await page.getByRole('alert').getByText('The server does not answer').waitFor();
  expect(await page.locator('.notice').count()).toBe(1);
  expect(await page.isVisible('main')).toBe(false);
  await context.setOffline(false);
  await page.selectOption('select[name=month]', '2026-02');
  await page.locator('.figures .digits').first().waitFor();
  expect(await page.locator('.notice').count()).toBe(0);
  expect(await firstFigure(page)).toBe(shown);
  await context.close();
});

test('a live part of a page says it in its own place', async () => {
  const { page, context } = await open('finance', '/finance/aging');
  await context.setOffline(true);
  await page.fill('#as-of', '2026-01-20');
  await page.locator('main').getByText('The server does not answer').waitFor();
  await context.close();
});

test('a deal that is not the partner’s own, and one that is', async () => {
  const { page, context } = await open('partner', '/partner/explain?deal=crm:D-4');
  expect(await page.textContent('main')).toContain('There is no deal crm:D-4 among yours');
  await page.goto(`${site.address}/partner/explain?deal=crm:D-1`);
  await settled(page);
  expect(await page.textContent('main')).toMatch(/Paid by the customer so far[\s\S]*Our part\s*Sourced/);
  expect(await page.textContent('main')).toContain(
    'No commission on this deal: no agreement was in force when it was won.',
  );
  await context.close();
});
