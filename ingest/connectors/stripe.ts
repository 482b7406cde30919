// The `stripe` connector: customers, subscriptions, invoices, payments, refunds, credit notes and disputes of one account.
// What exists is listed once; what changes afterwards is told by events, which are taken as notices only: the object is read again.
import { z } from 'zod';
import { SourceError } from '../../core/errors.ts';
import { timeZone } from '../../core/time-zone.ts';
import { address } from '../address.ts';
import type { VendorObject } from '../api.ts';
import { checkEach, readable } from '../check.ts';
import type { ApiConnector, ConnectorContext } from '../connector.ts';
import { secret } from '../secret.ts';
import { apiVersion, stripeClient } from './stripe/client.ts';
import { deletedCustomersOf } from './stripe/deleted-customers.ts';
import { collectionsOf, needs } from './stripe/objects.ts';
import { readCollection } from './stripe/read.ts';

const metadataKey = z.string().min(1);

const options = z.object({
  api_key: secret('a restricted key with read access, from Developers → API keys in the Stripe dashboard'),
  base_url: address().default('https://api.stripe.com').describe('where the API answers'),
  live: z.boolean().default(true).describe('false reads an account in test mode; a live one refuses its objects'),
  start_date: z.iso
    .date()
    .optional()
    .describe('leave out what was created before this day (UTC) and never changed since'),
  fields: z
    .strictObject({
      account_id: metadataKey.default('account_id').describe('metadata key of customers: the CRM account'),
      partner_id: metadataKey.default('partner_id').describe('metadata key of customers: the reseller'),
      domain: metadataKey.default('domain').describe('metadata key of customers: their domain'),
      deal_id: metadataKey.default('deal_id').describe('metadata key of subscriptions and invoices: the CRM deal'),
    })
    .prefault({})
    .describe('metadata keys that hold what Stripe has no field for'),
  products: z.record(z.string(), z.string()).default({}).describe('Stripe product id: the name that plans call it by'),
  time_zone: timeZone.default('UTC').describe('whose days the periods of invoice lines are'),
  page_size: z.int().min(1).max(100).default(100).describe('objects asked for at once'),
  requests_per_second: z.int().min(1).max(1000).optional().describe('default 80, in test mode 20'),
});
export type StripeOptions = z.output<typeof options>;
export type StripeContext = ConnectorContext<StripeOptions>;

export const stripe: ApiConnector<StripeOptions> = {
  name: 'stripe',
  options,
  delivers: ['billing_customers', 'subscriptions', 'invoices', 'invoice_lines', 'payments', 'payment_adjustments'],

  async check(context) {
    const problem = modeProblem(context);
    if (problem) return [{ subject: 'mode', ok: false, detail: `${problem}; ${modeHint}` }];
    const mode = { subject: 'mode', ok: true, detail: context.options.live ? 'live' : 'test mode allowed' };
    return [mode, ...(await checkEach(needs, ({ path }) => askFor(context, path)))];
  },

  async objects(context): Promise<VendorObject[]> {
    const problem = modeProblem(context);
    if (problem) throw new SourceError(`${context.source}: ${problem}`, { hint: modeHint });
    const listed = collectionsOf(context).map(
      (collection): VendorObject => ({
        object: collection.name,
        records: collection.records,
        query: { version: apiVersion, live: context.options.live, start: context.options.start_date ?? null },
        open_fields: ['metadata'],
        read: (reading) => readCollection(context, collection, reading),
      }),
    );
    return [...listed, deletedCustomersOf(context)];
  },
};

const modeHint = 'use a key of live mode, or set `live: false` for this source if it is a test workspace';

/** A key tells its mode by its name: `sk_test_…`, `rk_live_…`. */
function modeProblem({ options: { api_key, live } }: StripeContext): string | undefined {
  const isTest = /^[a-z]{2}_test_/.test(api_key);
  return live && isTest ? 'the key is of test mode, and this workspace is live' : undefined;
}

/** One object of one kind is asked for: that shows address, key and permission at once. */
async function askFor(context: StripeContext, path: string): Promise<string> {
  const status = path === '/v1/subscriptions' ? 'all' : undefined;
  const { data } = await stripeClient(context, { attempts: 2 }).page(path, { limit: 1, status });
  return readable(data);
}
