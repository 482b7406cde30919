// How Stripe's customers, subscriptions, invoices and their lines become canonical records. Money: adjustments.ts, payments.ts.
import { literal } from '../../../core/sql.ts';
import type { RecordMapping } from '../../api.ts';
import { instantOfSeconds, lessWhole, wholeSum, wholeSumOf } from '../../vendor-sql.ts';
import type { StripeContext } from '../stripe.ts';
import { stripeAmount } from './amounts.ts';

/** The JSON path of a metadata key. */
function metadataPath(key: string): string {
  return `$.metadata.${JSON.stringify(key)}`;
}

export function customers({ options: { fields } }: StripeContext): RecordMapping {
  return {
    stream: 'billing_customers',
    fields: {
      id: '$.id',
      account: metadataPath(fields.account_id),
      partner: metadataPath(fields.partner_id),
      domain: metadataPath(fields.domain),
      name: '$.name',
      email: '$.email',
      country: '$.address.country',
      created: '$.created',
    },
    columns: {
      customer_id: 'id',
      account_id: 'account',
      partner_id: 'partner',
      name: 'name',
      email: 'email',
      domain: 'domain',
      country: 'country',
      created_at: instantOfSeconds('created'),
    },
  };
}

/** A customer that was deleted is known to Stripe by its id alone; the rest is what was known before, or what its invoices say. */
export const deletedCustomers: RecordMapping = {
  stream: 'billing_customers',
  relation: `(SELECT * FROM fetched WHERE kind = 'deleted_customers')`,
  fields: {
    id: '$.customer.id',
    account: '$.known.account_id',
    partner: '$.known.partner_id',
    name: '$.known.name',
    email: '$.known.email',
    domain: '$.known.domain',
    country: '$.known.country',
    created: '$.known.created_at',
  },
  columns: {
    customer_id: 'id',
    account_id: 'account',
    partner_id: 'partner',
    name: 'name',
    email: 'email',
    domain: 'domain',
    country: 'country',
    created_at: 'created',
  },
  other: `json_extract(record, '$.customer')`,
};

export function subscriptions({ options: { fields } }: StripeContext): RecordMapping {
  return {
    stream: 'subscriptions',
    relation: `(SELECT position, record, ${monthlyMinor} AS monthly FROM fetched WHERE kind = 'subscriptions')`,
    fields: {
      id: '$.id',
      customer: '$.customer',
      deal: metadataPath(fields.deal_id),
      started: '$.start_date',
      ended: '$.ended_at',
      currency: '$.currency',
      status: '$.status',
    },
    columns: {
      subscription_id: 'id',
      customer_id: 'customer',
      deal_id: 'deal',
      started_at: instantOfSeconds('started'),
      cancelled_at: instantOfSeconds('ended'),
      mrr_amount: stripeAmount('monthly', 'currency'),
      currency: 'upper(currency)',
      status: `CASE status WHEN 'canceled' THEN 'cancelled' ELSE status END`,
    },
  };
}

/** Price times quantity of all items, a month's part of it, half up; nothing where a price has no single amount (tiers). */
const itemMonthly = `CASE WHEN json_extract_string(item, '$.price.unit_amount') IS NOT NULL THEN
  (2 * TRY_CAST(json_extract_string(item, '$.price.unit_amount') AS HUGEINT)
     * coalesce(TRY_CAST(json_extract_string(item, '$.quantity') AS HUGEINT), 1)
     * CASE json_extract_string(item, '$.price.recurring.interval') WHEN 'year' THEN 1 WHEN 'month' THEN 12 WHEN 'week' THEN 52 WHEN 'day' THEN 365 END
     + 12 * coalesce(TRY_CAST(json_extract_string(item, '$.price.recurring.interval_count') AS HUGEINT), 1))
  // (24 * coalesce(TRY_CAST(json_extract_string(item, '$.price.recurring.interval_count') AS HUGEINT), 1)) END`;
const monthlyOfItems = `list_transform(json_extract(record, '$.items.data[*]'), lambda item: ${itemMonthly})`;
const monthlyMinor = `CASE WHEN len(list_filter(${monthlyOfItems}, lambda part: part IS NULL)) = 0
  THEN CAST(list_sum(${monthlyOfItems}) AS VARCHAR) END`;

/** Drafts are no invoices yet; Stripe may still change or delete them. */
const isDraft = `(record ->> '$.status') = 'draft'`;

export function invoices({ options: { fields } }: StripeContext): RecordMapping {
  return {
    stream: 'invoices',
    fields: {
      id: '$.id',
      customer: '$.customer',
      deal: metadataPath(fields.deal_id),
      subscription: '$.parent.subscription_details.subscription',
      effective: '$.effective_at',
      finalized: '$.status_transitions.finalized_at',
      created: '$.created',
      due: '$.due_date',
      voided: '$.status_transitions.voided_at',
      status: '$.status',
      currency: '$.currency',
    },
    columns: {
      invoice_id: 'id',
      customer_id: 'customer',
      deal_id: 'deal',
      subscription_id: 'subscription',
      issued_at: instantOfSeconds('coalesce(effective, finalized, created)'),
      due_at: instantOfSeconds('due'),
      voided_at: instantOfSeconds('voided'),
      status: 'status',
      currency: 'upper(currency)',
    },
    skip: `status = 'draft'`,
  };
}

const finalised = `SELECT position, record FROM fetched WHERE kind = 'invoices' AND NOT ${isDraft}`;

/**
 * A line's `amount` is before discounts, and holds the tax that is included in the price: net is what is left without both.
 * Lines beyond those that the invoice holds come in pages of their own. Shipping is a line that Stripe keeps apart.
 */
export function invoiceLines({ options: { products, time_zone } }: StripeContext): RecordMapping {
  const known = Object.entries(products).map(([id, name]) => `WHEN ${literal(id)} THEN ${literal(name)}`);
  const date = (field: string) =>
    `strftime(timezone(${literal(time_zone)}, make_timestamptz(TRY_CAST(${field} AS BIGINT) * 1000000)), '%Y-%m-%d')`;
  const period = (field: string) =>
    `CASE WHEN TRY_CAST(starts AS BIGINT) < TRY_CAST(ends AS BIGINT) THEN ${date(field)} END`;
  return {
    stream: 'invoice_lines',
    relation: `(SELECT position, record,
        ${wholeSum('record', '$.discount_amounts[*].amount')} AS discounts,
        ${wholeSum('record', '$.taxes[*].amount')} AS taxes,
        CASE WHEN contains(record, '"inclusive"') THEN ${wholeSumOf(includedTaxes)} ELSE 0 END AS included,
        coalesce(json_array_length(record, '$.taxes'), 0) > 0 AS has_taxes
      FROM (
        SELECT position, unnest(json_extract(record, '$.lines.data[*]')) AS record FROM (${finalised})
        UNION ALL
        SELECT position, record FROM fetched WHERE kind = 'lines'
        UNION ALL
        SELECT position, ${shippingLine} AS record FROM (${finalised}) WHERE TRY_CAST(record ->> '$.shipping_cost.amount_total' AS BIGINT) <> 0))`,
    fields: {
      id: '$.id',
      invoice: '$.invoice',
      amount: '$.amount',
      currency: '$.currency',
      product: '$.pricing.price_details.product',
      starts: '$.period.start',
      ends: '$.period.end',
    },
    columns: {
      line_id: 'id',
      invoice_id: 'invoice',
      product: known.length ? `CASE product ${known.join(' ')} ELSE product END` : 'product',
      amount: stripeAmount(lessWhole('amount', 'discounts + included'), 'currency'),
      tax_amount: `CASE WHEN has_taxes THEN ${stripeAmount(textOf('taxes'), 'currency')} END`,
      list_amount: stripeAmount(lessWhole('amount', 'included'), 'currency'),
      period_start: period('starts'),
      period_end: period('ends'),
    },
    replaces: { column: 'invoice_id', parents: `SELECT (record ->> '$.id') FROM (${finalised})` },
  };
}

/** Amounts of the taxes that the price includes. */
const includedTaxes = `list_transform(
  list_filter(json_extract(record, '$.taxes[*]'), lambda tax: json_extract_string(tax, '$.tax_behavior') = 'inclusive'),
  lambda tax: json_extract_string(tax, '$.amount'))`;

/** The shipping of an invoice in the shape of a line. */
const shippingLine = `json_object(
  'id', (record ->> '$.id') || ':shipping', 'object', 'line_item', 'invoice', (record ->> '$.id'), 'currency', (record ->> '$.currency'),
  'amount', TRY_CAST(record ->> '$.shipping_cost.amount_subtotal' AS BIGINT), 'discount_amounts', json_array(),
  'taxes', CASE WHEN TRY_CAST(record ->> '$.shipping_cost.amount_tax' AS BIGINT) > 0
    THEN json_array(json_object('amount', TRY_CAST(record ->> '$.shipping_cost.amount_tax' AS BIGINT), 'tax_behavior', 'exclusive'))
    ELSE json_array() END,
  'pricing', json_object('price_details', json_object('product', 'shipping')), 'shipping_cost', json_extract(record, '$.shipping_cost'))`;

function textOf(sum: string): string {
  return `coalesce(CAST(${sum} AS VARCHAR), 'no whole number')`;
}
