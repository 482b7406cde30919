// Chargebee's sandbox server as others see it: the official SDK as its client, and the members of its published types.
import Chargebee from 'chargebee';
import { afterAll, describe, expect, test } from 'vitest';
import { startChargebee } from '../../../sandbox/servers/chargebee.ts';
import { billingStore } from '../../contract/fixtures/billing-company.ts';

const now = Date.UTC(2026, 5, 1);
const store = billingStore(now);
const server = await startChargebee({ store, key: 'sdk-key', now: () => now, timeZone: 'UTC' });
afterAll(() => server.close());

/** The SDK composes `http://<site>.<suffix>:<port>`; the loopback address has no sites, so its own fetch leads there. */
function sdk(apiKey = 'sdk-key', url = server.url) {
  const { port } = new URL(url);
  const httpClient = {
    makeApiRequest: (request: Request) => {
      const asked = new URL(request.url);
      return fetch(`http://127.0.0.1:${port}${asked.pathname}${asked.search}`, { headers: request.headers });
    },
  };
  return new Chargebee({ site: 'sandbox', apiKey, httpClient } as never) as Chargebee;
}

describe('the official SDK', () => {
  test('pages through invoices by the offset that it is given, oldest change first', async () => {
    const ids: string[] = [];
    let last = 0;
    for (let offset: string | undefined, more = true; more; ) {
      const page = await sdk().invoice.list({ limit: 5, ...(offset && { offset }), 'sort_by[asc]': 'updated_at' });
      for (const { invoice } of page.list) {
        expect(invoice.updated_at).toBeGreaterThanOrEqual(last);
        last = invoice.updated_at!;
        ids.push(invoice.id);
      }
      offset = page.next_offset;
      more = offset !== undefined;
    }
    expect(ids).toHaveLength(16);
    expect(new Set(ids).size).toBe(16);
  });

  test('filters by the time of change', async () => {
    const after = Math.floor(now / 1000) - 25 * 86_400;
    const { list } = await sdk().transaction.list({ limit: 100, updated_at: { after } });
    expect(list.every(({ transaction }) => transaction.updated_at! > after)).toBe(true);
    expect(list.map(({ transaction }) => transaction.type).sort()).toEqual([
      'payment',
      'payment_reversal',
      'payment_reversal',
      'refund',
      'refund',
    ]);
  });

  test('sees deleted objects only when it asks for them', async () => {
    store.apply({ kind: 'delete', stream: 'billing_customers', key: 'CU-11' }, now);
    expect((await sdk().customer.list({ limit: 100 })).list).toHaveLength(11);
    const { list } = await sdk().customer.list({ limit: 100, include_deleted: true });
    expect(list.filter(({ customer }) => customer.deleted).map(({ customer }) => customer.id)).toEqual(['CU-11']);
    await expect(sdk().customer.retrieve('CU-11')).rejects.toMatchObject({ api_error_code: 'resource_not_found' });
  });

  test('gets the vendor’s errors: wrong key, no permission, page size', async () => {
    await expect(sdk('another').customer.list()).rejects.toMatchObject({ api_error_code: 'api_authentication_failed' });
    const limited = await startChargebee({ store, key: 'sdk-key', permissions: new Set(['customers']) });
    await expect(sdk('sdk-key', limited.url).invoice.list()).rejects.toMatchObject({ http_status_code: 403 });
    await limited.close();
    await expect(sdk().customer.list({ limit: 101 })).rejects.toMatchObject({ http_status_code: 400 });
  });
});
