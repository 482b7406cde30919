// The Stripe connector over its sandbox server: what changes, what shows up late, what Stripe keeps to itself, and what is refused.
import { afterEach, describe, expect, test } from 'vitest';
import { checkSources } from '../../ingest/ingest.ts';
import { connectorSchemas } from '../../ingest/registry.ts';
import type { CompanyRow, Store } from '../../sandbox/servers/company.ts';
import { startServer } from '../../sandbox/servers/server.ts';
import { type StripeOptions, startStripe } from '../../sandbox/servers/stripe.ts';
import { billingStore } from '../contract/fixtures/billing-company.ts';
import { amountsIn, Billing, paymentsOf } from './billing.ts';
import { failure } from './failure.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 5, 1);
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

/** A server over a store, and a source that reads it; both live by `clock`. */
async function stripe(store: Store, more: Partial<StripeOptions> = {}, options: Record<string, unknown> = {}) {
  const clock = { now: start };
  const server = await startStripe({ store, key: 'rk_live_test', now: () => clock.now, timeZone: 'UTC', ...more });
  const source = { name: 'billing', connector: 'stripe', api_key: 'rk_live_test', base_url: server.url, ...options };
  const billing = await Billing.open({ ...source, requests_per_second: 1000 }, clock);
  opened.push(server, billing);
  const upsert = (stream: Parameters<Store['records']>[0], row: CompanyRow) =>
    store.apply({ kind: 'upsert', stream, row }, clock.now);
  const row = (stream: Parameters<Store['records']>[0], key: string) =>
    store.records(stream).find((record) => record.key === key)!.row;
  return { server, billing, clock, store, upsert, row };
}

describe('after everything was listed once', () => {
  test('a reading asks for events and for what they speak of, not for lists', async () => {
    const { server, billing, clock, upsert, row } = await stripe(billingStore(start));
    await billing.load();
    server.clearRequests();
    clock.now += day;
    upsert('invoices', { ...row('invoices', 'INV-12'), status: 'void', voided_at: '2026-06-02T00:00:00Z' });
    clock.now += 3_600_000;
    await billing.load();
    const asked = server.requests().map(({ url }) => url.split('?')[0]);
    expect(asked.filter((path) => path !== '/v1/events')).toEqual(['/v1/invoices/INV-12', '/v1/invoice_payments']);
    expect((await billing.rows('invoices')).get('INV-12')).toMatchObject({ status: 'void' });
  });

  test('an event that shows up twenty minutes late is not missed', async () => {
    const { server, billing, clock, upsert, row } = await stripe(billingStore(start));
    server.rearm(new Set(['late_events']));
    await billing.load();
    clock.now += day;
    upsert('billing_customers', { ...row('billing_customers', 'CU-3'), name: 'Renamed' });
    clock.now += 10 * 60_000;
    await billing.load();
    expect((await billing.rows('billing_customers')).get('CU-3')!.name).toBe('Customer 3');
    clock.now += 15 * 60_000;
    await billing.load();
    expect((await billing.rows('billing_customers')).get('CU-3')!.name).toBe('Renamed');
  });

  test('after a silence of more than 30 days, whose events are gone, everything is listed anew', async () => {
    const { server, billing, clock, upsert, row } = await stripe(billingStore(start));
    await billing.load();
    clock.now += 2 * day;
    upsert('billing_customers', { ...row('billing_customers', 'CU-3'), name: 'Renamed' });
    clock.now += 45 * day;
    server.clearRequests();
    await billing.load();
    expect(server.requests().some(({ url }) => url.startsWith('/v1/customers?'))).toBe(true);
    expect((await billing.rows('billing_customers')).get('CU-3')!.name).toBe('Renamed');
  });

  test('a saved cursor in the future halts', async () => {
    const { billing, clock } = await stripe(billingStore(start));
    await billing.load();
    clock.now -= 10 * day;
    expect((await failure(billing.load())).message).toContain('which is after now');
  });
});

describe('money', () => {
  test('lines beyond those that an invoice holds are read, and lines that are gone go', async () => {
    const { billing, clock, store } = await stripe(billingStore(start), { traps: new Set(['partial_lines']) });
    await billing.load();
    expect((await billing.rows('invoice_lines')).size).toBe(32);
    store.apply({ kind: 'delete', stream: 'invoice_lines', key: 'LI-20' }, clock.now + day);
    clock.now += 2 * day;
    await billing.load();
    expect((await billing.rows('invoice_lines')).has('LI-20')).toBe(false);
  });

  test('discounts, taxes in the price, shipping and drafts, as Stripe itself writes them', async () => {
    const line = (id: string, amount: number, more: object) => ({
      id,
      object: 'line_item',
      invoice: 'in_1',
      amount,
      currency: 'eur',
      discount_amounts: [],
      taxes: [],
      period: { start: 1, end: 1 },
      pricing: { type: 'price_details', price_details: { price: 'price_1', product: 'prod_1' } },
      ...more,
    });
    const tax = (amount: number, tax_behavior: string) => ({ amount, tax_behavior, type: 'tax_rate_details' });
    const lines = [
      line('il_1', 10000, { discount_amounts: [{ amount: 1500 }, { amount: 500 }], taxes: [tax(1520, 'exclusive')] }),
      line('il_2', 11900, { taxes: [tax(1900, 'inclusive')] }),
      line('il_3', -2500, { period: { start: 1777593600, end: 1780272000 } }),
    ];
    const invoice = {
      id: 'in_1',
      object: 'invoice',
      created: 1777593600,
      currency: 'eur',
      customer: 'cus_1',
      livemode: true,
      status: 'open',
      status_transitions: { finalized_at: 1777593600 },
      shipping_cost: { amount_subtotal: 700, amount_tax: 133, amount_total: 833 },
      lines: { object: 'list', data: lines, has_more: false },
    };
    const draft = {
      ...invoice,
      id: 'in_2',
      status: 'draft',
      lines: { data: [line('il_4', 1, { invoice: 'in_2' })], has_more: false },
    };
    const page = (data: unknown[]) => ({ body: { object: 'list', data, has_more: false } });
    const server = await startServer({
      routes: [
        { method: 'GET', path: '/v1/customers/:id', answer: () => ({ status: 404, body: {} }) },
        {
          method: 'GET',
          path: '/v1/:list',
          answer: ({ path }) => page(path === '/v1/invoices' ? [draft, invoice] : []),
        },
      ],
    });
    const source = { name: 'billing', connector: 'stripe', api_key: 'rk_live', base_url: server.url };
    const billing = await Billing.open({ ...source, products: { prod_1: 'platform' } }, { now: start });
    opened.push(server, billing);
    await billing.load();
    expect([...(await billing.rows('invoices')).keys()]).toEqual(['in_1']);
    const read = [...(await billing.rows('invoice_lines')).values()].map((row) => [
      row.line_id,
      row.product,
      row.amount,
      row.tax_amount,
      row.list_amount,
      row.period_start,
      row.period_end,
    ]);
    expect(read).toEqual([
      ['il_1', 'platform', '80.00', '15.20', '100.00', null, null],
      ['il_2', 'platform', '100.00', '19.00', '100.00', null, null],
      ['il_3', 'platform', '-25.00', null, '-25.00', '2026-05-01', '2026-06-01'],
      ['in_1:shipping', 'shipping', '7.00', '1.33', '7.00', null, null],
    ]);
  });

  test('each currency has its own decimals, those of Stripe', async () => {
    const amounts = { USD: '12.34', JPY: '1234', KWD: '1.234', ISK: '1234', UGX: '1234', MGA: '1234', EUR: '0.05' };
    const { billing } = await stripe(paymentsOf(amounts));
    await billing.load();
    expect(await amountsIn(billing)).toEqual(amounts);
    expect(await billing.refused()).toEqual([]);
  });

  test('money that is applied later is the same payment, once', async () => {
    const { billing, clock, store, upsert } = await stripe(billingStore(start));
    await billing.load();
    expect((await billing.rows('payments')).get('PY-10|')).toMatchObject({ amount: '200.00', invoice_id: null });
    const row = store.records('payments').find(({ key }) => key === 'PY-10|')!.row;
    clock.now += day;
    store.apply({ kind: 'delete', stream: 'payments', key: 'PY-10|' }, clock.now);
    upsert('payments', { ...row, invoice_id: 'INV-11' });
    clock.now += 3_600_000;
    await billing.load();
    const keys = [...(await billing.rows('payments')).keys()].filter((key) => key.startsWith('PY-10'));
    expect(keys).toEqual(['PY-10|INV-11']);
  });

  test('when a dispute was lost is known from its event, and stays known when the event is gone', async () => {
    const { billing, clock, upsert } = await stripe(billingStore(start));
    await billing.load();
    clock.now += day;
    const lost_at = new Date(clock.now).toISOString();
    upsert('payment_adjustments', {
      adjustment_id: 'ADJ-9',
      kind: 'dispute_lost',
      payment_id: 'PY-5',
      occurred_at: lost_at,
      amount: '10.00',
      currency: 'USD',
    });
    clock.now += 3_600_000;
    await billing.load();
    const lost = async () => (await billing.rows('payment_adjustments')).get('dp_ADJ-6:lost')!.occurred_at;
    expect(await lost()).toBe(String(Date.parse(lost_at) / 1000));
    clock.now += 60 * day;
    await billing.load();
    expect(await lost()).toBe(String(Date.parse(lost_at) / 1000));
  });

  test('a deleted customer stays as it was known, also when all is read anew: its invoices are money', async () => {
    const { billing, clock, store } = await stripe(billingStore(start));
    await billing.load();
    store.apply({ kind: 'delete', stream: 'billing_customers', key: 'CU-4' }, clock.now + day);
    clock.now += 2 * day;
    await billing.load();
    const known = { account_id: 'A-4', name: 'Customer 4' };
    expect((await billing.rows('billing_customers')).get('CU-4')).toMatchObject(known);
    await billing.load('billing');
    expect((await billing.rows('billing_customers')).get('CU-4')).toMatchObject(known);
  });

  test('a customer that was deleted before the first reading is known by its id, and its invoices are kept', async () => {
    const store = billingStore(start);
    store.apply({ kind: 'delete', stream: 'billing_customers', key: 'CU-4' }, start - day);
    const { billing } = await stripe(store);
    await billing.load();
    expect((await billing.rows('billing_customers')).get('CU-4')).toMatchObject({
      customer_id: 'CU-4',
      account_id: null,
    });
  });
});

describe('what Stripe should not have sent', () => {
  test('an amount that is none is quarantined, the others are read', async () => {
    const { upsert, row, clock, billing } = await stripe(billingStore(start));
    upsert('payments', { ...row('payments', 'PY-2|INV-2'), amount: '1,250.00' });
    clock.now += 1000;
    await billing.load();
    expect(await billing.refused()).toMatchObject([{ stream: 'payments', record_id: 'PY-2', reason: 'bad_amount' }]);
    expect((await billing.rows('payments')).size).toBe(10);
  });

  test('an unknown member is kept in the record', async () => {
    const { billing } = await stripe(billingStore(start), { traps: new Set(['schema_drift']) });
    await billing.load();
    const [row] = await billing.warehouse.rows<{ other: string }>(
      'SELECT payload.other AS other FROM raw.stripe_subscriptions LIMIT 1',
    );
    expect(JSON.parse(row!.other).loyalty).toEqual({ tier: 'gold', points: 12 });
  });

  test('an object of test mode halts a live workspace, and is read where test mode is asked for', async () => {
    const traps = new Set(['test_mode_objects']);
    const { billing } = await stripe(billingStore(start), { traps });
    expect((await failure(billing.load())).message).toMatch(
      /^billing: invoices: Stripe: INV-\d+ is an object of test mode/,
    );
    const { billing: allowed } = await stripe(billingStore(start), { traps }, { live: false });
    await allowed.load();
    expect((await allowed.rows('invoices')).size).toBe(16);
  });

  test('a key of test mode is refused before anything is asked', async () => {
    const { billing, server } = await stripe(billingStore(start), {}, { api_key: 'rk_test_canary' });
    const error = await failure(billing.load());
    expect([error.message, error.hint]).toEqual([
      expect.stringContaining('the key is of test mode'),
      expect.stringContaining('`live: false`'),
    ]);
    expect(server.requests()).toEqual([]);
  });

  test.each([
    ['a page token that repeats', 'repeated_page_token', /same page was offered twice/],
    ['a web page with status 200', 'html_with_200', /gave a web page instead of data/],
  ])('%s halts', async (_, trap, message) => {
    const { billing, server } = await stripe(billingStore(start), { traps: new Set([trap]) }, { page_size: 5 });
    expect((await failure(billing.load())).message).toMatch(message);
    server.rearm(new Set());
    await billing.load();
    expect((await billing.rows('invoices')).size).toBe(16);
  });

  test('a rate limit is waited for as long as Stripe asks', async () => {
    const { billing } = await stripe(billingStore(start), { traps: new Set(['rate_limited']), retryAfter: 7 });
    await billing.load();
    expect(billing.slept).toContain(7000);
    expect((await billing.rows('invoices')).size).toBe(16);
  });
});

describe('check', () => {
  async function check(more: Partial<StripeOptions>, options: Record<string, unknown> = {}) {
    const { billing } = await stripe(billingStore(start), more, options);
    const { source, warehouse, directory } = billing;
    const found = await checkSources({
      config: { sources: [{ ...connectorSchemas.stripe!.parse(source), ...source }] },
      workspace: { directory, state: directory, loads: directory },
      warehouse,
    });
    return found.get('billing')!;
  }

  test('all is well', async () => {
    expect((await check({})).filter(({ ok }) => !ok)).toEqual([]);
  });

  test('a missing permission is named, with the number that suffers', async () => {
    const lines = await check({
      permissions: new Set([
        'customers',
        'subscriptions',
        'invoices',
        'invoice_payments',
        'charges',
        'refunds',
        'disputes',
        'events',
      ]),
    });
    expect(lines.filter(({ ok }) => !ok).map(({ subject }) => subject)).toEqual(['credit notes']);
    const { detail } = lines.find(({ ok }) => !ok)!;
    expect(detail).toContain('rak_credit_note_read');
    expect(detail).toContain('credit notes do not lower revenue');
  });

  test('a wrong and an expired key say what to make, and are not shown', async () => {
    for (const more of [{ key: 'rk_live_other' }, { keyIsExpired: true }]) {
      const [, line] = await check(more);
      expect(line!.ok).toBe(false);
      expect(line!.detail).toContain('make a new restricted key with read access');
      expect(line!.detail).not.toContain('rk_live_test');
    }
  });

  test('an address where nobody answers', async () => {
    const [, line] = await check({}, { base_url: 'http://127.0.0.1:9' });
    expect(line).toMatchObject({ ok: false, detail: expect.stringContaining('check `base_url`') });
  });
});
