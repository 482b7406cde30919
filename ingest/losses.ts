// What is missing from the numbers as long as a stream cannot be read, in words for people: after `until then`.
import type { StreamName } from '../core/streams.ts';

export const losses: Readonly<Record<StreamName, string>> = {
  partners: 'no partner is known: nothing can be sourced, influenced or paid',
  partner_agreements: "every partner is paid by its motion's default plan",
  accounts: 'no deal, lead or invoice finds its customer',
  contacts: 'touches that name only a contact find no account',
  leads: 'no deal is sourced by `partner_lead`, and speed to lead is empty',
  deals: 'nothing is sourced, influenced or booked',
  deal_stages: 'deals have no history of stages',
  deal_contacts: 'attribution by `deal_contacts` is empty',
  deal_registrations: 'no deal is sourced by `deal_registration`',
  touchpoints: 'these touches are missing from journeys, and so from influence',
  account_overlaps: 'the overlap matrix is empty',
  billing_customers: 'no invoice finds its account',
  subscriptions: 'an invoice finds its deal by its own field alone',
  invoices: 'there is no invoiced and no paid revenue',
  invoice_lines: 'there is no invoiced and no paid revenue',
  payments: 'nothing counts as paid',
  payment_adjustments: 'refunds, credit notes and disputes do not lower revenue',
  fx_rates: 'amounts of other currencies count in their own alone',
  payouts: 'the liability shows nothing as paid out',
  enablement: 'activation of partners is empty',
};
