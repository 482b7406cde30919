// Answers about revenue, partners and attribution. Names are those of the release tables (contract §6), with money as an
// object: the column `sourced_minor` is the field `sourced`.
import { z } from 'zod';
import {
  boolean,
  choice,
  defineRow,
  instant,
  integer,
  Money,
  money,
  month,
  optional,
  reportingMoney,
  text,
} from '../columns.ts';
import { bases, currency, explain_id, motions, partner_id, partner_name, partyKinds, Stamp } from './common.ts';

export const RevenueMonth = defineRow('RevenueMonth', 'What a month brought, on one basis and in one currency', {
  month: month('Month'),
  basis: choice(bases, 'pipeline, booked, invoiced or paid'),
  currency,
  total: money('All of it'),
  sourced: money('Of deals that a partner sourced'),
  influenced_distinct: money('Of deals that any other partner influenced, each deal once'),
  partner_involved: money('Of deals sourced or influenced, each deal once'),
  unlinked: money('Of money that no deal could be found for'),
  unconverted: optional(money('Without a rate: in no reporting amount. Null where currencies are summed')),
  reporting_total: reportingMoney('All of it'),
  reporting_sourced: reportingMoney('Sourced'),
  reporting_influenced_distinct: reportingMoney('Influenced, each deal once'),
  reporting_partner_involved: reportingMoney('Sourced or influenced, each deal once'),
  reporting_unlinked: reportingMoney('Unlinked'),
  explain_id,
});

export const WindowSensitivity = defineRow(
  'WindowSensitivity',
  'What partners would have sourced and influenced in a month under another window. Amounts add up over months; deals do not, as one deal may have money in several',
  {
    window_days: integer('Days of the lookback of journeys and of the window of partner leads'),
    is_configured: boolean("The company's own windows, as published everywhere else; window_days is its lookback"),
    month: month('Month'),
    basis: choice(bases, 'pipeline, booked, invoiced or paid'),
    currency,
    sourced_deal_count: integer('Sourced deals with an amount other than zero'),
    influenced_deal_count: integer('Influenced deals with an amount other than zero'),
    sourced: money('Of deals that a partner sourced'),
    influenced_distinct: money('Of deals that any other partner influenced, each deal once'),
    partner_involved: money('Of deals sourced or influenced, each deal once'),
    reporting_sourced: reportingMoney('Sourced'),
    reporting_influenced_distinct: reportingMoney('Influenced, each deal once'),
    reporting_partner_involved: reportingMoney('Sourced or influenced, each deal once'),
    explain_id: optional(explain_id),
  },
);

export const PartnerRevenueMonth = defineRow(
  'PartnerRevenueMonth',
  "A partner's month on one basis and in one currency. influenced_gross counts a deal for each of its partners: it adds up to more than influenced_distinct, by design",
  {
    partner_id,
    partner_name,
    month: month('Month'),
    basis: choice(bases, 'pipeline, booked, invoiced or paid'),
    currency,
    sourced: money('Of deals that it sourced'),
    influenced_gross: money('Of deals that it influenced and another partner or nobody sourced'),
    deal_count: integer('Deals with an amount other than zero'),
    reporting_sourced: reportingMoney('Sourced'),
    reporting_influenced_gross: reportingMoney('Influenced, gross'),
    explain_id,
  },
);

export const Partner = defineRow('Partner', 'A partner and what it brought in the month and on the basis asked for', {
  partner_id,
  name: text('Name'),
  motion: choice(motions, 'Its programme'),
  tier: optional(text('Tier')),
  status: optional(text('active, inactive or ended')),
  country: optional(text('Country')),
  manager: optional(text('Who looks after it on our side')),
  joined_at: optional(instant('Start of the partnership')),
  ended_at: optional(instant('End of the partnership')),
  first_sourced_month: optional(month('First month with sourced revenue on this basis')),
  last_activity_at: optional(instant('Latest commercial event')),
  deal_count: integer('Deals with an amount in the month'),
  sourced: reportingMoney('Sourced in the month'),
  influenced_gross: reportingMoney('Influenced in the month'),
  owed: reportingMoney('Commission owed at the end of the month'),
  explain_id,
});

export const PartnerDetail = z
  .strictObject({
    ...Stamp,
    partner: Partner.schema.omit({ sourced: true, influenced_gross: true, owed: true, deal_count: true }),
    lifetime: z.array(z.strictObject({ basis: z.enum(bases), sourced: Money, influenced_gross: Money })),
    owed: z.array(Money).describe('Closing balance at the end of the latest month, per currency'),
  })
  .meta({ id: 'PartnerDetail' });

export const AttributionRow = defineRow(
  'AttributionRow',
  'Credit in money under a method. With unlinked money it adds up to the total of the month, basis and currency',
  {
    month: optional(month('Null where the answer is not grouped by month')),
    party_kind: optional(choice(partyKinds, 'partner, channel or unattributed; null where not grouped by party')),
    party_id: optional(text('The partner or the channel; null where a group holds several')),
    party_name: optional(text('Name of the partner, or the channel')),
    motion: optional(text("The partner's motion; null for what is no partner's")),
    method: text('Attribution method'),
    basis: choice(bases, 'pipeline, booked, invoiced or paid'),
    currency,
    amount: money('Credit'),
    reporting_amount: reportingMoney('Credit'),
    explain_id: optional(explain_id),
  },
);

export const UnlinkedMoney = defineRow('UnlinkedMoney', 'Money of an invoice that no deal could be found for', {
  invoice_id: text('Invoice'),
  customer_id: optional(text('Customer')),
  account_id: optional(text('Account')),
  reason: optional(text('Why no deal was found')),
  basis: choice(bases, 'invoiced or paid'),
  month: month('Month'),
  currency,
  amount: money('Amount'),
  reporting_amount: optional(reportingMoney('Amount')),
  explain_id,
});
