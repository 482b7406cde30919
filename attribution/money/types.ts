// What the money step reads and writes, and the grain of each table. Rows are numeric: ids are dense integers of dbt's
// inputs (`journeys.billing_*`), so that a pass over millions of events never touches a string.
//
// Inputs (dbt, clustered as named):
//   journeys.billing_invoice  one row an invoice that counts (void ones are out), by invoice_index. The index is dense in
//                             the order (deal_index, unlinked last; invoice_id by bytes), so a deal's invoices are together.
//   journeys.billing_line     one row an invoice line, by line_index: dense in the order (invoice_index, line_id by bytes).
//   journeys.billing_event    one row an event × invoice, by (invoice_index, event_index). event_index is dense in the ONE
//                             order in which events act, over all invoices (fine-print 21): (effective_us, issue before
//                             payments before adjustments, own_us, event_id by bytes, invoice_id by bytes).
//                             Events after `as_of`, unsuccessful payments and payments without an invoice are out.
// Output that commissions build on:
//   attribution.line_movement one row an event × line × basis that moved the line's net or tax: what that event changed.
//                             Σ over events = the line's present position. Basis `invoiced` has the kinds issue and
//                             credit_note; basis `paid` has payment, refund, credit_note, dispute_won, dispute_lost.
//                             dispute_opened and write_off move no money: they are in billing_event only.
//   attribution.line_movement_named  the same rows as a view with ids, dates and names, for people and marts.

/** Codes of `event_kind`. The order is the order in which events of one instant act (fine-print 21). */
export const eventKinds = [
  'issue',
  'payment',
  'refund',
  'credit_note',
  'dispute_opened',
  'dispute_won',
  'dispute_lost',
  'write_off',
] as const;
export type EventKind = (typeof eventKinds)[number];

/** Codes of `basis` (domain.md §7). */
export const bases = ['pipeline', 'booked', 'invoiced', 'paid'] as const;
export type Basis = (typeof bases)[number];

/** `journeys.billing_event`: one event of one invoice. Amounts are minor units of the invoice's currency, tax included. */
export type BillingEvent = {
  readonly event_index: number;
  readonly invoice_index: number;
  /** Position in `eventKinds`. */
  readonly event_kind: number;
  /** When the record says it happened: microseconds since 1970, and the local day in the reporting time zone. */
  readonly own_us: bigint;
  readonly own_day: number;
  /** When it acts: its own time; for a return dated before its payment, the payment's (fine-print 20). */
  readonly effective_us: bigint;
  readonly effective_day: number;
  readonly amount_minor: bigint;
  /** event_index of the payment that a return names; −1 where it names only the invoice, and for other kinds. */
  readonly payment_event_index: number;
};

/** `attribution.line_movement`: what one event changed on one line, on one basis. Signed minor units. */
export type LineMovement = {
  readonly invoice_index: number;
  readonly line_index: number;
  readonly event_index: number;
  /** −1: the invoice is unlinked. */
  readonly deal_index: number;
  /** Position in `bases` (2 invoiced, 3 paid). */
  readonly basis: number;
  /** Position in `eventKinds`. */
  readonly event_kind: number;
  readonly effective_day: number;
  /** Position in `journeys.billing_currency`, which is dense by currency code. */
  readonly currency_index: number;
  /** Net of tax. Payments are ≥ 0 in sum over the invoice, returns ≤ 0; single lines may have the other sign (discounts). */
  readonly amount_minor: bigint;
  readonly tax_minor: bigint;
  /** The line's part of the event's one conversion into the reporting currency; null without a rate (fine-print 18). */
  readonly reporting_amount_minor: bigint | null;
  /** Row of `attribution.fx_conversion` (rate, its date, its provider); −1 without a rate. */
  readonly fx_index: number;
};

/** Column order of `attribution.line_movement`, for appenders and streams. */
export const lineMovementColumns = `
  invoice_index integer not null, line_index integer not null, event_index integer not null, deal_index integer not null,
  basis tinyint not null, event_kind tinyint not null, effective_day integer not null, currency_index smallint not null,
  amount_minor bigint not null, tax_minor bigint not null, reporting_amount_minor bigint, fx_index integer not null`;
