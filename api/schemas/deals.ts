// Answers about deals, their journeys and the claims on them.
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
  optional,
  reportingMoney,
  text,
} from '../columns.ts';
import { bases, currency, deal_id, explain_id, Party, partner_name, Stamp } from './common.ts';

export const Deal = defineRow('Deal', 'A deal with who sourced it', {
  deal_id,
  name: optional(text('Name')),
  account_id: optional(text('Account')),
  account_name: optional(text('Name of the account')),
  kind: optional(text('new, renewal or expansion')),
  stage: optional(text('Stage as the CRM names it')),
  state: choice(['open', 'won', 'lost'], 'open, won or lost'),
  owner: optional(text('Owner')),
  product: optional(text('Product')),
  created_at: optional(instant('Creation')),
  lead_created_at: optional(instant('Creation of its lead')),
  closed_at: optional(instant('Close')),
  expected_close_at: optional(instant('Expected close of an open deal')),
  currency,
  amount: money('Amount of the deal'),
  sourcing_partner_id: optional(text('The partner that sourced it')),
  sourcing_partner_name: optional(text('Its name')),
  sourcing_rule: optional(text('The rule that decided')),
  sourcing_evidence_id: optional(text('The record that decided')),
  sourcing_evidence_at: optional(instant('When that record is dated')),
  conflict_count: integer('Registrations of other partners, of any status'),
  influence_count: integer('Partners that influenced it'),
  paid: reportingMoney('Paid revenue so far'),
  revenue: reportingMoney(
    'On the basis and in the month that was asked for; of a gap what is at stake; else all that was paid',
  ),
  explain_id,
});

export const Touch = defineRow('Touch', "A touchpoint of a deal's account and whether it counts", {
  touchpoint_id: text('The touchpoint'),
  occurred_at: instant('When it happened'),
  party_kind: choice(['partner', 'channel'], 'partner or channel'),
  party_id: text('The partner or the channel'),
  party_name: optional(text('Name of the partner, or the channel')),
  channel: optional(text('Channel')),
  kind: optional(text('Kind of touch')),
  is_counted: boolean('Whether it is in the journey'),
  reason: optional(text('Why it is not: before the window, after the close, of another deal')),
  explain_id: text('Explains the record'),
});

export const Conflict = defineRow('Conflict', 'A claim that lost, with who won and why', {
  deal_id,
  deal_name: optional(text('Name of the deal')),
  account_name: optional(text('Name of the account')),
  state: choice(['open', 'won', 'lost'], 'State of the deal'),
  currency,
  amount: money('Amount of the deal'),
  at_stake: reportingMoney('The amount while the deal is open or once it is won; 0 where it was lost or has no rate'),
  winner_partner_id: optional(text('The sourcing partner; null where nobody sourced it')),
  winner_partner_name: optional(text('Its name')),
  winner_rule: optional(text('The rule that decided')),
  partner_id: text('The partner whose claim lost'),
  partner_name,
  evidence_id: text('Its claim'),
  evidence_explain_id: text('Explains the record of the claim'),
  reason: text('Why it lost'),
  explain_id,
});

export const DealDetail = z
  .strictObject({
    ...Stamp,
    deal: Deal.schema,
    influence: z.array(
      z.strictObject({
        partner_id: z.string(),
        partner_name: z.string().nullable(),
        touchpoint_count: z.int(),
        first_touch_at: Instant,
        last_touch_at: Instant,
      }),
    ),
    weights: z
      .array(
        z.strictObject({
          ...Party,
          weights: z.record(z.string(), z.int()).describe('Per method, in parts of 1 000 000 000'),
        }),
      )
      .describe('Each method adds up to 1 000 000 000'),
    money: z.array(
      z.strictObject({ basis: z.enum(bases), month: Month, amount: Money, reporting_amount: Money.nullable() }),
    ),
    credits: z
      .array(z.strictObject({ ...Party, method: z.string(), basis: z.enum(bases), amount: Money }))
      .describe('The money above, split by the weights, summed over months'),
    conflicts: z.array(Conflict.schema),
    commission: z.array(
      z.strictObject({
        partner_id: z.string(),
        partner_name: z.string().nullable(),
        plan: z.string().nullable(),
        amount: Money,
      }),
    ),
    exceptions: z
      .array(
        z.strictObject({
          reason: z.string(),
          detail: z.string(),
          next_action: z.string(),
          amount: Money.nullable(),
        }),
      )
      .describe('What of the work list is about this deal'),
  })
  .meta({ id: 'DealDetail' });

export const Journey = z
  .strictObject({
    ...Stamp,
    deal_id: z.string(),
    state: z.enum(['open', 'won', 'lost']),
    window_starts_at: Instant.nullable(),
    lead_created_at: Instant.nullable(),
    created_at: Instant.nullable(),
    closed_at: Instant.nullable(),
    sourcing: z
      .strictObject({
        partner_id: z.string(),
        partner_name: z.string().nullable(),
        rule: z.string(),
        evidence_id: z.string(),
        evidence_explain_id: z.string().describe('Explains the record; for a carried sourcing, the deal it comes from'),
        evidence_at: Instant,
      })
      .nullable(),
    conflicts: z.array(Conflict.schema),
    weights: DealDetail.shape.weights,
    touches: z
      .array(
        Touch.schema.extend({
          weights: z
            .record(z.string(), z.int())
            .nullable()
            .describe(
              "What it earned of its party's weight under each method, in parts of 1 000 000 000; null where it does not count",
            ),
        }),
      )
      .describe('In order of time, one page of them'),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'Journey' });
