// "Sales says the partner did nothing on this deal": answered on the pages, from the search to the record in its file.
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from './browser.ts';
import { company } from './company.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

let browser: Browser;
let site: ServedSite;
let reader: BrowserContext;

beforeAll(async () => {
  const record = {
    record_key: 'touchpoints/crm:T-1',
    version_hash: 'ab12cd34',
    source: 'crm',
    stream: 'touchpoints',
    file: 'sheets/touchpoints.csv',
    record: 1234n,
    payload: '{"touchpoint_id":"T-1","kind":"meeting"}',
    loaded_at: '2026-03-01T00:00:00Z',
  };
  const contested = {
    kind: 'sourcing_change',
    stream: 'deals',
    record_id: 'crm:D-1',
    reason: 'sourcing_change',
    detail: 'crm:P-1 is paid, but another partner sourced the deal (crm:P-2)',
    amount_minor: 15000n,
    currency: 'USD',
    next_action:
      'leave it as it is, or move the pay by an override: sourced override add deal_sourcing crm:D-1 PARTNER',
  };
  [browser, site] = await Promise.all([
    openBrowser(),
    serveSite({ ...company, lineage_record: [record], fct_exception: [contested] }),
  ]);
  reader = await signIn(browser, site.address, 'revops');
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test('search, journey, weights under each method, why others do not count, the record', async () => {
  const page = await reader.newPage();
  await page.goto(`${site.address}/revops/`);
  await page.click('nav >> text=Deals');
  await settled(page);
  await page.fill('input[name=search]', 'd-1');
  await page.click('button:has-text("Find")');
  await page.waitForURL('**/deal?search=d-1');
  await page.click('tr[data-id="crm:D-1"] a');
  await settled(page);

  const touches = page.locator('table:has(caption:text-is("Touches in order of time")) tbody tr');
  expect(await touches.allInnerTexts()).toHaveLength(4);
  expect(await touches.last().textContent()).toContain('no: after close');
  const marks = page.locator('.stage svg circle, .stage svg path[transform]');
  expect(await marks.count()).toBeGreaterThanOrEqual(4);
  expect(await page.locator('.stage title').allTextContents()).toContainEqual(
    expect.stringContaining('does not count: after close'),
  );

  const share = () => touches.first().locator('td').last().textContent();
  expect(await share()).toBe('33.3 %');
  await page.selectOption('select[name=method]', 'last_touch');
  await page.waitForFunction(() => document.querySelector('main')!.textContent!.includes('deal under last touch'));
  expect(await share()).toBe('0 %');

  await touches.first().locator('a').click();
  await settled(page);
  const text = await page.textContent('main');
  expect(text).toContain('read from sheets/touchpoints.csv, record 1234');
  expect(text).toContain('"kind": "meeting"');
  expect(text).toContain('a touch that counts');
  await page.close();
});

test('a contested deal says so beside its commission, with what to do; on a phone as well', async () => {
  const page = await reader.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${site.address}/revops/deal?id=crm:D-1`);
  await settled(page);
  const section = page.locator('section', { has: page.getByRole('heading', { name: 'What needs somebody' }) });
  expect(await section.last().textContent()).toContain('sourced override add deal_sourcing crm:D-1 PARTNER.');
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  await page.close();
});

test('the touches of a deal are saved as CSV, all of them', async () => {
  const page = await reader.newPage();
  await page.goto(`${site.address}/revops/deal?id=crm:D-1`);
  await settled(page);
  const link = page.getByRole('link', { name: 'all as CSV' });
  const answer = await reader.request.get(site.address + (await link.getAttribute('href')));
  expect(answer.headers()['content-type']).toContain('text/csv');
  const shown = await page.locator('section:has(> h2:text-is("Touches in order")) tbody tr').count();
  expect((await answer.text()).trim().split('\n')).toHaveLength(1 + shown);
  await page.close();
});
