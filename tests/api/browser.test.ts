// In Chromium: the sign-in page signs in and goes only where it may; the reference page asks no other host for anything.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser } from '../browser/browser.ts';
import { FIRST, secrets, tinyApp } from './fixture.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
let browser: Browser;
let address: string;
beforeAll(async () => {
  tiny = await tinyApp();
  [address, browser] = await Promise.all([tiny.app.listen({ port: 0 }), openBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await tiny.close();
});

/** A page in a fresh profile, with every request that leaves this host and every error it reports. */
async function freshPage(): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext()).newPage();
  const complaints: string[] = [];
  page.on('request', (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(address)) complaints.push(request.url());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (/Content.Security.Policy/i.test(message.text())) complaints.push(message.text());
  });
  return { page, complaints };
}

async function signIn(page: Page, key: string): Promise<void> {
  await page.getByLabel('Key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

test('a stranger is led to the sign-in, a wrong key is told, the right one leads on', async () => {
  const { page, complaints } = await freshPage();
  await page.goto(`${address}/finance/`);
  expect(page.url()).toBe(`${address}/login?next=%2Ffinance%2F`);
  await signIn(page, 'wrong');
  await page.getByRole('alert').filter({ hasText: 'The key is not known' }).waitFor();
  await signIn(page, secrets.finance);
  await page.waitForURL(`${address}/finance/`);
  expect(await page.textContent('body')).toContain(FIRST);
  expect(await page.evaluate('document.cookie')).toBe('');
  expect(complaints).toEqual([]);
});

test.each([
  '//evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/\\evil.test',
  'https://evil.test',
  'javascript:alert(1)',
  '',
])('next=%s leads home', async (next) => {
  const { page, complaints } = await freshPage();
  await page.goto(`${address}/login?next=${encodeURIComponent(next)}`);
  await signIn(page, secrets.partner);
  await page.waitForURL(`${address}/partner/`);
  expect(complaints).toEqual([]);
});

test('the pages of another role say so and lead back', async () => {
  const { page } = await freshPage();
  await page.goto(`${address}/login`);
  await signIn(page, secrets.partner);
  await page.waitForURL(`${address}/partner/`);
  await page.goto(`${address}/finance/`);
  expect(await page.textContent('h1')).toBe('This role may not see this');
  await page.getByRole('link', { name: 'To my first page' }).click();
  await page.waitForURL(`${address}/partner/`);
});

test('the reference page shows the API and stays on this host', async () => {
  const { page, complaints } = await freshPage();
  await page.goto(`${address}/docs/`, { waitUntil: 'networkidle' });
  await page.getByText('/v1/revenue/monthly').first().waitFor();
  expect(await page.title()).toBe('Sourced API');
  expect(complaints).toEqual([]);
});
