// The `chargebee` connector: customers, subscriptions, invoices, transactions and credit notes of one site, by when they changed.
import { z } from 'zod';
import { SourceError } from '../../core/errors.ts';
import { timeZone } from '../../core/time-zone.ts';
import { address } from '../address.ts';
import type { VendorObject } from '../api.ts';
import { checkEach, readable } from '../check.ts';
import type { ApiConnector, ConnectorContext } from '../connector.ts';
import { losses } from '../losses.ts';
import { secret } from '../secret.ts';
import { chargebeeClient } from './chargebee/client.ts';
import { customers, invoiceLines, invoices, subscriptions } from './chargebee/mappings.ts';
import { creditNoteRecords, transactionRecords } from './chargebee/money.ts';
import { readObjects } from './chargebee/read.ts';

const customField = z.string().min(1);

const options = z.object({
  site: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]*$/i, 'expected the name before .chargebee.com')
    .describe('the site: `acme` of acme.chargebee.com'),
  api_key: secret('a read-only key, from Settings → Configure Chargebee → API Keys'),
  base_url: address().optional().describe('default https://<site>.chargebee.com/api/v2'),
  live: z.boolean().default(true).describe('false reads a test site; a live workspace refuses one'),
  start_date: z.iso.date().optional().describe('leave out what was not changed since this day (UTC)'),
  fields: z
    .strictObject({
      account_id: customField.default('cf_account_id').describe('custom field of customers: the CRM account'),
      partner_id: customField.default('cf_partner_id').describe('custom field of customers: the reseller'),
      domain: customField.default('cf_domain').describe('custom field of customers: their domain'),
      deal_id: customField.default('cf_deal_id').describe('custom field of subscriptions and invoices: the CRM deal'),
    })
    .prefault({})
    .describe('custom fields that hold what Chargebee has no field for'),
  products: z
    .record(z.string(), z.string())
    .default({})
    .describe('item price id: the name that plans call the product by'),
  time_zone: timeZone.default('UTC').describe('whose days the periods of invoice lines are'),
  page_size: z.int().min(1).max(100).default(100).describe('objects asked for at once'),
  requests_per_minute: z.int().min(1).max(10_000).default(150).describe('what the plan of the site allows'),
});
export type ChargebeeOptions = z.output<typeof options>;
export type ChargebeeContext = ConnectorContext<ChargebeeOptions>;

/** What is read, and what it maps to. */
const objects = {
  customers: (context) => [customers(context)],
  subscriptions: (context) => [subscriptions(context)],
  invoices: (context) => [invoices(context), invoiceLines(context)],
  transactions: () => transactionRecords,
  credit_notes: () => creditNoteRecords,
} as const satisfies Record<string, (context: ChargebeeContext) => VendorObject['records']>;
export type ChargebeeObjectName = keyof typeof objects;
const names = Object.keys(objects) as ChargebeeObjectName[];

export const chargebee: ApiConnector<ChargebeeOptions> = {
  name: 'chargebee',
  options,
  delivers: ['billing_customers', 'subscriptions', 'invoices', 'invoice_lines', 'payments', 'payment_adjustments'],

  async check(context) {
    const problem = modeProblem(context);
    if (problem) return [{ subject: 'mode', ok: false, detail: `${problem}; ${modeHint}` }];
    const mode = { subject: 'mode', ok: true, detail: context.options.live ? 'live' : 'test site allowed' };
    const needs = names.map((name) => ({ name, subject: name, without: losses[objects[name](context)[0]!.stream] }));
    return [mode, ...(await checkEach(needs, ({ name }) => askFor(context, name)))];
  },

  async objects(context): Promise<VendorObject[]> {
    const problem = modeProblem(context);
    if (problem) throw new SourceError(`${context.source}: ${problem}`, { hint: modeHint });
    return names.map((object) => ({
      object,
      records: objects[object](context),
      query: { version: 'v2', site: context.options.site, start: context.options.start_date ?? null },
      open_fields: ['meta_data'],
      read: (reading) => readObjects(context, object, reading),
    }));
  },
};

const modeHint = 'use the live site and its key, or set `live: false` for this source if it is a test workspace';

/** Test sites are named so: `acme-test`, with keys that begin with `test_`. */
function modeProblem({ options: { api_key, site, live } }: ChargebeeContext): string | undefined {
  const isTest = site.endsWith('-test') || api_key.startsWith('test_');
  return live && isTest ? 'this is a test site, and this workspace is live' : undefined;
}

async function askFor(context: ChargebeeContext, name: ChargebeeObjectName): Promise<string> {
  const { items } = await chargebeeClient(context, { attempts: 2 }).page(name, { limit: 1 });
  return readable(items);
}
