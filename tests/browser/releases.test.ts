// The release history on the trust page: each release opens to what moved against the one before it, and why.
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import type { Browser, BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FIRST, SECOND, writeRelease } from '../api/fixture.ts';
import { tables } from '../api/tiny-company.ts';
import { openBrowser } from './browser.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

const pictures = mkdtempSync(join(tmpdir(), 'sourced-releases-'));

let browser: Browser;
let site: ServedSite;
let reader: BrowserContext;

beforeAll(async () => {
  [browser, site] = await Promise.all([openBrowser(), serveSite({})]);
  const { releasesDirectory } = site;
  const [deal, ...records] = tables(0n).lineage_record!;
  const before = { ...deal!, version_hash: 'ab11', payload: '{"deal_id":"D-1","owner":"bo@example.com"}' };
  await writeRelease({
    releasesDirectory,
    release_id: SECOND,
    shift_minor: -5000n,
    replaced: { lineage_record: [before, ...records] },
  });
  const file = join(releasesDirectory, SECOND, 'manifest.json');
  const changes = { created_at: '2026-02-01T12:30:00Z', as_of: '2026-02-01T12:00:00Z' };
  writeFileSync(file, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...changes }));
  reader = await signIn(browser, site.address, 'finance');
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

test('the current release opens to sentences, totals and deals; the first of all to nothing', async () => {
  const page = await reader.newPage();
  await page.goto(`${site.address}/trust/`);
  await settled(page);
  const history = page.locator('#releases');
  await history.waitFor();
  expect(await history.locator('tbody tr').count()).toBe(2);
  expect(await history.locator('.open-row').allTextContents()).toEqual([FIRST.slice(0, 7)]);
  await history.locator('.open-row').click();
  await history.getByText('Totals that moved').waitFor();
  const text = (await history.locator('tr.opened').textContent())!.replaceAll(/\s+/g, ' ');
  expect(text).toContain(`Against ${SECOND.slice(0, 7)}`);
  expect(text).toMatch(/The business clock moved/);
  expect(text).toMatch(/Deals: 0 new, 1 changed, 0 gone/);
  expect(text).toMatch(/Harbour.*owner bo@example\.com to ana@example\.com/);
  expect(text).toMatch(/USD 957\.00USD 1,007\.00USD 50\.00/);
  for (const width of [1440, 390])
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(pictures, `${width}-${colorScheme}.png`), fullPage: true });
      expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(
        0,
      );
      const { violations } = await new AxeBuilder({ page }).include('#releases').analyze();
      expect(
        violations.map(({ id }) => id),
        `${width}, ${colorScheme}; pictures lie in ${pictures}`,
      ).toEqual([]);
    }
  await page.close();
});
