// How Chargebee's customers, subscriptions, invoices and their lines become canonical records. Money: money.ts.
import { literal } from '../../../core/sql.ts';
import type { RecordMapping } from '../../api.ts';
import { amountOfMinor, instantOfSeconds, lessWhole } from '../../vendor-sql.ts';
import type { ChargebeeContext } from '../chargebee.ts';

/** What was deleted is sent with a mark. */
export const isDeleted = `CAST(coalesce(deleted, 'false') = 'true' AS VARCHAR)`;

function fieldPath(name: string): string {
  return `$.${JSON.stringify(name)}`;
}

export function customers({ options: { fields } }: ChargebeeContext): RecordMapping {
  return {
    stream: 'billing_customers',
    fields: {
      id: '$.id',
      account: fieldPath(fields.account_id),
      partner: fieldPath(fields.partner_id),
      domain: fieldPath(fields.domain),
      company: '$.company',
      first: '$.first_name',
      last: '$.last_name',
      email: '$.email',
      country: '$.billing_address.country',
      created: '$.created_at',
      deleted: '$.deleted',
    },
    columns: {
      customer_id: 'id',
      account_id: 'account',
      partner_id: 'partner',
      name: `coalesce(company, nullif(concat_ws(' ', first, last), ''))`,
      email: 'email',
      domain: 'domain',
      country: 'country',
      created_at: instantOfSeconds('created'),
    },
    is_deleted: isDeleted,
  };
}

export function subscriptions({ options: { fields } }: ChargebeeContext): RecordMapping {
  return {
    stream: 'subscriptions',
    fields: {
      id: '$.id',
      customer: '$.customer_id',
      deal: fieldPath(fields.deal_id),
      started: '$.started_at',
      start: '$.start_date',
      created: '$.created_at',
      cancelled: '$.cancelled_at',
      mrr: '$.mrr',
      currency: '$.currency_code',
      status: '$.status',
      deleted: '$.deleted',
    },
    columns: {
      subscription_id: 'id',
      customer_id: 'customer',
      deal_id: 'deal',
      started_at: instantOfSeconds('coalesce(started, start, created)'),
      cancelled_at: instantOfSeconds('cancelled'),
      mrr_amount: amountOfMinor('mrr', 'currency'),
      currency: 'upper(currency)',
      status: 'status',
    },
    is_deleted: isDeleted,
  };
}

/** A pending invoice is not issued yet. */
const isIssued = `json_extract_string(record, '$.status') IS DISTINCT FROM 'pending'`;

export function invoices({ options: { fields } }: ChargebeeContext): RecordMapping {
  return {
    stream: 'invoices',
    fields: {
      id: '$.id',
      customer: '$.customer_id',
      deal: fieldPath(fields.deal_id),
      subscription: '$.subscription_id',
      date: '$.date',
      due: '$.due_date',
      voided: '$.voided_at',
      status: '$.status',
      written_off: '$.write_off_amount',
      currency: '$.currency_code',
      deleted: '$.deleted',
    },
    columns: {
      invoice_id: 'id',
      customer_id: 'customer',
      deal_id: 'deal',
      subscription_id: 'subscription',
      issued_at: instantOfSeconds('date'),
      due_at: instantOfSeconds('due'),
      voided_at: instantOfSeconds('voided'),
      // An invoice that was written off is called paid; one whose collection was given up, not paid.
      status: `CASE WHEN status = 'paid' AND TRY_CAST(written_off AS BIGINT) > 0 THEN 'uncollectible' WHEN status IN ('posted', 'payment_due') THEN 'open'
        WHEN status = 'not_paid' THEN 'uncollectible' WHEN status = 'voided' THEN 'void' ELSE status END`,
      currency: 'upper(currency)',
    },
    skip: `status = 'pending'`,
    is_deleted: isDeleted,
  };
}

const issued = `SELECT position, record FROM fetched WHERE kind = 'invoices' AND ${isIssued}`;
const lineOf = (list: string, invoice: string) =>
  `json_extract_string(${invoice}, '$.id') AS invoice, json_extract_string(${invoice}, '$.currency_code') AS currency,
   json_extract_string(${invoice}, '$.price_type') AS price_type, unnest(json_extract(${invoice}, '${list}')) AS record`;

/** `amount` stands before discounts, and with its tax where prices hold it: net is what is left without both. */
export function invoiceLines({ options: { products, time_zone } }: ChargebeeContext): RecordMapping {
  const known = Object.entries(products).map(([id, name]) => `WHEN ${literal(id)} THEN ${literal(name)}`);
  const product = 'coalesce(entity, description)';
  const date = (field: string) =>
    `CASE WHEN TRY_CAST(date_from AS BIGINT) < TRY_CAST(date_to AS BIGINT)
      THEN strftime(timezone(${literal(time_zone)}, make_timestamptz(TRY_CAST(${field} AS BIGINT) * 1000000)), '%Y-%m-%d') END`;
  const included = `CASE WHEN price_type = 'tax_inclusive' THEN coalesce(TRY_CAST(tax AS BIGINT), 0) ELSE 0 END`;
  const discounts = `coalesce(TRY_CAST(discount AS BIGINT), 0)`;
  const less = (parts: string) => lessWhole('amount', parts);
  return {
    stream: 'invoice_lines',
    relation: `(SELECT * FROM (
      SELECT position, ${lineOf('$.line_items[*]', 'record')} FROM (${issued}) WHERE ${isKept('record')}
      UNION ALL
      SELECT position, ${lineOf('$.line_items[*]', 'record')} FROM (
        SELECT position, json_extract(record, '$.invoice') AS record FROM fetched WHERE kind = 'other_lines')))`,
    fields: {
      id: '$.id',
      amount: '$.amount',
      discount: '$.discount_amount',
      tax: '$.tax_amount',
      is_taxed: '$.is_taxed',
      entity: '$.entity_id',
      description: '$.description',
      date_from: '$.date_from',
      date_to: '$.date_to',
    },
    columns: {
      line_id: 'id',
      invoice_id: 'invoice',
      product: known.length ? `CASE ${product} ${known.join(' ')} ELSE ${product} END` : product,
      amount: amountOfMinor(less(`${discounts} + ${included}`), 'currency'),
      tax_amount: `CASE WHEN is_taxed = 'true' OR tax <> '0' THEN ${amountOfMinor('tax', 'currency')} END`,
      list_amount: amountOfMinor(less(included), 'currency'),
      period_start: date('date_from'),
      period_end: date('date_to'),
    },
    replaces: {
      column: 'invoice_id',
      parents: `SELECT json_extract_string(record, '$.id') FROM (${issued})`,
    },
  };
}

function isKept(record: string): string {
  return `coalesce(json_extract_string(${record}, '$.deleted'), 'false') <> 'true'`;
}
