// Answers about commission: liability, aging, ledger entries. Statements are in statements.ts.
import { z } from 'zod';
import {
  CalendarDate,
  date,
  defineRow,
  integer,
  Money,
  Month,
  money,
  month,
  optional,
  reportingMoney,
  text,
} from '../columns.ts';
import { currency, explain_id, partner_id, partner_name, Stamp } from './common.ts';

const liability = {
  opening: 'Owed at the start of the month',
  accrued: 'Earned in the month',
  clawed_back: 'Taken back for refunds, lost disputes and voids',
  true_up: 'Differences of tiers and caps, signed',
  prior_period: 'Adjustments of closed months, signed',
  written_off: 'Written off',
  paid: 'Paid out',
  closing: 'Owed at the end of the month',
  accrued_balance: 'Of the closing: earned, still held or not yet approved',
  payable_balance: 'Of the closing: approved and due',
  disputed_balance: 'Of the closing: disputed',
  recoverable_balance: 'To be recovered from the partner',
} as const;

export const Liability = defineRow(
  'Liability',
  'The roll-forward: opening + accrued − clawed back ± true-up ± prior period − written off − paid = closing',
  {
    partner_id,
    partner_name,
    currency,
    month: month('Month'),
    opening: money(liability.opening),
    accrued: money(liability.accrued),
    clawed_back: money(liability.clawed_back),
    true_up: money(liability.true_up),
    prior_period: money(liability.prior_period),
    written_off: money(liability.written_off),
    paid: money(liability.paid),
    closing: money(liability.closing),
    accrued_balance: money(liability.accrued_balance),
    payable_balance: money(liability.payable_balance),
    disputed_balance: money(liability.disputed_balance),
    recoverable_balance: money(liability.recoverable_balance),
    contingent: optional(money('Expected on invoices not yet paid; never in the closing')),
    reporting_opening: optional(reportingMoney(liability.opening)),
    reporting_accrued: optional(reportingMoney(liability.accrued)),
    reporting_clawed_back: optional(reportingMoney(liability.clawed_back)),
    reporting_true_up: optional(reportingMoney(liability.true_up)),
    reporting_prior_period: optional(reportingMoney(liability.prior_period)),
    reporting_written_off: optional(reportingMoney(liability.written_off)),
    reporting_paid: optional(reportingMoney(liability.paid)),
    reporting_closing: optional(reportingMoney(liability.closing)),
    reporting_contingent: optional(reportingMoney('Contingent')),
    fx: optional(reportingMoney('Remeasurement at month end')),
    explain_id,
  },
);

const aged = {
  held: 'Earned; its hold is not over',
  awaiting: 'Earned; its hold is over, its statement is not approved',
  payable: 'Approved and due',
  disputed: 'In dispute',
  recoverable: 'To be recovered from the partner',
  overdue: 'Of awaiting and payable: due for more than 30 days',
  closing: 'held + awaiting + payable + disputed − recoverable: owed in all',
} as const;

export const Aging = defineRow('Aging', 'What is owed to a partner in a currency as of a date, by what it waits for', {
  partner_id,
  partner_name,
  currency,
  as_of_date: date('As of the end of this day'),
  held: money(aged.held),
  next_release_date: optional(date('When the first of its holds ends')),
  held_until: optional(date('When the last of its holds ends')),
  awaiting: money(aged.awaiting),
  payable: money(aged.payable),
  disputed: money(aged.disputed),
  recoverable: money(aged.recoverable),
  overdue: money(aged.overdue),
  due_since_date: optional(date('Since when the oldest of awaiting and payable is due')),
  closing: money(aged.closing),
  reporting_held: optional(reportingMoney(aged.held)),
  reporting_awaiting: optional(reportingMoney(aged.awaiting)),
  reporting_payable: optional(reportingMoney(aged.payable)),
  reporting_disputed: optional(reportingMoney(aged.disputed)),
  reporting_recoverable: optional(reportingMoney(aged.recoverable)),
  reporting_overdue: optional(reportingMoney(aged.overdue)),
  reporting_closing: optional(reportingMoney(`${aged.closing}; at the month end's rate`)),
  explain_id,
});

const agedTotal = {
  held: Money,
  awaiting: Money,
  payable: Money,
  disputed: Money,
  recoverable: Money,
  overdue: Money,
  closing: Money,
};

export const AgingAnswer = z
  .strictObject({
    ...Stamp,
    as_of_date: CalendarDate,
    overdue_days: z.int().describe('Due and not paid for longer than this is overdue'),
    totals: z.array(z.strictObject({ currency: z.string(), ...agedTotal })).describe('Over all partners, per currency'),
    reporting_total: z
      .strictObject(agedTotal)
      .nullable()
      .describe('Over all currencies; null where the date has no month-end rate'),
    items: z.array(Aging.schema),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'AgingAnswer' });

export const Entry = defineRow('Entry', 'A ledger entry. Entries are only ever added', {
  entry_id: text('Entry'),
  entry_type: text('accrual, release, clawback, true_up, payout, …'),
  debit_account: text('Account debited'),
  credit_account: text('Account credited'),
  partner_id,
  partner_name,
  currency,
  amount: money('Amount'),
  effective_date: date('When it took effect'),
  posted_month: month('The month it stands in'),
  origin_month: optional(month('The month it belongs to, where that was closed')),
  plan: optional(text('Plan')),
  component: optional(text('Component of the plan, <position>:<kind>')),
  deal_id: optional(text('Deal')),
  invoice_id: optional(text('Invoice')),
  invoice_line_id: optional(text('Invoice line')),
  event_kind: optional(text('What caused it: payment, refund, dispute_lost, payout, …')),
  event_id: optional(text('The record of that, or the invoice that was released')),
  cause_id: optional(text('The ledger’s own key of that cause')),
});

export const Contingent = defineRow('Contingent', 'Commission expected on an open invoice; never in the ledger', {
  partner_id,
  partner_name,
  deal_id: text('Deal'),
  deal_name: optional(text('Name of the deal')),
  invoice_id: text('Invoice'),
  currency,
  amount: money('What the plan would pay if the rest of the invoice were received at the business clock'),
  explain_id,
});

export const Unearned = defineRow('Unearned', 'A partner that earns nothing on a won deal, and why', {
  deal_id: text('Deal'),
  deal_name: optional(text('Name of the deal')),
  partner_id,
  partner_name,
  role: text('sourced or influenced'),
  reason: text('no_agreement, partner_ended, self_referral, reseller, …'),
  explain_id,
});

const margin = {
  list: money('List price of the lines that have one'),
  net: money('Net of tax of the same lines, as invoiced'),
  margin: money('List price less net: what the reseller keeps; never a commission'),
  unpriced_lines: integer('Lines without a list price; they are in no amount'),
};
const ownMargin = {
  currency,
  invoice_count: integer('Invoices billed to it, or of deals that it resells; void ones left out'),
  ...margin,
};
const ownInvoice = {
  invoice_id: text('Invoice'),
  month: month('Month of its issue'),
  deal_id: optional(text('Deal')),
  deal_name: optional(text('Name of the deal')),
  currency,
  ...margin,
};
const reseller = { partner_id, partner_name };

export const OwnMargin = defineRow('OwnMargin', 'What the reseller keeps of the list price', ownMargin);

export const ResellerMargin = defineRow('ResellerMargin', 'What a reseller keeps of the list price', {
  ...reseller,
  ...ownMargin,
});

export const OwnResoldInvoice = defineRow('OwnResoldInvoice', 'An invoice that the reseller answers for', ownInvoice);

export const ResoldInvoice = defineRow('ResoldInvoice', 'An invoice that a reseller answers for', {
  ...reseller,
  ...ownInvoice,
  explain_id,
});

export const LiabilityAnswer = z
  .strictObject({
    ...Stamp,
    items: z.array(Liability.schema),
    totals: z
      .array(Liability.schema.omit({ partner_id: true, partner_name: true, explain_id: true }))
      .describe('Over all partners, per month and currency; over all pages'),
    reporting_totals: z
      .array(
        z.strictObject({
          month: Month,
          opening: Money,
          accrued: Money,
          clawed_back: Money,
          true_up: Money,
          prior_period: Money,
          written_off: Money,
          paid: Money,
          fx: Money,
          closing: Money,
          contingent: Money,
        }),
      )
      .describe('Over all partners and currencies, in the reporting currency'),
    unconverted: z
      .array(z.strictObject({ month: Month, amount: Money, entry_count: z.int() }))
      .describe(
        'What entries without a rate of their day do to what is owed: in no converted movement; a closing has it once its month end has a rate',
      ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'LiabilityAnswer' });

export const PartnerEntry = defineRow(
  'PartnerEntry',
  "A movement of a partner's own commission: earned, taken back, paid",
  {
    entry_id: text('Entry'),
    entry_type: text('accrual, clawback, true_up, payout, …'),
    currency,
    amount: money('Positive where it raises what is owed, negative where it lowers it'),
    effective_date: date('When it took effect'),
    posted_month: month('The month it stands in'),
    plan: optional(text('Plan')),
    component: optional(text('Component of the plan')),
    deal_id: optional(text('Deal')),
    deal_name: optional(text('Name of the deal')),
    invoice_id: optional(text('Invoice')),
    explain_id,
  },
);
