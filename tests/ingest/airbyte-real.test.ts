// A real Airbyte source from PyPI (`source-declarative-manifest` of airbyte-cdk) with a manifest of our own, over HTTP against
// the sandbox's PartnerStack: what it lands is what the company holds.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { StreamName } from '../../core/streams.ts';
import { checkSources, ingest } from '../../ingest/ingest.ts';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { type CompanyRow, companyOf, createStore } from '../../sandbox/servers/company.ts';
import { startPartnerStack } from '../../sandbox/servers/partnerstack.ts';
import { declarativeSource } from '../airbyte-environment.ts';
import { root, temporaryDirectory } from '../workspace.ts';

const source = declarativeSource();
const closing: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closing) await close();
});

const now = Date.UTC(2026, 5, 1);
const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const day = (number: number) => new Date(Date.UTC(2025, 0, number)).toISOString();

function smallProgramme() {
  return createStore(
    companyOf(
      {
        partners: numbers(23).map((number) => ({
          partner_id: `P-${number}`,
          name: `Partner ${number}`,
          motion: number % 3 ? 'referral' : 'reseller',
          status: 'active',
          joined_at: day(number),
          currency: 'USD',
          country: 'SE',
        })),
        deal_registrations: numbers(31).map((number) => ({
          registration_id: `R-${number}`,
          partner_id: `P-${1 + (number % 23)}`,
          account_id: `A-${number}`,
          submitted_at: day(100 + number),
          decided_at: day(110 + number),
          status: 'approved',
        })),
        payouts: numbers(12).map((number) => ({
          payout_id: `O-${number}`,
          partner_id: `P-${number}`,
          paid_at: day(200 + number),
          amount: `${number}00.05`,
          currency: 'USD',
        })),
      },
      '2026-01-01T00:00:00Z',
    ),
  );
}

/** What sourced.yaml says of the source's streams. */
const streams = {
  partners: {
    from: 'partnerships',
    columns: {
      partner_id: 'partner_key',
      name: 'team.name',
      joined_at: 'joined_at',
      status: 'field_data.programme_status',
      country: 'field_data.country',
      currency: 'field_data.payout_currency',
    },
    values: { motion: { from: 'group.slug', co_sell: ['co-sell'] } },
    convert: { joined_at: 'epoch_milliseconds' },
  },
  deal_registrations: {
    from: 'deals',
    columns: {
      registration_id: 'key',
      partner_id: 'partner_key',
      account_id: 'field_data.crm_account_id',
      deal_id: 'external_key',
      submitted_at: 'created_at',
      decided_at: 'field_data.decided_at',
    },
    values: { status: { from: 'stage', rejected: ['declined'] } },
    convert: { submitted_at: 'epoch_milliseconds' },
  },
  payouts: {
    from: 'rewards',
    columns: { payout_id: 'key', partner_id: 'partnership.partner_key', paid_at: 'updated_at' },
    convert: { paid_at: 'epoch_milliseconds', amount: 'minor_units' },
  },
};

async function place(secret_key = 'sk_canary_of_the_real_source') {
  const store = smallProgramme();
  const server = await startPartnerStack({ store, now: () => now, secretKey: 'sk_canary_of_the_real_source' });
  closing.push(server.close);
  const directory = temporaryDirectory();
  const workspace = { directory, state: join(directory, '.sourced'), loads: join(directory, '.sourced', 'loads') };
  mkdirSync(workspace.state);
  const warehouse = await openWarehouse(':memory:');
  const options = {
    config: {
      sources: [
        {
          name: 'prm',
          connector: 'airbyte_source',
          command: source.command ?? [],
          arguments: ['--manifest-path', join(root, 'sandbox', 'airbyte', 'manifest.yaml')],
          environment: {},
          idle_minutes: 5,
          config: { base_url: server.url, public_key: 'pk_sandbox', secret_key, page_size: 10 },
          streams,
        },
      ],
    },
    workspace,
    warehouse,
  };
  return {
    store,
    server,
    read: () => ingest(options),
    check: async () => (await checkSources(options)).get('prm')!,
    log: () => readFileSync(join(workspace.state, 'logs', 'airbyte-prm.log'), 'utf8'),
    async current(stream: StreamName): Promise<CompanyRow[]> {
      const rows = await warehouse.rows<{ payload: Record<string, string | null> }>(
        `SELECT payload FROM raw.airbyte_source_${stream}
         WHERE NOT is_deleted AND sequence NOT IN (SELECT sequence FROM raw.superseded) ORDER BY record_key`,
      );
      return rows.map(({ payload: { other: _, ...row } }) =>
        Object.fromEntries(Object.entries(row).filter((entry): entry is [string, string] => entry[1] !== null)),
      );
    },
  };
}

/** Instants in one spelling. */
function spelled(rows: readonly CompanyRow[]): CompanyRow[] {
  const spell = (name: string, value: string) => (/_at$/.test(name) ? new Date(value).toISOString() : value);
  return rows.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, spell(name, value)])));
}

function byKey(rows: readonly CompanyRow[], key: string): CompanyRow[] {
  return [...rows].sort((left, right) => (left[key]! < right[key]! ? -1 : 1));
}

const why = source.missing ? ` (skipped: ${source.missing})` : '';

describe.skipIf(source.missing)(`airbyte-cdk from PyPI${why}`, () => {
  test('lands what the company holds, then what changed, over pages with broken connections and limits', async () => {
    const { read, current, store, server, log } = await place();
    server.rearm(new Set(['rate_limited', 'server_error', 'reset_mid_page']));
    await read();
    const rows = (stream: StreamName) => store.records(stream).map(({ row }) => row);
    expect(spelled(await current('partners'))).toEqual(byKey(spelled(rows('partners')), 'partner_id'));
    expect(spelled(await current('deal_registrations'))).toEqual(
      byKey(spelled(rows('deal_registrations')), 'registration_id'),
    );
    expect(spelled(await current('payouts'))).toEqual(byKey(spelled(rows('payouts')), 'payout_id'));
    expect(server.requests().filter(({ trap }) => trap).length).toBeGreaterThan(0);

    server.rearm(new Set());
    server.clearRequests();
    store.apply(
      { kind: 'upsert', stream: 'deal_registrations', row: { ...rows('deal_registrations')[4]!, status: 'rejected' } },
      now,
    );
    store.apply({ kind: 'delete', stream: 'partners', key: 'P-2' }, now);
    const loads = await read();
    // The source was given its state: it asks for what was updated since.
    const asked = server.requests().filter(({ url }) => url.startsWith('/api/v2/deals'));
    expect(
      asked.every(({ url }) => Number(new URL(url, server.url).searchParams.get('min_updated')) > Date.UTC(2025, 0, 1)),
    ).toBe(true);
    expect(loads.find(({ stream, fetched }) => stream === 'deal_registrations' && fetched > 0)!.fetched).toBeLessThan(
      10,
    );
    expect((await current('deal_registrations')).find(({ registration_id }) => registration_id === 'R-5')!.status).toBe(
      'rejected',
    );
    expect((await current('partners')).some(({ partner_id }) => partner_id === 'P-2')).toBe(false);
    expect(log()).not.toMatch(/canary/);
  }, 180_000);

  test('check: a good key, and a wrong one', async () => {
    const good = await (await place()).check();
    expect(good).toEqual([
      { subject: 'spec', ok: true, detail: expect.any(String) },
      { subject: 'connection', ok: true, detail: 'the source can connect' },
      { subject: 'partners', ok: true, detail: 'partnerships, full refresh' },
      { subject: 'deal_registrations', ok: true, detail: 'deals, incremental' },
      { subject: 'payouts', ok: true, detail: 'rewards, full refresh' },
    ]);
    const wrong = await place('sk_canary_wrong');
    const lines = await wrong.check();
    expect(lines.find(({ subject }) => subject === 'connection')).toMatchObject({ ok: false });
    expect(`${JSON.stringify(lines)} ${wrong.log()}`).not.toContain('canary');
    const error = (await wrong.read().catch((reason: unknown) => reason)) as Error;
    expect(error.message).toMatch(/prm: /);
    expect(error.message).not.toContain('canary');
  }, 180_000);
});
