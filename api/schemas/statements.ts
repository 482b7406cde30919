// Answers about statements: the statement, its lines, what people decided about it.
import { z } from 'zod';
import { boolean, choice, date, defineRow, instant, integer, Money, money, month, optional, text } from '../columns.ts';
import { currency, explain_id, partner_id, partner_name, Stamp } from './common.ts';

export const statementSteps = [
  'collect',
  'approve',
  'resolve',
  'post',
  'hold',
  'pay',
  'paying',
  'set_off',
  'none',
] as const;
export const statementStates = ['draft', 'approved', 'disputed', 'paid'] as const;

export const Statement = defineRow('Statement', "A partner's statement of one month and currency", {
  statement_id: text('Statement'),
  partner_id,
  partner_name,
  month: month('Month'),
  currency,
  state: choice(statementStates, 'As people have decided by now'),
  state_detail: optional(
    text('How many of its lines are approved, by whom, accepted and disputed, in words; a partner is not told by whom'),
  ),
  total: money('Sum of its lines'),
  paid: optional(money('Payouts that name it')),
  payable: optional(money('Of it, approved, past its hold, and neither in dispute, paid nor exported for payout')),
  exported: optional(money('Of it, exported for payout and not taken back')),
  awaits_payment: boolean('An export of it is not paid yet'),
  held_until: optional(date('When the last of its holds ends')),
  approved_by: optional(text('Who approved it; a partner is not told')),
  line_count: optional(integer('Lines')),
  approved_count: optional(integer('Lines under a binding approval')),
  accepted_count: optional(integer('Lines that the partner accepted')),
  disputed_count: optional(integer('Lines in dispute')),
  awaits_run: boolean('It was decided on since this release: the next run posts that'),
  next_step: choice(statementSteps, 'What happens next'),
  next_by: choice(['finance', 'run', 'nobody'], 'Who does it'),
  next_also: optional(choice(['pay'], 'What finance does beside it: what is approved is paid while the rest waits')),
  next_not_by: optional(text('Of them who may not, with "; " between; a partner is not told')),
  next_action: text('The same in words of its reader'),
  digest: optional(text('Of its lines, SHA-256: an approval or acceptance names it')),
  explain_id,
});

const StepCount = z.strictObject({
  next_step: z.enum(statementSteps),
  statement_count: z.int(),
  total: Money,
  payable: Money,
});

export type StepCount = z.infer<typeof StepCount>;

export const StatementList = z
  .strictObject({
    ...Stamp,
    steps: z
      .array(StepCount)
      .describe('How many wait for which step, per currency, whatever was asked for; next_also counts too'),
    items: z.array(Statement.schema),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'StatementSteps' });

export const StatementLine = defineRow('StatementLine', 'A line of a statement, in words of the plan', {
  line_id: text('Line'),
  statement_id: text('Statement'),
  position: optional(integer('In the order of posting, from 1')),
  entry_id: text('The ledger entry behind it'),
  entry_type: optional(text('accrual, clawback, true_up, …')),
  effective_date: optional(date('When it took effect')),
  held_until: optional(date('When its hold ends; none for what was taken back')),
  deal_id: optional(text('Deal')),
  deal_name: optional(text('Its name')),
  invoice_id: optional(text('Invoice')),
  payment_id: optional(text('Payment')),
  plan: optional(text('Plan')),
  component: optional(text('Component of the plan, <position>:<kind>')),
  description: optional(text('The rule and the records in one sentence')),
  state: optional(choice(['open', 'approved', 'disputed'], 'As people have decided by now')),
  is_accepted: boolean('The partner accepted it as it is'),
  currency,
  amount: money('Amount'),
  explain_id,
});

export const StatementDetail = z
  .strictObject({
    ...Stamp,
    statement: Statement.schema,
    items: z.array(StatementLine.schema),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: 'StatementDetail' });

export const Decision = defineRow('Decision', 'What a person decided: written once, never changed', {
  decision_id: text('Decision'),
  decided_at: instant('When it was recorded'),
  person: text('Who; to a partner the people of the company are "finance"'),
  role: text('In which role'),
  kind: text(
    'statement_approve, statement_accept, statement_dispute, statement_resolve, payout_export, payout_reopen, override_add, …',
  ),
  subject_kind: text('About what'),
  subject_id: text('About which'),
  subject_name: optional(text('A statement, or its payout, by its partner, month and currency')),
  reason: text('Why'),
  line_ids: optional(text('The lines it is about, with blanks between; none for the whole')),
  is_posted: boolean('The figures of this release know of it; else the next run posts it'),
});

export const DecisionAnswer = z
  .strictObject({
    ...Stamp,
    decision: Decision.schema.omit({ subject_name: true }),
    statement: Statement.schema.describe('As it stands now'),
    next: z.string().describe('What happens next'),
  })
  .meta({ id: 'DecisionAnswer' });
