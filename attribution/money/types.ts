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
// Output that commissions build on (all columns in `moneyTables` below):
//   attribution.line_movement one row an event × line × basis that moved the line's net or tax: what that event changed.
//                             Σ over events = the line's present position. Basis `invoiced` has the kinds issue and
//                             credit_note; basis `paid` has payment, refund, credit_note, dispute_won, dispute_lost.
//                             dispute_opened and write_off move no money: they are in billing_event only.
//   attribution.line_movement_named  the same rows as a view with ids, dates and names, for people and marts.
import type { Shape } from '../table-writer.ts';

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

/** The tables that the money step writes, with their columns in order. Nothing is null; ids are dense integers. */
export const moneyTables = {
  /** Grain: event × line × basis: what the event changed. Amounts are signed minor units, net of tax. */
  line_movement: {
    invoice_index: 'integer',
    line_index: 'integer',
    event_index: 'integer',
    /** −1: the invoice is unlinked. */
    deal_index: 'integer',
    /** Position in `bases` (2 invoiced, 3 paid). */
    basis: 'integer',
    /** Position in `eventKinds`. */
    event_kind: 'integer',
    effective_day: 'integer',
    /** Position in `journeys.billing_currency`, which is dense by currency code. */
    currency_index: 'integer',
    /** Payments are ≥ 0 in sum over the invoice, returns ≤ 0; single lines may have the other sign (discounts). */
    amount_minor: 'bigint',
    tax_minor: 'bigint',
    /** The line's part of the event's one conversion into the reporting currency; 0 without a rate (fine-print 18). */
    reporting_amount_minor: 'bigint',
    /** Row of `attribution.fx_conversion` (rate, its date, its provider); −1 without a rate: the amount is unconverted. */
    fx_index: 'integer',
  },
  /** Grain: deal × basis × month × currency. `unconverted_minor`: the native part that no rate converts. */
  deal_money: {
    deal_index: 'integer',
    basis: 'integer',
    month_day: 'integer',
    currency_index: 'integer',
    amount_minor: 'bigint',
    reporting_amount_minor: 'bigint',
    unconverted_minor: 'bigint',
  },
  /** Grain: unlinked invoice × basis × month. */
  unlinked_money: {
    invoice_index: 'integer',
    basis: 'integer',
    month_day: 'integer',
    currency_index: 'integer',
    amount_minor: 'bigint',
    reporting_amount_minor: 'bigint',
    unconverted_minor: 'bigint',
  },
  /** A money event without a rate. `event_index` −1: the deal's own amount (pipeline, booked); `deal_index` −1: unlinked. */
  fx_gap: {
    deal_index: 'integer',
    event_index: 'integer',
    basis: 'integer',
    rate_day: 'integer',
    currency_index: 'integer',
    amount_minor: 'bigint',
  },
  /** Over-payments: what an invoice received beyond its total and did not give back. */
  money_exception: { invoice_index: 'integer', amount_minor: 'bigint' },
  /** Credit per month, basis, method and party; `party_index` −1 is unattributed, `method` the position in the config. */
  attribution_monthly: {
    month_day: 'integer',
    basis: 'integer',
    method: 'integer',
    party_index: 'integer',
    currency_index: 'integer',
    amount_minor: 'bigint',
    reporting_amount_minor: 'bigint',
  },
} as const satisfies Record<string, Shape>;
