// Statements on the pages: a partner disputes a line, finance resolves it, somebody else approves; each page shows it at once, and
// what is refused says what to do next. Real pages, a real server, real books.
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { digestOf } from '../../api/decisions.ts';
import { payoutExport, payoutReopen } from '../../api/payouts.ts';
import { tables } from '../api/tiny-company.ts';
import { entries } from '../api/tiny-money.ts';
import { openBrowser } from './browser.ts';
import { type ServedSite, serveSite, settled, signIn } from './site.ts';

const [first, second] = tables(0n).fct_statement!;
const [line, other] = tables(0n).fct_statement_line!;
const digest = digestOf('SL-1 3000\nSL-1b 2000');

const paidTwice = {
  kind: 'payout_excess',
  stream: 'payouts',
  record_id: 'pay:PO-2',
  reason: 'payout_excess',
  detail: 'paid twice: pay:PO-1 paid the same amount for the same statement',
  amount_minor: 120n,
  currency: 'EUR',
  next_action: 'ask for it back',
  at_stake_minor: 130n,
};

/** With the one above, more than the work list shows at first. */
const notApplied = Array.from({ length: 44 }, (_, index) => ({
  ...paidTwice,
  kind: 'unapplied_payment',
  stream: 'payments',
  record_id: `pay:PY-${index}`,
  detail: 'no invoice',
  next_action: 'apply it',
  at_stake_minor: 1n,
}));

let browser: Browser;
let site: ServedSite;
let finance: BrowserContext;
let partner: BrowserContext;

beforeAll(async () => {
  [browser, site] = await Promise.all([
    openBrowser(),
    serveSite({
      fct_statement: [{ ...first!, line_count: 2n, digest }, second!],
      fct_exception: [paidTwice, ...notApplied],
      fct_commission_entry: entries.map((one) =>
        one.entry_id === 'E-5' ? { ...one, reporting_amount_minor: null } : one,
      ),
      fct_statement_line: [
        { ...line!, position: 1n, amount_minor: 3000n, deal_id: 'crm:D-1' },
        { ...line!, line_id: 'SL-1b', position: 2n, amount_minor: 2000n, description: '20 % of 100.00 on 2026-02-05' },
        other!,
      ],
    }),
  ]);
  finance = await signIn(browser, site.address, 'finance');
  partner = await signIn(browser, site.address, 'partner');
});

afterAll(async () => {
  await browser?.close();
  await site?.close();
});

async function open(context: BrowserContext, path: string): Promise<Page> {
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(site.address + path);
  await settled(page);
  return page;
}

const states = (page: Page) => page.locator('#lines tbody .tag').allTextContents();
const colleague = (kind: string) =>
  site.decisions.record({
    person: 'Gideon',
    role: 'finance',
    kind,
    subject_kind: 'statement',
    subject_id: 'S-1',
    reason: 'agreed',
    detail: kind === 'statement_approve' ? { line_count: 2, digest } : {},
  });

test('a statement names its deals and says its dates as people do; both readers may open what it leads to', async () => {
  for (const [reader, path] of [
    [partner, '/partner/statement?id=S-1'],
    [finance, '/finance/statement?id=S-1'],
  ] as const) {
    const page = await open(reader, path);
    expect(await page.title()).toBe('Statement of February 2026, =Alpha, "the" Partners | Tiny Cloud');
    expect(await page.textContent('#lines tbody tr:nth-child(2)')).toContain('20 % of 100.00 on 5\u00a0Feb\u00a02026');
    expect(await page.getAttribute('nav a[aria-current]', 'aria-current')).toBe('true');
    const deal = page.locator('#lines tbody a').first();
    expect(await deal.textContent()).toBe('Harbour');
    await deal.focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/explain/);
    await settled(page);
    expect(await page.textContent('main')).toContain('Harbour');
    await page.close();
  }
});

test('an approval is about the whole: with ticked lines there is none', async () => {
  const page = await open(finance, '/finance/statement?id=S-1');
  const approve = page.getByRole('button', { name: 'Approve' });
  await page.getByLabel('Select line 2').check();
  expect(await approve.isDisabled()).toBe(true);
  expect(await page.getByRole('button', { name: 'Dispute' }).isDisabled()).toBe(false);
  await page.getByLabel('Select line 2').uncheck();
  expect(await approve.isDisabled()).toBe(false);
  await page.setViewportSize({ width: 1200, height: 300 });
  await page.evaluate(() => scrollTo(0, 220));
  expect((await page.locator('.decide').boundingBox())?.y, 'beside its lines it stays in reach').toBe(0);
  await page.close();
});

test('a disputed line from the partner to its resolution', async () => {
  const own = await open(partner, '/partner/statement?id=S-1');
  expect(await states(own)).toEqual(['Open', 'Open']);
  await own.getByLabel('Select line 2').check();
  expect(await own.textContent('.about')).toBe('about 1 of 2 lines');
  await own.getByRole('button', { name: 'Dispute' }).click();
  await own.getByText('Say why').waitFor();
  await own.getByLabel('Reason').fill('half of it is missing');
  await own.getByRole('button', { name: 'Dispute' }).click();
  await own.getByText('Recorded. The next run holds it back').waitFor();
  expect(await own.evaluate(() => document.activeElement?.className)).toBe('said');
  expect(await states(own)).toEqual(['Open', 'Disputed']);
  expect(await own.textContent('#decisions')).toMatch(/Pia[\s\S]*Dispute[\s\S]*half of it is missing/);

  const ours = await open(finance, '/finance/statements');
  await ours.getByText('finance resolves the dispute').filter({ visible: true }).waitFor();
  const tile = ours.locator('.figures > div').nth(1);
  expect(await tile.locator('.large').textContent()).toBe('1');
  await tile.locator('.large').click();
  await ours.getByRole('heading', { name: 'In dispute, all months' }).waitFor();
  await ours.locator('#statements tbody a').first().click();
  await ours.waitForURL('**/finance/statement?id=S-1');
  await settled(ours);
  await ours.getByLabel('Reason').fill('the rest is paid in March');
  await ours.getByRole('button', { name: 'Resolve' }).click();
  await ours.getByText('Recorded. The next run takes it out of dispute').waitFor();
  expect(await states(ours)).toEqual(['Open', 'Open']);

  expect(await ours.textContent('.next')).toBe(
    'Next: another person of finance approves it; Finn resolved its dispute',
  );
  expect(await ours.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  const list = await open(finance, '/finance/statements?next=approve');
  await list.getByText('another person of finance approves it').filter({ visible: true }).waitFor();
  expect(await list.getByLabel('Select the statement of =Alpha').count()).toBe(0);
  expect(await list.getByLabel('Select the statement of Beta').count()).toBe(1);
  await list.close();
  colleague('statement_approve');
  await ours.reload();
  await settled(ours);
  expect(await states(ours)).toEqual(['Approved', 'Approved']);
  expect(await ours.textContent('.deal-head')).toMatch(/approved by Gideon[\s\S]*the next run posts/);

  await own.reload();
  await settled(own);
  expect(await own.textContent('main')).not.toMatch(/Gideon|Finn/);
  await own.getByRole('button', { name: 'Accept' }).click();
  await own.getByText('Recorded. It is on record').waitFor();
  expect(await own.textContent('#lines')).toMatch(/accepted[\s\S]*accepted/);
  expect(site.decisions.about('statement', 'S-1').map(({ kind }) => kind)).toEqual([
    'statement_dispute',
    'statement_resolve',
    'statement_approve',
    'statement_accept',
  ]);
  await Promise.all([own.close(), ours.close()]);
});

test('finance approves what it ticked, with what is shown; the list follows', async () => {
  const page = await open(finance, '/finance/statements?next=approve');
  const button = page.getByRole('button', { name: 'Approve' });
  expect(await button.isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Select all' }).click();
  expect(await button.textContent()).toBe('Approve 1: USD 14.00');
  await button.click();
  await page.getByText('Nothing waits here').waitFor();
  expect(await page.textContent('.said')).toBe('Approved 1 statement: USD 14.00. The next run posts it.');
  expect(site.decisions.about('statement', 'S-2')).toMatchObject([{ kind: 'statement_approve', person: 'Finn' }]);
  const trail = await open(finance, '/trust/decisions?kind=statement_approve');
  expect(await trail.locator('tbody tr', { hasText: 'Beta' }).allTextContents()).toEqual([
    expect.stringMatching(/Finn[\s\S]*Beta, February\s2026, USD[\s\S]*approved as shown[\s\S]*by the next run/),
  ]);
  await Promise.all([page.close(), trail.close()]);
});

test('a payout that was exported and taken back stands with its statement and in the audit trail', async () => {
  const payout = { statement_id: 'S-2', partner_id: 'crm:P-2', currency: 'USD', amount_minor: '1400' };
  const bo = { person: 'Bo', role: 'finance' };
  const exported = { ...payoutExport, ...bo, subject_id: '2026-02', reason: 'monthly payout' };
  const { decision_id } = site.decisions.record({ ...exported, detail: { payouts: [payout] } });
  const refused = { subject_id: 'S-2', reason: 'refused by the bank', detail: { export_id: decision_id } };
  site.decisions.record({ ...payoutReopen, ...bo, ...refused });
  const trail = await open(finance, '/trust/decisions?kind=payout_reopen');
  expect(await trail.locator('tbody tr').allTextContents()).toEqual([
    expect.stringMatching(/Bo[\s\S]*Payout reopen[\s\S]*Beta, February\s2026, USD[\s\S]*refused by the bank/),
  ]);
  expect(await trail.getAttribute('tbody a', 'href')).toContain('S-2');
  const page = await open(finance, '/finance/statement?id=S-2');
  expect(await page.textContent('#decisions')).toMatch(/Payout reopen[\s\S]*Payout export[\s\S]*Approve/);
  await Promise.all([trail.close(), page.close()]);
});

test('on paper it is a statement: company, lines, total, no buttons', async () => {
  const page = await open(partner, '/partner/statement?id=S-1');
  await page.emulateMedia({ media: 'print' });
  expect(await page.isVisible('.paper')).toBe(true);
  expect(await page.textContent('.paper')).toContain('Tiny Cloud: commission statement S-1');
  expect(await page.isVisible('#lines tfoot')).toBe(true);
  for (const hidden of ['nav', '.decide', 'input.pick', '.next', '.stamp'])
    expect(await page.isVisible(hidden), hidden).toBe(false);
  await page.close();
});

test('the work list says what happened and what to do, on a phone too', async () => {
  const page = await open(finance, '/finance/work');
  for (const width of [1440, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const said = page.locator('#work tbody').getByText('aid twice: pay:PO-1').filter({ visible: true });
    expect(await said.count(), `${width} pixels`).toBe(1);
    expect(await page.locator('#work tbody').getByText('Ask for it back').isVisible()).toBe(true);
  }
  await page.close();
});

test('what a list keeps back is said on paper; the keyboard goes on where it begins', async () => {
  const page = await open(finance, '/finance/work');
  const work = '[aria-label^="Records that need somebody"]';
  expect(await page.locator(`${work} > table > tbody > tr`).count()).toBe(40);
  await page.emulateMedia({ media: 'print' });
  expect(await page.isVisible('text=The first 40 of 45.')).toBe(true);
  await page.emulateMedia({ media: 'screen' });
  await page.focus('#work .more');
  await page.keyboard.press('Enter');
  await page.locator(`${work} > table > tbody > tr`).nth(44).waitFor();
  expect(await page.evaluate(() => document.activeElement?.closest('tr')?.rowIndex)).toBe(41);
  await page.close();
});

test('liability: what the converted figures are without is said beside them', async () => {
  const page = await open(finance, '/finance/?month=2026-02');
  await page.getByText('Without a rate of their day').waitFor();
  expect(await page.textContent('#unconverted')).toMatch(/one entry,\s+USD\s14\.00 net/);
  await page.click('#unconverted a');
  await page.locator('#unconverted').waitFor({ state: 'detached' });
  await page.close();
});

test('aging: any date, what it adds up to, and what it ties to', async () => {
  const page = await open(finance, '/finance/aging');
  const figures = await page.$$eval('.aging .digits', (all) => all.map((one) => (one as HTMLElement).dataset.minor));
  const [closing, held, awaiting, payable, disputed, recoverable] = figures.map((figure) => BigInt(figure ?? 0));
  expect(closing).toBe(held! + awaiting! + payable! + disputed! - recoverable!);
  expect(await page.textContent('#ties .proof')).toContain('agree to the cent');
  const owed = async (rows: string) =>
    (await page.$$eval(`${rows} td:last-child .digits`, (all) => all.map((one) => (one as HTMLElement).dataset.minor)))
      .map((amount) => BigInt(amount!))
      .reduce((sum, amount) => sum + amount, 0n);
  const table = '[aria-label^="What is owed to each partner"] > table >';
  expect(await owed(`${table} tfoot > tr`)).toBe(closing);
  expect(await owed(`${table} tbody > tr`)).toBe(closing);
  await page.fill('#as-of', '2026-01-20');
  await page.getByText('As of the end of').waitFor();
  await page.waitForFunction(() => document.querySelector('.aging .digits')?.textContent === '200.00');
  expect(page.url()).toContain('as_of=2026-01-20');
  await page.getByText('Each currency on its own').waitFor();
  await page.close();
});
