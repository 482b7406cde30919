// Every page as its readers see it: wide and narrow, light and dark, on a real release behind the real server. Nothing may
// fail, reach another host, overflow, or be closed to a keyboard or a screen reader. Pictures lie in a temporary directory.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Audience, audienceRoles, type Role } from '../../api/access.ts';
import { pages } from '../../dashboards/pages.ts';
import { openBrowser } from './browser.ts';
import { company } from './company.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

const windows = [
  { name: 'wide', width: 1440, height: 900 },
  { name: 'narrow', width: 390, height: 844 },
];

/** What a page is opened with; one that is not named here is opened as it is. */
const queries: Readonly<Record<string, readonly string[]>> = {
  'revops/deal': ['', '?id=crm:D-1'],
  'finance/index': ['', '?currency=native&month=2025-12'],
  'finance/aging': ['', '?as_of=2026-01-20'],
  'finance/statements': ['', '?next=approve'],
  'finance/statement': ['?id=S-1'],
  'partner/statement': ['?id=S-1'],
  'trust/explain': ['?id=revenue/2026-02/paid'],
  'partner/explain': ['?id=liability/crm:P-1/2026-02/EUR', '?deal=crm:D-1'],
};

/** Every registered page, as the role that it was made for. */
const visits = pages.flatMap(({ audience, path }) =>
  (queries[path] ?? ['']).map((query) => ({
    role: readerOf(audience),
    path: `/${path.replace(/index$/, '')}${query}`,
  })),
);

function readerOf(audience: Audience): Role {
  const readers: readonly Role[] = audienceRoles[audience];
  return readers.find((role) => role === audience) ?? readers[0]!;
}

const BYTES_MAX = 250 * 1024;
const pictures = mkdtempSync(join(tmpdir(), 'sourced-pages-'));

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

describe.each(visits)('$path', ({ role, path }) => {
  test('wide and narrow, light and dark', async () => {
    const page = await readers.get(role)!.newPage();
    const problems = watch(page);
    for (const { name, ...window } of windows) {
      await page.setViewportSize(window);
      await page.goto(site.address + path);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await settled(page);
        await page.screenshot({ path: join(pictures, `${fileName(path)}-${name}-${colorScheme}.png`), fullPage: true });
        expect(await overflow(page), `${name}: wider than its window`).toBe(0);
      }
      const scheme = name === 'wide' ? 'light' : 'dark';
      await page.emulateMedia({ colorScheme: scheme });
      expect(await accessibility(page), `${name}, ${scheme}: axe; pictures lie in ${pictures}`).toEqual([]);
    }
    if (!path.includes('/explain'))
      expect(await unexplained(page), 'figures without a way to their records').toEqual([]);
    expect(problems).toEqual([]);
    expect(await refusedLinks(page), 'links that their reader may not follow').toEqual([]);
    await page.close();
  });
});

test('the month of leadership is on one screen, every chart with its table', async () => {
  const page = await readers.get('leadership')!.newPage();
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`${site.address}/leadership/`);
  await settled(page);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  expect(height).toBeLessThanOrEqual(900);
  expect(await page.locator('#top-partners tbody tr').count()).toBe(10);
  for (const chart of await page.locator('.chart').all()) {
    expect((await chart.locator('h2').first().textContent())?.length).toBeGreaterThan(10);
    expect(await chart.locator('table tbody tr').count()).toBeGreaterThan(0);
  }
  await page.close();
});

test.each(['leadership', 'revops', 'finance', 'partner'] as const)(
  'the first page of %s weighs at most 250 kB',
  async (role) => {
    const context = await browser.newContext({ storageState: await readers.get(role)!.storageState() });
    const page = await context.newPage();
    let bytes = 0;
    page.on('response', async (response) => {
      const { responseBodySize, responseHeadersSize } = await response.request().sizes();
      bytes += responseBodySize + responseHeadersSize;
    });
    await page.goto(`${site.address}/${role}/`, { waitUntil: 'networkidle' });
    await settled(page);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes, `${bytes} bytes over the wire`).toBeLessThanOrEqual(BYTES_MAX);
    await context.close();
  },
);

/** What must not happen while a page is open. */
function watch(page: Page): string[] {
  const problems: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(site.address) && !/^(data|blob):/.test(request.url()))
      problems.push(`foreign request: ${request.url()}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) problems.push(`${response.status()}: ${response.url()}`);
  });
  return problems;
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - window.innerWidth));
}

async function accessibility(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary}`),
  );
}

/** Money that is neither a link nor in a row that opens. */
function unexplained(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('main .digits')]
      .filter((figure) => !figure.closest('a') && !figure.closest('tr')?.querySelector('.open-row'))
      .map((figure) => figure.parentElement!.outerHTML.slice(0, 200)),
  );
}

/** Links of the page that do not answer their reader; one of each path. */
async function refusedLinks(page: Page): Promise<string[]> {
  const shown = await page.$$eval('a[href]', (links) =>
    links.filter((link) => !link.closest('[hidden]')).map((link) => (link as HTMLAnchorElement).href),
  );
  const addresses = [...new Map(shown.map((href) => [new URL(href).pathname, href])).values()];
  const answers = await Promise.all(
    addresses.map(async (href) => ({ href, status: (await page.request.get(href)).status() })),
  );
  return answers.filter(({ status }) => status >= 400).map(({ href, status }) => `${status}: ${href}`);
}

function fileName(path: string): string {
  return path.replace(/[^a-z0-9]+/gi, '-').replace(/^-|-$/g, '');
}
