// What lowers money after the fact: refunds, credit notes, disputes and write-offs as canonical adjustments.
import type { RecordMapping } from '../../api.ts';
import { currentVersions } from '../../raw-schema.ts';
import { instantOfSeconds, wholeSum } from '../../vendor-sql.ts';
import type { StripeContext } from '../stripe.ts';
import { stripeAmount } from './amounts.ts';

/** Money goes back when a refund has succeeded; one that failed afterwards never was. */
export const refunds: RecordMapping = {
  stream: 'payment_adjustments',
  fields: {
    id: '$.id',
    intent: '$.payment_intent',
    charge: '$.charge',
    created: '$.created',
    amount: '$.amount',
    currency: '$.currency',
    status: '$.status',
  },
  columns: {
    adjustment_id: 'id',
    kind: `'refund'`,
    payment_id: 'coalesce(intent, charge)',
    occurred_at: instantOfSeconds('created'),
    amount: stripeAmount('amount', 'currency'),
    currency: 'upper(currency)',
  },
  skip: `status IN ('pending', 'requires_action')`,
  is_deleted: `CAST(status IN ('failed', 'canceled') AS VARCHAR)`,
};

export const creditNotes: RecordMapping = {
  stream: 'payment_adjustments',
  relation: `(SELECT position, record, ${wholeSum('record', '$.total_taxes[*].amount')} AS taxes,
      coalesce(json_array_length(record, '$.total_taxes'), 0) > 0 AS has_taxes,
      json_array_length(record, '$.lines.data') = 1 AND (record ->> '$.lines.has_more') <> 'true' AS has_one_line
    FROM fetched WHERE kind = 'credit_notes')`,
  fields: {
    id: '$.id',
    invoice: '$.invoice',
    line: '$.lines.data[0].invoice_line_item',
    effective: '$.effective_at',
    created: '$.created',
    amount: '$.amount',
    currency: '$.currency',
    status: '$.status',
  },
  columns: {
    adjustment_id: 'id',
    kind: `'credit_note'`,
    invoice_id: 'invoice',
    line_id: 'CASE WHEN has_one_line THEN line END',
    occurred_at: instantOfSeconds('coalesce(effective, created)'),
    amount: stripeAmount('amount', 'currency'),
    tax_amount: `CASE WHEN has_taxes THEN ${stripeAmount(`coalesce(CAST(taxes AS VARCHAR), 'no whole number')`, 'currency')} END`,
    currency: 'upper(currency)',
  },
  is_deleted: `CAST(status = 'void' AS VARCHAR)`,
};

/** What was still due when an invoice was given up; one that is paid after all was not. */
export const writeOffs: RecordMapping = {
  stream: 'payment_adjustments',
  relation: `(SELECT position, record FROM fetched
    WHERE kind = 'invoices' AND (record ->> '$.status_transitions.marked_uncollectible_at') IS NOT NULL)`,
  fields: {
    id: '$.id',
    marked: '$.status_transitions.marked_uncollectible_at',
    remaining: '$.amount_remaining',
    currency: '$.currency',
    status: '$.status',
  },
  columns: {
    adjustment_id: `id || ':write_off'`,
    kind: `'write_off'`,
    invoice_id: 'id',
    occurred_at: instantOfSeconds('marked'),
    amount: stripeAmount('remaining', 'currency'),
    currency: 'upper(currency)',
  },
  is_deleted: `CAST(status <> 'uncollectible' AS VARCHAR)`,
};

const event = `(record ->> '$.data.object.id') AS id, (record ->> '$.data.object.status') AS status, (record ->> '$.created') AS created`;
const movement = (category: string) =>
  `json_extract_string(list_filter(json_extract(record, '$.balance_transactions[*]'), lambda moved: (moved ->> '$.reporting_category') = '${category}')[1], '$.created')`;

/**
 * A dispute is up to three adjustments. Money leaves when it opens and comes back when it is won: its own balance transactions
 * say when. Stripe keeps no date of a loss: it is that of the event (kept 30 days, and for ever once it was seen), else the
 * deadline that passed. One that was won after an appeal was lost before. Inquiries (`warning_…`) move no money.
 */
export function disputes({ source }: StripeContext): RecordMapping[] {
  const known = `(SELECT record_key, payload.occurred_at AS occurred_at FROM ${currentVersions('stripe', 'payment_adjustments', source)} AS known WHERE NOT is_deleted)`;
  const relation = `(SELECT dispute.position, dispute.record, closing.lost, closing.won, known.occurred_at AS known_lost_at,
      ${movement('dispute')} AS withdrawn, ${movement('dispute_reversal')} AS reinstated
    FROM (SELECT position, record FROM fetched WHERE kind = 'disputes') AS dispute
    LEFT JOIN (
      SELECT id, min(created) FILTER (WHERE status = 'lost') AS lost, max(created) FILTER (WHERE status = 'won') AS won
      FROM (SELECT ${event} FROM fetched WHERE kind = 'closings') AS closing GROUP BY id
    ) AS closing ON closing.id = (dispute.record ->> '$.id')
    LEFT JOIN ${known} AS known ON known.record_key = (dispute.record ->> '$.id') || ':lost')`;
  const fields = {
    id: '$.id',
    intent: '$.payment_intent',
    charge: '$.charge',
    created: '$.created',
    amount: '$.amount',
    currency: '$.currency',
    status: '$.status',
    appeal: '$.evidence.appeal',
    due_by: '$.evidence_details.due_by',
  };
  const movesNoMoney = `status LIKE 'warning%' OR status = 'prevented'`;
  const step = (kind: string, occurred_at: string, skip: string): RecordMapping => ({
    stream: 'payment_adjustments',
    relation,
    fields,
    columns: {
      adjustment_id: `id || ':${kind}'`,
      kind: `'dispute_${kind}'`,
      payment_id: 'coalesce(intent, charge)',
      occurred_at,
      amount: stripeAmount('amount', 'currency'),
      currency: 'upper(currency)',
    },
    skip,
  });
  const deadline = `coalesce(nullif(due_by, '0'), created)`;
  const isLost = `status = 'lost' OR status LIKE 'appeal%' OR (status = 'won' AND coalesce(appeal, 'null') <> 'null')`;
  return [
    step('opened', instantOfSeconds('coalesce(withdrawn, created)'), movesNoMoney),
    step(
      'lost',
      `coalesce(${instantOfSeconds('lost')}, known_lost_at, ${instantOfSeconds(deadline)})`,
      `NOT (${isLost})`,
    ),
    step('won', instantOfSeconds(`coalesce(reinstated, won, ${deadline})`), `status <> 'won'`),
  ];
}
