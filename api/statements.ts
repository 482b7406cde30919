// Statements and their lines, for the company and for the partner they belong to: the release's figures with people's decisions
// over them, and what is to be done next.
import type { DecisionBook } from '../core/decision.ts';
import type { Principal } from './auth.ts';
import { barredFrom, overlayOf } from './decisions.ts';
import { ApiProblem } from './errors.ts';
import { jsonRow, moneyAnswer } from './faces.ts';
import { asOfDate, conditions } from './filters.ts';
import { jsonRows } from './json-rows.ts';
import { type ListQuery, readAll } from './lists.ts';
import { exportsOf, payableSql } from './payouts.ts';
import type { Release } from './release-store.ts';
import { Statement, type StepCount, type statementSteps as stepNames } from './schemas.ts';

export interface StatementsQuery {
  readonly statement_id?: string;
  readonly month?: string | undefined;
  readonly partner_id?: string | undefined;
  readonly currency?: string | undefined;
  readonly state?: string | undefined;
  readonly next_step?: string | undefined;
}

/** Whom a question is for: a partner is not told which of the company's people decided. */
export type Audience = Pick<Principal, 'role'>;

const settledWords = `if(coalesce(paid_minor, 0) < total_minor,
  rtrim('settled ' || concat_ws(' and ', if(is_paid_elsewhere, 'by payouts that do not name it', NULL),
    if(is_taken_back, 'against what was taken back', NULL))), 'settled')`;

interface Step {
  readonly step: (typeof stepNames)[number];
  readonly by: 'finance' | 'run' | 'nobody';
  /** SQL: it is this one, where none before it is. */
  readonly when: string;
  /** SQL: what the company's people read, and what the partner does. */
  readonly words: string;
  readonly partner_words: string;
}

const payoutsOfMonth = `'sourced export payouts --month ' || strftime(month, '%Y-%m')`;

/** What happens to a statement next, who does it, and in which words. `$today` is the date of the business clock. */
const steps: readonly Step[] = [
  {
    step: 'resolve',
    by: 'finance',
    when: `state = 'disputed'`,
    words: `coalesce(resolve_words, 'finance resolves the dispute')`,
    partner_words: `'what is disputed of it is looked into'`,
  },
  {
    step: 'collect',
    by: 'nobody',
    when: `state = 'draft' AND month >= date_trunc('month', CAST($today AS DATE))`,
    words: `'collects lines until the month is over'`,
    partner_words: `'collects lines until the month is over'`,
  },
  {
    step: 'approve',
    by: 'finance',
    when: `state = 'draft'`,
    words: `coalesce(approve_words, if(approved_count > 0, 'finance approves what is not approved yet', 'finance approves it'))`,
    partner_words: `if(accepted_count = line_count, 'you accepted it; it waits for its approval',
      'accept it or dispute a line; then it is approved')`,
  },
  {
    step: 'post',
    by: 'run',
    when: `awaits_run`,
    words: `'the next run posts what was decided'`,
    partner_words: `'recorded; the figures follow with the next update'`,
  },
  {
    step: 'pay',
    by: 'finance',
    when: `payable_minor > 0`,
    words: `'finance pays it: ' || ${payoutsOfMonth}`,
    partner_words: `'approved: it is paid with the next payout'`,
  },
  {
    step: 'paying',
    by: 'finance',
    when: 'awaits_payment',
    words: `if(is_sent_twice, 'paid by an earlier export: the later one is to be stopped and taken back: ',
      'exported for payout: waits for the payment; if it was refused: ') || 'sourced export reopen ' || statement_id`,
    partner_words: `if(is_sent_twice, 'settled', 'on its way: the payout is under way')`,
  },
  {
    step: 'paying',
    by: 'nobody',
    when: `is_behind`,
    words: `'waits: more is exported to its partner than is payable'`,
    partner_words: `'approved: it is paid with a later payout'`,
  },
  {
    step: 'hold',
    by: 'nobody',
    when: `state = 'approved' AND held_until > CAST($today AS DATE)`,
    words: `'held until ' || strftime(held_until, '%Y-%m-%d')`,
    partner_words: `'held until ' || strftime(held_until, '%Y-%m-%d')`,
  },
  {
    step: 'set_off',
    by: 'nobody',
    when: `state = 'approved' AND total_minor < 0`,
    words: `'is set off against the next commission'`,
    partner_words: `'is set off against your next commission'`,
  },
  {
    step: 'set_off',
    by: 'nobody',
    when: `paid_minor > greatest(total_minor, 0)`,
    words: `'paid above its total: the rest is set off against the next commission'`,
    partner_words: `'paid above its total: the rest is set off against your next commission'`,
  },
  { step: 'none', by: 'nobody', when: 'true', words: settledWords, partner_words: settledWords },
];

/** Beside the next step: what is approved of a statement is paid, whatever the rest of it waits for. */
const paysPart = `next_step <> 'pay' AND payable_minor > 0`;
const paysPartWords: Readonly<Record<'words' | 'partner_words', string>> = {
  words: `'; finance pays what is approved: ' || ${payoutsOfMonth}`,
  partner_words: `'; what is approved of it is paid with the next payout'`,
};

const choose = (pick: (step: Step) => string) =>
  `CASE ${steps.map((step) => `WHEN ${step.when} THEN ${pick(step)}`).join(' ')} END`;

/** SQL: beside its state, how many of its lines are approved, and by whom, accepted and disputed. */
const stateDetail = (isOwn: boolean) => `nullif(concat_ws(', ',
  CASE WHEN approved_count = 0 THEN NULL
    WHEN approved_count < line_count THEN format('{:,} of {:,} lines approved', approved_count, line_count) || coalesce(' by ' || approved_by, '')
    ELSE 'approved by ' || approved_by END,
  CASE WHEN accepted_count = 0 THEN NULL
    WHEN accepted_count = line_count THEN 'accepted by ${isOwn ? 'you' : 'the partner'}'
    ELSE format('{:,} of {:,} lines accepted', accepted_count, line_count) END,
  CASE WHEN disputed_count > 0 AND line_count > 1 THEN format('{:,} of {:,} lines disputed', disputed_count, line_count) END), '')`;

const overlayColumns = {
  statement_id: 'VARCHAR',
  state: 'VARCHAR',
  approved_by: 'VARCHAR',
  approved_count: 'BIGINT',
  accepted_count: 'BIGINT',
  disputed_count: 'BIGINT',
};
const lineColumns = { line_id: 'VARCHAR', state: 'VARCHAR', is_accepted: 'BOOLEAN' };

const barredColumns = {
  statement_id: 'VARCHAR',
  approve_not: 'VARCHAR',
  approve_words: 'VARCHAR',
  resolve_not: 'VARCHAR',
  resolve_words: 'VARCHAR',
};

/** Statements of a release with the decisions since it. */
export async function statements(
  release: Release,
  decisions: DecisionBook,
  query: StatementsQuery,
  { role }: Audience,
): Promise<ListQuery> {
  const { where, parameters } = conditions(
    ['statement_id = $statement_id', { statement_id: query.statement_id }],
    [`month = CAST($month || '-01' AS DATE)`, { month: query.month }],
    ['partner_id = $partner_id', { partner_id: query.partner_id }],
    ['currency = $currency', { currency: query.currency }],
    ['state = $state', { state: query.state }],
    ['$next_step IN (next_step, next_also)', { next_step: query.next_step }],
  );
  const { statements: ahead } = await overlayOf(release, decisions);
  const words = role === 'partner' ? 'partner_words' : 'words';
  return {
    sql: `
      WITH ${payableSql('$exports')},
      ahead AS (FROM ${jsonRows('$ahead', overlayColumns)}),
      barred AS (FROM ${jsonRows('$barred', barredColumns)}),
      shown AS (
        SELECT statement.* REPLACE (
            coalesce(ahead.state, statement.state) AS state,
            ${role === 'partner' ? 'NULL' : 'if(ahead.statement_id IS NULL, statement.approved_by, ahead.approved_by)'} AS approved_by,
            coalesce(ahead.approved_count, statement.approved_count) AS approved_count,
            coalesce(ahead.accepted_count, statement.accepted_count) AS accepted_count,
            coalesce(ahead.disputed_count, statement.disputed_count) AS disputed_count),
          ahead.statement_id IS NOT NULL AS awaits_run,
          if(coalesce(ahead.state = 'disputed', false), 0, payable_minor) AS payable_minor, exported_minor,
          is_waiting OR is_sent_twice AS awaits_payment, is_sent_twice, is_behind,
          is_paid_elsewhere, is_taken_back,
          approve_not, approve_words, resolve_not, resolve_words,
          dim_partner.name AS partner_name,
          statement_id AS explain_id
        FROM fct_statement AS statement LEFT JOIN payable USING (statement_id) LEFT JOIN ahead USING (statement_id)
        LEFT JOIN settled ON statement.partner_id = settled.partner_id AND statement.currency = settled.currency
        LEFT JOIN barred USING (statement_id) LEFT JOIN dim_partner ON statement.partner_id = dim_partner.partner_id),
      stepped AS (
        SELECT *, ${stateDetail(role === 'partner')} AS state_detail,
          ${choose(({ step }) => `'${step}'`)} AS next_step, ${choose(({ by }) => `'${by}'`)} AS next_by,
          if(${paysPart}, 'pay', NULL) AS next_also,
          ${choose((step) => step[words])} || if(${paysPart}, ${paysPartWords[words]}, '') AS next_action,
          CASE next_step WHEN 'approve' THEN approve_not WHEN 'resolve' THEN resolve_not END AS next_not_by
        FROM shown)
      SELECT * FROM stepped ${where}`,
    parameters: {
      ...parameters,
      today: asOfDate(release),
      ahead: JSON.stringify(ahead),
      barred: JSON.stringify(role === 'partner' ? [] : barredFrom(decisions)),
      exports: exportsOf(release, decisions),
    },
    order: [{ name: 'month', descending: true }, { name: 'statement_id' }],
  };
}

/** The head of a statement. Another partner's statement is not there (contract §7). */
export async function statementOf(
  release: Release,
  decisions: DecisionBook,
  { role, partner_id }: Principal,
  statement_id: string,
): Promise<Record<string, unknown>> {
  const own = role === 'partner' ? { partner_id: partner_id ?? '' } : {};
  const query = await statements(release, decisions, { statement_id, ...own }, { role });
  const [row] = await readAll(release, Statement.columns, query);
  if (!row)
    throw new ApiProblem(
      'not_found',
      `There is no statement ${statement_id}; take its id from the list of statements.`,
    );
  return jsonRow(Statement, row, release.manifest.reporting_currency);
}

/** The lines of a statement in the order of posting, with the decisions since the release; none where there is no such statement. */
export async function statementLines(
  release: Release,
  decisions: DecisionBook,
  statement_id: string,
): Promise<ListQuery> {
  const { lines } = await overlayOf(release, decisions);
  return {
    sql: `
      WITH ahead AS (FROM ${jsonRows('$ahead', lineColumns)})
      SELECT line.* REPLACE (
          coalesce(ahead.state, line.state) AS state, coalesce(ahead.is_accepted, line.is_accepted, false) AS is_accepted),
        dim_deal.name AS deal_name, line_id AS explain_id, coalesce(position, 0) AS order_count
      FROM fct_statement_line AS line LEFT JOIN ahead USING (line_id) LEFT JOIN dim_deal USING (deal_id)
      WHERE statement_id = $statement_id`,
    parameters: { statement_id, ahead: JSON.stringify(lines) },
    order: [{ name: 'order_count' }, { name: 'line_id' }],
  };
}

/** How many statements wait for which step, over all months, per currency: one that is paid in part beside its next step is in both. */
export async function statementSteps(
  release: Release,
  decisions: DecisionBook,
  audience: Audience,
): Promise<StepCount[]> {
  const { sql, parameters = {} } = await statements(release, decisions, {}, audience);
  const rows = await release.rows<{
    next_step: string;
    currency: string;
    count: bigint;
    total: bigint;
    payable: bigint;
  }>(
    `WITH waiting AS (SELECT * EXCLUDE next_step, unnest([next_step, next_also]) AS next_step FROM (${sql}))
     SELECT next_step, currency, count(*) AS count, CAST(sum(total_minor) AS BIGINT) AS total,
       CAST(sum(coalesce(payable_minor, 0)) AS BIGINT) AS payable
     FROM waiting WHERE next_step IS NOT NULL GROUP BY ALL ORDER BY ALL`,
    parameters,
  );
  return rows.map(({ next_step, currency, count, total, payable }) => ({
    next_step: next_step as StepCount['next_step'],
    statement_count: Number(count),
    total: moneyAnswer(total, currency),
    payable: moneyAnswer(payable, currency),
  }));
}
