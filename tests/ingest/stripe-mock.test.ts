// The stripe connector against stripe-mock, Stripe's own imitation of its API, which refuses what the published specification does
// not know: every request of ours is one that Stripe understands, and its objects are read as it shapes them. Needs Go.
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConnectorContext } from '../../ingest/connector.ts';
import { stripe } from '../../ingest/connectors/stripe.ts';
import { root } from '../workspace.ts';
import { VendorLanding } from './vendor-landing.ts';
import { stillWorld } from './world.ts';

const VERSION = 'v0.203.0';
const isGoAtHand = spawnSync('go', ['version']).status === 0;
const now = Date.UTC(2026, 10, 29);

describe.skipIf(!isGoAtHand)('stripe-mock (skipped where Go is not at hand)', () => {
  let mock: ChildProcess;
  let base_url: string;

  beforeAll(async () => {
    const port = await freePort();
    base_url = `http://127.0.0.1:${port}`;
    mock = spawn(install(), ['-http-addr', `127.0.0.1:${port}`], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 100 && !(await answers(base_url)); attempt++) await setTimeout(100);
  }, 600_000);
  afterAll(() => mock?.kill());

  const options = () =>
    stripe.options.parse({ api_key: 'sk_test_123', base_url, live: false }) as Record<string, unknown>;

  test('it refuses what the specification does not know', async () => {
    const headers = { authorization: 'Bearer sk_test_123' };
    expect((await fetch(`${base_url}/v1/customers?limit=1`, { headers })).status).toBe(200);
    expect((await fetch(`${base_url}/v1/customers?page_of_mine=1`, { headers })).status).toBe(400);
  });

  test('takes every request of a first reading and of one that goes on, and gives records', {
    timeout: 60_000,
  }, async () => {
    const landing = await VendorLanding.open({
      now,
      sources: [{ name: 'billing', connector: 'stripe', ...options() }],
    });
    const first = await landing.load();
    const accepted = (stream: string) =>
      first.filter((load) => load.stream === stream).reduce((sum, load) => sum + Number(load.accepted), 0);
    expect(accepted('billing_customers')).toBe(1);
    expect(accepted('subscriptions')).toBe(1);
    expect(accepted('payment_adjustments')).toBe(2); // a refund and a credit note
    // Its only invoice is a draft, and its payment of an invoice names no payment: that one is refused, not dropped.
    expect(await landing.warehouse.rows('SELECT stream, reason FROM raw.quarantine')).toEqual([
      { stream: 'payments', reason: 'missing_payment_id' },
    ]);
    landing.world.advance(3_600_000);
    expect((await landing.load()).reduce((sum, load) => sum + Number(load.accepted), 0)).toBe(0);
    landing.warehouse.close();
  });

  test('check finds every list readable', async () => {
    const context = { source: 'billing', options: options(), world: stillWorld({ now }) };
    const lines = await stripe.check(context as unknown as ConnectorContext<never>);
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect(lines.length).toBeGreaterThan(5);
  });
});

/** Installs the pinned version once; gives its program. */
function install(): string {
  const folder = join(root, '.cache', `stripe-mock-${VERSION}`);
  const program = join(folder, 'stripe-mock');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  execFileSync('go', ['install', `github.com/stripe/stripe-mock@${VERSION}`], {
    env: { ...process.env, GOBIN: folder, GOFLAGS: '-mod=mod' },
    stdio: 'pipe',
  });
  return program;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    () => true,
    () => false,
  );
}
