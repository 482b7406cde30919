// Answers about the partner programme, and what a partner sees of itself.
import { z } from 'zod';
import {
  boolean,
  choice,
  defineRow,
  Instant,
  instant,
  integer,
  Money,
  Month,
  money,
  month,
  number,
  optional,
  reportingMoney,
  text,
} from '../columns.ts';
import { currency, deal_id, motions, partner_id, partner_name, Stamp } from './common.ts';

export const PartnerDeal = defineRow('PartnerDeal', "A partner's own deal, without anything of another partner", {
  deal_id,
  name: optional(text('Name')),
  account_name: optional(text('Name of the account')),
  kind: optional(text('new, renewal or expansion')),
  stage: optional(text('Stage as the CRM names it')),
  state: choice(['open', 'won', 'lost'], 'open, won or lost'),
  role: choice(['sourced', 'influenced'], 'What the partner is to this deal'),
  rule: optional(text('The rule that made it sourced')),
  created_at: optional(instant('Creation')),
  closed_at: optional(instant('Close')),
  expected_close_at: optional(instant('Expected close of an open deal')),
  age_days: optional(number('Days from creation to the close, or to the business clock for an open deal')),
  currency,
  amount: money('Amount of the deal'),
  paid: reportingMoney('Paid revenue so far'),
  unearned_reason: optional(
    text('Why a won deal earns the partner nothing: no_agreement, partner_ended, reseller_margin, …; locked: ask us'),
  ),
});

export const PartnerPipeline = defineRow('PartnerPipeline', "A partner's own open deals of a stage", {
  stage: text('Stage as the CRM names it; empty where it names none'),
  role: choice(['sourced', 'influenced'], 'What the partner is to these deals'),
  deal_count: integer('Open deals'),
  currency,
  amount: money('Their amounts'),
  reporting_amount: reportingMoney('The same, without what has no rate or no date of creation'),
  oldest_days: optional(integer('Days since the oldest of them was created')),
});

export const Registration = defineRow('Registration', "A partner's deal registration", {
  registration_id: text('Registration'),
  status: text('pending, approved, rejected or expired'),
  account_id: optional(text('Account')),
  account_name: optional(text('Name of the account')),
  domain: optional(text('Domain it names')),
  deal_id: optional(text('Deal it names')),
  submitted_at: optional(instant('Submission')),
  decided_at: optional(instant('Decision')),
  protection_ends_at: optional(instant('End of protection as the record says')),
  protected_until_at: optional(instant('End of protection: as the record says, else as the programme gives')),
});

export const Activation = defineRow('Activation', "A partner's first and latest commercial event", {
  partner_id,
  partner_name,
  joined_at: optional(instant('Start of the partnership')),
  first_event_at: optional(instant('First accepted registration, deal or paid invoice')),
  first_event_kind: optional(text('Which of them')),
  last_event_at: optional(instant('Latest commercial event')),
  is_active: boolean('One in the trailing 90 days'),
  first_deal_at: optional(instant('First deal')),
  days_to_first_deal: optional(number('Days from joining to the first deal')),
  onboarding_completed_count: optional(integer('Onboarding steps completed')),
  onboarding_step_count: optional(integer('Onboarding steps')),
  onboarding_completed_at: optional(instant('Onboarding completed')),
});

export const LeadResponse = defineRow(
  'LeadResponse',
  "A partner's lead and how long it waited for our first response",
  {
    lead_id: text('Lead'),
    partner_id: optional(text('The partner')),
    partner_name,
    account_id: optional(text('Account')),
    deal_id: optional(text('Deal')),
    owner: optional(text('Who answers it on our side')),
    status: optional(text('new, working, converted or rejected')),
    submitted_at: optional(instant('Submission')),
    first_response_at: optional(instant('First response')),
    response_minutes: optional(integer('From submission to response')),
    waiting_minutes: optional(integer('Age of an open lead without a response')),
  },
);

export const LeadResponseSummary = defineRow(
  'LeadResponseSummary',
  'Speed to lead: of the company, a partner or an owner',
  {
    scope_kind: text('company, partner or owner'),
    scope_id: text('Which one'),
    scope_name: optional(text('Its name')),
    lead_count: integer('Leads'),
    responded_count: integer('Leads with a response'),
    median_minutes: optional(integer('Half were answered within')),
    p90_minutes: optional(integer('Nine in ten were answered within')),
    waiting_count: integer('Open leads without a response'),
    longest_waiting_minutes: optional(integer('The oldest of them')),
  },
);

export const LeadResponseBand = defineRow('LeadResponseBand', 'A band of time that leads waited for a first response', {
  from_minutes: integer('Shortest wait of the band'),
  to_minutes: optional(integer('The next band begins here; null for the last')),
  responded_count: integer('Leads that were answered after so long'),
  waiting_count: integer('Open leads without a response that are so old'),
});

export const RegistrationHealth = defineRow('RegistrationHealth', "A partner's registrations by month of submission", {
  partner_id,
  partner_name,
  month: month('Month of submission'),
  registration_count: integer('Submitted'),
  approved_count: integer('Approved'),
  rejected_count: integer('Rejected'),
  expired_count: integer('Expired'),
  pending_count: integer('Not decided yet'),
  median_decision_minutes: optional(integer('Half were decided within')),
  contested_count: integer('On deals with registrations of other partners'),
});

export const RegistrationDecision = defineRow(
  'RegistrationDecision',
  'How fast registrations were decided: of all partners, then of each',
  {
    scope_kind: choice(['all', 'partner'], 'all partners, or one'),
    partner_id: optional(text('The partner; null for all')),
    partner_name,
    decided_count: integer('Decided'),
    median_decision_minutes: integer('Half were decided within'),
    p90_decision_minutes: integer('Nine in ten were decided within'),
  },
);

export const Overlap = defineRow('Overlap', 'Accounts that both sides know. A signal, never influence', {
  partner_id,
  partner_name,
  our_population: text('customer, open_opportunity or prospect, as we see the account'),
  partner_population: text('The same, as the partner sees it'),
  account_count: integer('Distinct accounts'),
});

export const OverlapSummary = defineRow(
  'OverlapSummary',
  'Accounts that we and any partner know. A signal, never influence',
  {
    our_population: text('customer, open_opportunity or prospect, as we see the account'),
    partner_population: text('The same, as the partner sees it'),
    account_count: integer('Distinct accounts, however many partners know them'),
    partner_count: integer('Partners that know at least one of them'),
  },
);

export const Me = z
  .strictObject({
    ...Stamp,
    company: z.string(),
    reporting_currency: z.string(),
    partner: z.strictObject({
      partner_id: z.string(),
      name: z.string(),
      motion: z.enum(motions),
      tier: z.string().nullable(),
      status: z.string().nullable(),
      joined_at: Instant.nullable(),
      ended_at: Instant.nullable(),
    }),
    months: z
      .array(z.strictObject({ month: Month, sourced: Money, influenced: Money, deal_count: z.int() }))
      .describe('Paid revenue in the reporting currency, the latest 24 months'),
    steps: z
      .array(
        z.strictObject({
          currency: z.string(),
          expected: Money.describe('On invoices that are not paid yet'),
          held: Money.describe('Earned; the hold has not elapsed or the statement is not approved'),
          payable: Money.describe('Approved and due'),
          disputed: Money,
          recoverable: Money.describe('To be set off against the next commission'),
          paid: Money.describe('Paid out so far'),
        }),
      )
      .describe('Commission at the business clock'),
    rank: z
      .strictObject({ position: z.int(), cohort_size: z.int(), motion: z.enum(motions), from: Month, to: Month })
      .nullable()
      .describe('By paid sourced revenue among partners of the same motion; null below five of them'),
  })
  .meta({ id: 'Me' });
