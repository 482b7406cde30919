// A partner sees its own and nothing of anyone else: not in a list, not under an id, not in the text of an answer.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { secrets, tinyApp } from './fixture.ts';
import { questions } from './questions.ts';

let tiny: Awaited<ReturnType<typeof tinyApp>>;
beforeAll(async () => {
  tiny = await tinyApp();
});
afterAll(() => tiny.close());

test.each([
  '/v1/partners/crm:P-2',
  '/v1/partners/crm:P-2/revenue',
  '/v1/commissions/statements/S-2',
  '/v1/me/statements/S-2',
  '/v1/explain/E-5',
  '/v1/explain/S-2',
  '/v1/explain/SL-2',
  '/v1/explain/liability/crm:P-2/2026-02/USD',
  '/v1/explain/crm:P-2/2026-01',
  '/v1/explain/crm:P-1/2026-01',
  '/v1/explain/crm:D-1',
  '/v1/explain/bill:INV-1',
  '/v1/explain/revenue/2026-01/paid',
  '/v1/explain/liability/2026-02',
  '/v1/explain/party/partner/crm:P-1/2026-01/paid/linear',
])('%s is not there for the first partner', async (url) => {
  const answer = await tiny.get(url, secrets.partner);
  expect([answer.statusCode, answer.json().code]).toEqual([404, 'not_found']);
  expect((await tiny.get(url, secrets.finance)).statusCode).not.toBe(500);
});

test('another partner’s object looks like one that does not exist', async () => {
  const [foreign, missing] = await Promise.all(
    ['S-2', 'S-404'].map((id) => tiny.get(`/v1/me/statements/${id}`, secrets.partner)),
  );
  expect(foreign!.body.replaceAll('S-2', 'X')).toBe(missing!.body.replaceAll('S-404', 'X'));
});

test('no answer to the first partner names another partner', async () => {
  for (const { url, askers } of questions.filter(({ askers }) => askers.includes('partner')))
    for (const format of ['application/json', 'text/csv']) {
      const { statusCode, body } = await tiny.get(url, secrets.partner, { accept: format });
      if (statusCode === 406) continue;
      expect([url, statusCode, askers.length > 0]).toEqual([url, 200, true]);
      expect(body).not.toMatch(/P-2|P-3|Beta|Gamma|example\.com/);
    }
});

test('what is its own', async () => {
  const items = async (url: string, secret: string) => (await tiny.get(url, secret)).json().items;
  expect(await items('/v1/me/deals', secrets.partner)).toMatchObject([
    {
      deal_id: 'crm:D-1',
      role: 'sourced',
      rule: 'deal_registration',
      paid: { amount: '750.00' },
      unearned_reason: null,
    },
  ]);
  expect(await items('/v1/me/deals', secrets.other_partner)).toMatchObject([
    { deal_id: 'crm:D-5', role: 'influenced', unearned_reason: null },
    { deal_id: 'crm:D-1', role: 'influenced', rule: null, unearned_reason: 'no_agreement' },
  ]);
  expect(await items('/v1/me/deals?deal_id=crm:D-5', secrets.other_partner)).toMatchObject([{ deal_id: 'crm:D-5' }]);
  expect(await items('/v1/me/deals?deal_id=crm:D-5', secrets.partner)).toEqual([]);
  expect(await items('/v1/me/commissions/entries', secrets.partner)).toMatchObject([
    { entry_id: 'E-1', entry_type: 'accrual', amount: { amount: '200.00' } },
    { entry_id: 'E-3', entry_type: 'payout', amount: { amount: '-100.00' } },
    { entry_id: 'E-4', entry_type: 'clawback', amount: { amount: '-50.00' } },
  ]);
  expect(await items('/v1/me/registrations', secrets.partner)).toMatchObject([{ registration_id: 'crm:R-1' }]);
  expect(await items('/v1/me/statements', secrets.other_partner)).toMatchObject([{ statement_id: 'S-2' }]);
});

test('the rank shows only where the cohort has five partners', async () => {
  const { rank, steps } = (await tiny.get('/v1/me', secrets.partner)).json();
  expect(rank).toEqual({ position: 1, cohort_size: 5, motion: 'referral', from: '2025-03', to: '2026-02' });
  expect(steps).toMatchObject([
    { currency: 'USD', expected: { amount: '0.40' }, payable: { amount: '50.00' }, paid: { amount: '100.00' } },
  ]);
  expect((await tiny.get('/v1/me', secrets.other_partner)).json().rank).toBeNull();
});

test('who sourced nothing has no rank', async () => {
  const other = await tinyApp({ replaced: { fct_partner_revenue_monthly: [] } });
  expect((await other.get('/v1/me', secrets.partner)).json().rank).toBeNull();
  await other.close();
});

test('a partner follows its own entry, without raw records', async () => {
  const mine = (await tiny.get('/v1/explain/E-1', secrets.partner)).json();
  expect(mine.records).toMatchObject([
    { stream: 'deals', payload: null },
    { stream: 'payments', payload: null },
  ]);
  expect(mine.parts.map(({ kind, explain_id }: Record<string, string | null>) => [kind, explain_id])).toEqual([
    ['invoice', null],
    ['deal', null],
    ['statement', 'S-1'],
  ]);
  const ours = (await tiny.get('/v1/explain/E-1', secrets.finance)).json();
  expect(ours.records[1].payload).toEqual({ payment_id: 'PY-1', amount: '1000.00' });
});

test('a reseller reads what it keeps, of its own invoices alone', async () => {
  const resold = (invoice_id: string, partner_id: string, month: string, list_minor: bigint) => ({
    ...{ invoice_id, partner_id, month, list_minor, net_minor: 800n, margin_minor: list_minor - 800n },
    ...{ deal_id: null, currency: 'USD', unpriced_lines: 0n },
  });
  const fct_reseller_margin = [
    resold('bill:A', 'crm:P-1', '2026-01-01', 1000n),
    resold('bill:B', 'crm:P-1', '2026-02-01', 900n),
    resold('bill:C', 'crm:P-2', '2026-02-01', 5000n),
  ];
  const app = await tinyApp({ replaced: { fct_reseller_margin } });
  const asked = async (url: string) => (await app.get(url, secrets.partner)).json().items;
  expect(await asked('/v1/me/margins')).toEqual([
    expect.objectContaining({ currency: 'USD', invoice_count: 2, margin: expect.objectContaining({ amount: '3.00' }) }),
  ]);
  expect(await asked('/v1/me/margins?month=2026-02')).toMatchObject([{ margin: { amount: '1.00' } }]);
  expect((await asked('/v1/me/margins/invoices')).map(({ invoice_id }: { invoice_id: string }) => invoice_id)).toEqual([
    'bill:B',
    'bill:A',
  ]);
  await app.close();
});
