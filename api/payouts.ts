// What is to be paid out: of each statement what is approved, past its hold and neither paid nor exported. What was exported is a
// decision in the books, so that nothing is exported twice; that an exported payout was refused is another one, and it counts no more.
import type { Decision, DecisionBook } from '../core/decision.ts';
import { localDate } from '../core/month.ts';
import { jsonRows } from './json-rows.ts';
import type { Release } from './release-store.ts';

export const payoutExport = { kind: 'payout_export', subject_kind: 'payout_month' } as const;
/** About a statement: its payout of the export `detail.export_id` was refused or stopped, and is payable again. */
export const payoutReopen = { kind: 'payout_reopen', subject_kind: 'payout' } as const;

/** One payout of an export. */
export interface ExportedPayout {
  readonly statement_id: string;
  readonly partner_id: string;
  readonly currency: string;
  /** Minor units, as text. */
  readonly amount_minor: string;
  /** What of the statement is settled with it: what was paid or exported before, and this. Exports of before did not note it. */
  readonly settled_minor?: string;
}

/** A payout that was exported, and who took it back, where somebody did. */
export interface SentPayout extends ExportedPayout {
  readonly exported: Decision;
  readonly reopened: Decision | undefined;
}

/** Every payout that was exported, in order; what is settled with it is without what was counted then and was taken back since. */
export function sentPayouts(decisions: DecisionBook): SentPayout[] {
  const reopenings = decisions.aboutMoved(payoutReopen.subject_kind, 0n);
  const reopened = new Map(reopenings.map((one) => [`${one.detail.export_id} ${one.subject_id}`, one]));
  const sent = decisions.aboutMoved(payoutExport.subject_kind, 0n).flatMap((exported) =>
    (exported.detail.payouts as readonly ExportedPayout[]).map((payout) => ({
      ...payout,
      exported,
      reopened: reopened.get(`${exported.decision_id} ${payout.statement_id}`),
    })),
  );
  const byStatement = Map.groupBy(sent, ({ statement_id }) => statement_id);
  return sent.map((payout) => withoutReopened(payout, byStatement.get(payout.statement_id)!));
}

function withoutReopened(payout: SentPayout, ofStatement: readonly SentPayout[]): SentPayout {
  if (payout.settled_minor === undefined) return payout;
  const at = payout.exported.sequence;
  const taken = ofStatement.filter(
    ({ exported, reopened }) => exported.sequence < at && reopened !== undefined && reopened.sequence > at,
  );
  const taken_minor = taken.reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n);
  return { ...payout, settled_minor: String(BigInt(payout.settled_minor) - taken_minor) };
}

/** What was decided about a statement, its payouts included, in order. */
export function aboutStatement(decisions: DecisionBook, statement_id: string): Decision[] {
  const sent = sentPayouts(decisions).filter((payout) => payout.statement_id === statement_id);
  const ofPayouts = sent.flatMap(({ exported, reopened }) => [exported, reopened ?? []].flat());
  return [...decisions.about('statement', statement_id), ...ofPayouts].sort((left, right) =>
    left.sequence < right.sequence ? -1 : 1,
  );
}

/** What of a statement is settled by what was paid for it and by its earlier exports, minor units. */
export function settledMinor(paid_minor: bigint, exports: readonly ExportedPayout[]): bigint {
  const exported = exports.reduce((sum, { amount_minor }) => sum + BigInt(amount_minor), 0n);
  const noted = exports.map(({ settled_minor }) => BigInt(settled_minor ?? 0));
  return [paid_minor, exported, ...noted].reduce((most, amount) => (amount > most ? amount : most));
}

/** Every exported payout that was not taken back, with its local day, as JSON for `payableSql`. */
export function exportsOf({ manifest }: Release, decisions: DecisionBook): string {
  const sent = sentPayouts(decisions);
  const again = new Set(sent.flatMap(({ reopened, statement_id }) => (reopened ? [statement_id] : [])));
  const counting = sent.filter(({ reopened }) => reopened === undefined);
  return JSON.stringify(
    counting.map(({ exported, reopened: _, ...payout }) => {
      const at = Temporal.Instant.from(exported.decided_at).epochNanoseconds / 1000n;
      return {
        ...payout,
        exported_date: localDate(at, manifest.time_zone),
        is_again: again.has(payout.statement_id),
      };
    }),
  );
}

const exportColumns = {
  statement_id: 'VARCHAR',
  partner_id: 'VARCHAR',
  currency: 'VARCHAR',
  amount_minor: 'BIGINT',
  settled_minor: 'BIGINT',
  exported_date: 'DATE',
  is_again: 'BOOLEAN',
};

/**
 * SQL of `payable`, one row a statement. Approved lines past their hold are due; payouts settle the oldest first unless they name
 * their statement, so that the latest statements have the first claim to a partner's payable balance. What was exported and is
 * not paid yet has its part of that balance: a payout counts for what was exported by its day, never for a later export. A statement
 * whose payout was taken back and exported again may have been paid by the first one after all: then the later export is still
 * out (`is_sent_twice`), and what else is due waits behind it (`is_behind`). What else settles a partner's statements: payouts that do not name them (`is_paid_elsewhere`), and what
 * was taken back (`is_taken_back`). `$today` is the date of the business clock.
 */
export const payableSql = (exports: string) => `
  exported AS (FROM ${jsonRows(exports, exportColumns)}),
  exported_statement AS (
    SELECT statement_id, CAST(sum(amount_minor) AS BIGINT) AS exported_minor,
      CAST(greatest(sum(amount_minor), max(settled_minor)) AS BIGINT) AS settled_minor, bool_or(is_again) AS is_again
    FROM exported GROUP BY statement_id),
  payout AS (
    SELECT partner_id, currency, effective_date, if(credit_account = 'cash', amount_minor, -amount_minor) AS amount_minor
    FROM fct_commission_entry WHERE entry_type = 'payout'),
  sent_or_paid AS (
    SELECT partner_id, currency, exported_date AS day, 0 AS place, amount_minor FROM exported
    UNION ALL
    SELECT partner_id, currency, effective_date, 1, -amount_minor FROM payout),
  run_up AS (
    SELECT *, sum(amount_minor) OVER (PARTITION BY partner_id, currency ORDER BY day, place
      ROWS UNBOUNDED PRECEDING) AS sum_minor
    FROM sent_or_paid),
  outstanding AS (
    SELECT partner_id, currency, sum(amount_minor) - least(0, min(sum_minor)) AS outstanding_minor
    FROM run_up GROUP BY ALL),
  due AS (
    SELECT statement_id, CAST(coalesce(sum(line.amount_minor), 0) AS BIGINT) AS due_minor
    FROM fct_statement_line AS line
    WHERE line.state = 'approved' AND coalesce(line.held_until <= CAST($today AS DATE), true)
    GROUP BY statement_id),
  moved AS (
    SELECT partner_id, currency, sum(amount_minor) AS paid_minor FROM payout GROUP BY ALL),
  taken_back AS (
    SELECT DISTINCT partner_id, currency FROM fct_commission_entry WHERE entry_type = 'clawback'),
  named AS (
    SELECT partner_id, currency, sum(least(paid_minor, greatest(total_minor, 0))) AS paid_minor
    FROM fct_statement GROUP BY ALL),
  settled AS (
    SELECT named.partner_id, named.currency, coalesce(moved.paid_minor, 0) > coalesce(named.paid_minor, 0) AS is_paid_elsewhere,
      taken_back.partner_id IS NOT NULL AS is_taken_back
    FROM named LEFT JOIN moved ON named.partner_id = moved.partner_id AND named.currency = moved.currency
    LEFT JOIN taken_back ON named.partner_id = taken_back.partner_id AND named.currency = taken_back.currency),
  balance AS (
    SELECT partner_id, currency, arg_max(payable_balance_minor, month) AS balance_minor
    FROM fct_commission_liability GROUP BY ALL),
  open_due AS (
    SELECT statement.statement_id, statement.partner_id, statement.currency, statement.month,
      coalesce(exported_minor, 0) AS exported_minor, coalesce(outstanding_minor, 0) AS outstanding_minor,
      greatest(0, coalesce(settled_minor, 0) - coalesce(statement.paid_minor, 0)) AS waiting_minor,
      coalesce(is_again, false) AS is_again,
      coalesce(balance.balance_minor, 0) - coalesce(outstanding_minor, 0) AS balance_minor,
      greatest(0, coalesce(due.due_minor, 0) - greatest(coalesce(statement.paid_minor, 0), coalesce(settled_minor, 0)))
        AS open_minor
    FROM fct_statement AS statement LEFT JOIN due USING (statement_id)
    LEFT JOIN balance ON statement.partner_id = balance.partner_id AND statement.currency = balance.currency
    LEFT JOIN outstanding ON statement.partner_id = outstanding.partner_id AND statement.currency = outstanding.currency
    LEFT JOIN exported_statement USING (statement_id)),
  claimed AS (
    SELECT *,
      greatest(0, outstanding_minor - sum(waiting_minor) OVER (PARTITION BY partner_id, currency)) AS sent_twice_minor,
      balance_minor - coalesce(sum(open_minor) OVER (
        PARTITION BY partner_id, currency ORDER BY month DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0)
        AS left_minor
    FROM open_due),
  payable AS (
    SELECT statement_id, exported_minor, outstanding_minor > 0 AND waiting_minor > 0 AS is_waiting,
      is_again AND waiting_minor = 0 AND sent_twice_minor > 0 AS is_sent_twice,
      open_minor > 0 AND left_minor <= 0 AND left_minor + sent_twice_minor > 0 AS is_behind,
      CAST(greatest(0, least(open_minor, left_minor)) AS BIGINT) AS payable_minor
    FROM claimed)`;
