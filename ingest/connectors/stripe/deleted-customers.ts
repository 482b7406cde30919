// Customers that were deleted: lists leave them out, but Stripe keeps their invoices, and so their money is kept.
import type { Batch, Reading, VendorObject } from '../../api.ts';
import { currentVersions } from '../../raw-schema.ts';
import type { StripeContext } from '../stripe.ts';
import { apiVersion, type StripeClient, stripeClient } from './client.ts';
import { deletedCustomers } from './mappings.ts';
import type { Fetching } from './read.ts';

/** What was known of a customer before it was deleted, by canonical column. */
type Known = { readonly customer_id: string } & Readonly<Record<string, string | null>>;

/** To be read after customers and invoices: customers that invoices name and no list held. */
export function deletedCustomersOf(context: StripeContext): VendorObject {
  return {
    object: 'deleted_customers',
    records: [deletedCustomers],
    query: { version: apiVersion },
    open_fields: ['customer', 'known'],
    read: (reading) => readDeleted(context, reading),
  };
}

async function* readDeleted(context: StripeContext, { pages, now }: Reading): AsyncGenerator<Batch> {
  const client = stripeClient(context);
  let found = 0;
  for (const known of await namedByInvoices(context)) found += await keepIfDeleted({ client, pages }, known);
  if (found) yield { state: { found, at: now } };
}

/**
 * After everything was listed anew: customers of the log that the list did not hold. What was known of them stays, also where the
 * whole source is read into a new generation.
 */
export async function keepDeleted({ client, pages, context }: Fetching, listed: ReadonlySet<string>): Promise<void> {
  const log = currentVersions('stripe', 'billing_customers', context.source);
  const known = await context.warehouse.rows<Known>(
    `SELECT payload.customer_id AS customer_id, payload.account_id AS account_id, payload.partner_id AS partner_id, payload.name AS name,
       payload.email AS email, payload.domain AS domain, payload.country AS country, payload.created_at AS created_at
     FROM ${log} AS customer WHERE NOT is_deleted ORDER BY customer_id`,
  );
  for (const customer of known) if (!listed.has(customer.customer_id)) await keepIfDeleted({ client, pages }, customer);
}

async function keepIfDeleted(
  { client, pages }: { client: StripeClient; pages: Fetching['pages'] },
  known: Known,
): Promise<number> {
  const answer = await client.object(`/v1/customers/${encodeURIComponent(known.customer_id)}`);
  if (!answer?.item.deleted) return 0;
  await pages.add('deleted_customers', JSON.stringify({ customer: answer.item, known }));
  return 1;
}

/** With what their latest invoice says of them. */
function namedByInvoices({ source, warehouse }: StripeContext): Promise<Known[]> {
  const member = (path: string) => `arg_max(json_extract_string(invoice.payload.other, '${path}'), invoice.sequence)`;
  return warehouse.rows<Known>(
    `SELECT invoice.payload.customer_id AS customer_id, ${member('$.customer_name')} AS name, ${member('$.customer_email')} AS email,
       ${member('$.customer_address.country')} AS country
     FROM ${currentVersions('stripe', 'invoices', source)} AS invoice
     ANTI JOIN (SELECT payload.customer_id AS known FROM ${currentVersions('stripe', 'billing_customers', source)} AS customer WHERE NOT is_deleted)
       ON known = invoice.payload.customer_id
     WHERE NOT invoice.is_deleted AND invoice.payload.customer_id IS NOT NULL
     GROUP BY invoice.payload.customer_id ORDER BY customer_id`,
  );
}
