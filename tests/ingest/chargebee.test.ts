// The Chargebee connector over its sandbox server: changes in a window, deleted objects, late stamps, and what is refused.
import { afterEach, describe, expect, test } from 'vitest';
import { checkSources } from '../../ingest/ingest.ts';
import { connectorSchemas } from '../../ingest/registry.ts';
import { type ChargebeeOptions, startChargebee } from '../../sandbox/servers/chargebee.ts';
import type { CompanyRow, Store } from '../../sandbox/servers/company.ts';
import { billingStore } from '../contract/fixtures/billing-company.ts';
import { amountsIn, Billing, paymentsOf } from './billing.ts';
import { failure } from './failure.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 5, 1);
const opened: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of opened.splice(0)) await thing.close();
});

async function chargebee(store: Store, more: Partial<ChargebeeOptions> = {}, options: Record<string, unknown> = {}) {
  const clock = { now: start };
  const server = await startChargebee({ store, key: 'live_key', now: () => clock.now, timeZone: 'UTC', ...more });
  const base_url = `${server.url}/api/v2`;
  const source = { name: 'billing', connector: 'chargebee', site: 'acme', api_key: 'live_key', base_url, ...options };
  const billing = await Billing.open({ ...source, requests_per_minute: 10_000 }, clock);
  opened.push(server, billing);
  const row = (stream: Parameters<Store['records']>[0], key: string): CompanyRow =>
    store.records(stream).find((record) => record.key === key)!.row;
  return { server, billing, clock, row };
}

test('a later reading asks for what changed since, half an hour earlier, and never for what comes while it reads', async () => {
  const { server, billing, clock } = await chargebee(billingStore(start));
  await billing.load();
  clock.now += day;
  server.clearRequests();
  await billing.load();
  const [first] = server.requests().map(({ url }) => new URL(url, server.url).searchParams);
  const since = start / 1000 - 60; // a minute to settle
  expect(Number(first!.get('updated_at[after]'))).toBe(since - 30 * 60 - 1);
  expect(Number(first!.get('updated_at[before]'))).toBe((start + day) / 1000 - 60);
  expect(first!.get('include_deleted')).toBe('true');
  expect(server.requests().every(({ url }) => url.includes('updated_at'))).toBe(true);
});

test('what was deleted is gone, and a change that shows up late is not missed', async () => {
  const store = billingStore(start);
  const { server, billing, clock, row } = await chargebee(store);
  server.rearm(new Set(['late_stamps']));
  await billing.load();
  clock.now += day;
  store.apply({ kind: 'delete', stream: 'subscriptions', key: 'S-3' }, clock.now);
  const renamed = { ...row('billing_customers', 'CU-3'), name: 'Renamed' };
  store.apply({ kind: 'upsert', stream: 'billing_customers', row: renamed }, clock.now);
  clock.now += 90_000; // a minute past the settle time, but two minutes late
  await billing.load();
  expect((await billing.rows('subscriptions')).has('S-3')).toBe(true);
  clock.now += 120_000;
  await billing.load();
  expect((await billing.rows('subscriptions')).has('S-3')).toBe(false);
  expect((await billing.rows('billing_customers')).get('CU-3')!.name).toBe('Renamed');
});

test('lines beyond those that an invoice holds are asked for', async () => {
  const { server, billing } = await chargebee(billingStore(start), { traps: new Set(['partial_lines']) });
  await billing.load();
  expect((await billing.rows('invoice_lines')).size).toBe(32);
  expect(server.requests().filter(({ url }) => url.includes('line_items_offset'))).toHaveLength(16);
});

test('money that is applied later is the same payment, once', async () => {
  const store = billingStore(start);
  const { billing, clock, row } = await chargebee(store);
  await billing.load();
  expect((await billing.rows('payments')).get('PY-10|')).toMatchObject({ amount: '200.00', invoice_id: null });
  const payment = row('payments', 'PY-10|');
  clock.now += day;
  store.apply({ kind: 'delete', stream: 'payments', key: 'PY-10|' }, clock.now);
  store.apply({ kind: 'upsert', stream: 'payments', row: { ...payment, invoice_id: 'INV-11' } }, clock.now);
  clock.now += day;
  await billing.load();
  const keys = [...(await billing.rows('payments')).keys()].filter((key) => key.startsWith('PY-10'));
  expect(keys).toEqual(['PY-10|INV-11']);
});

test('each currency has its own decimals, those of ISO 4217', async () => {
  const amounts = { USD: '12.34', JPY: '1234', KWD: '1.234', ISK: '1234', EUR: '0.05' };
  const { billing } = await chargebee(paymentsOf(amounts));
  await billing.load();
  expect(await amountsIn(billing)).toEqual(amounts);
});

describe('what is refused', () => {
  test.each([
    ['an offset that repeats', 'repeated_page_token', /same page was offered twice/],
    ['a web page with status 200', 'html_with_200', /gave a web page instead of data/],
  ])('%s halts', async (_, trap, message) => {
    const { billing, server } = await chargebee(billingStore(start), { traps: new Set([trap]) }, { page_size: 5 });
    expect((await failure(billing.load())).message).toMatch(message);
    server.rearm(new Set());
    await billing.load();
    expect((await billing.rows('invoices')).size).toBe(16);
  });

  test.each([
    ['a test site', { site: 'acme-test' }],
    ['a key of a test site', { api_key: 'test_canary' }],
  ])('%s in a live workspace, before anything is asked', async (_, options) => {
    const { billing, server } = await chargebee(billingStore(start), {}, options);
    expect((await failure(billing.load())).message).toContain('this is a test site');
    expect(server.requests()).toEqual([]);
  });

  test('a saved cursor in the future', async () => {
    const { billing, clock } = await chargebee(billingStore(start));
    await billing.load();
    clock.now -= 10 * day;
    expect((await failure(billing.load())).message).toContain('which is after now');
  });
});

describe('check', () => {
  async function check(more: Partial<ChargebeeOptions>) {
    const { billing } = await chargebee(billingStore(start), more);
    const { source, warehouse, directory } = billing;
    const found = await checkSources({
      config: { sources: [{ ...connectorSchemas.chargebee!.parse(source), ...source }] },
      workspace: { directory, state: directory, loads: directory },
      warehouse,
    });
    return found.get('billing')!;
  }

  test('a missing permission is named, with the number that suffers', async () => {
    expect((await check({})).filter(({ ok }) => !ok)).toEqual([]);
    const lines = await check({ permissions: new Set(['customers', 'subscriptions', 'invoices', 'credit_notes']) });
    const [line, ...others] = lines.filter(({ ok }) => !ok);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ subject: 'transactions', detail: expect.stringContaining('nothing counts as paid') });
  });

  test('a wrong key says what to make, and is not shown', async () => {
    const [, line] = await check({ key: 'another' });
    expect(line).toMatchObject({ ok: false, detail: expect.stringContaining('make a new read-only key') });
    expect(line!.detail).not.toContain('live_key');
  });
});
