// `sourced export payouts --month M`: what is approved, past its hold and not paid yet, for the payment system. Each payout is
// exported once; the export is a decision in the books, so that a second one knows. One that was refused is taken back first (reopen.ts).
import type { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import type { z } from 'zod';
import { neutralised } from '../../api/faces.ts';
import { type ExportedPayout, payoutExport, sentPayouts, settledMinor } from '../../api/payouts.ts';
import type * as schemas from '../../api/schemas.ts';
import { exponentOf } from '../../core/currency.ts';
import type { DecisionBook } from '../../core/decision.ts';
import { BusyError, UsageError } from '../../core/errors.ts';
import { formatAmount } from '../../core/money.ts';
import { why } from './context.ts';
import { decidingDesk, everyRow } from './desk.ts';
import { addReopen, whenBy } from './reopen.ts';

type Statement = z.infer<typeof schemas.Statement.schema>;

/** A line of the answer: exported now or by an earlier export, taken back since, or not to be paid now and why. */
type Row = ExportedPayout & {
  readonly status: 'exported' | 'exported_already' | 'reopened' | 'not_due';
  readonly partner_name: string | null;
  readonly amount: string;
  readonly detail: string;
};
type Fresh = Row & { readonly settled_minor: string };

export function addExport(program: Command): void {
  const parent = program.command('export').description('what other systems take over');
  parent
    .command('payouts')
    .description(
      'approved positive payables of a month as CSV, each once; a payout names its statement_id when it comes back; one that was refused is exported again after `reopen`',
    )
    .requiredOption('--month <month>', 'the month of the statements, such as 2026-03')
    .option('--again', 'print what was exported for the month already, and export nothing new', false)
    .option('--reason <text>', 'why', why, 'monthly payout')
    .action((options: { month: string; again: boolean; reason: string }, command: Command) =>
      decidingDesk(command, ['finance'], async ({ desk, books: { decisions }, json, person }) => {
        const { month, again, reason } = options;
        if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month))
          throw new UsageError(`--month ${month} is not a month`, 'a month is written YYYY-MM');
        const seen = decisions.last();
        const statements = await everyRow<Statement>(desk, `/v1/commissions/statements?month=${month}`);
        const earlier = exportedOf(decisions, month, statements);
        const fresh = again ? [] : statements.filter(isPayable).map((row) => toExport(row, earlier));
        if (fresh.length > 0) record(decisions, { month, reason, person, seen, payouts: fresh.map(payoutOf) });
        const resting = again
          ? []
          : statements.filter((row) => !isPayable(row) && !['none', 'paying'].includes(row.next_step)).map(notDue);
        print([...fresh, ...earlier, ...resting], { month, again, json });
      }),
    );
  addReopen(parent);
}

function isPayable({ payable }: Statement): boolean {
  return payable !== null && BigInt(payable.amount_minor) > 0n;
}

function toExport(
  { statement_id, partner_id, partner_name, payable, paid }: Statement,
  earlier: readonly Row[],
): Fresh {
  const { amount_minor, currency } = payable!;
  const amount = amountOf(amount_minor, currency);
  const own = earlier.filter((row) => row.statement_id === statement_id && row.status === 'exported_already');
  const settled_minor = String(settledMinor(BigInt(paid?.amount_minor ?? 0), own) + BigInt(amount_minor));
  const named = { statement_id, partner_id, partner_name, currency };
  return { status: 'exported', ...named, amount_minor, settled_minor, amount, detail: '' };
}

function notDue({ statement_id, partner_id, partner_name, total, next_action }: Statement): Row {
  const { currency } = total;
  return {
    status: 'not_due',
    statement_id,
    partner_id,
    partner_name,
    currency,
    amount_minor: '0',
    amount: amountOf('0', currency),
    detail: next_action,
  };
}

function exportedOf(decisions: DecisionBook, month: string, statements: readonly Statement[]): Row[] {
  const names = new Map(statements.map(({ partner_id, partner_name }) => [partner_id, partner_name]));
  const sent = sentPayouts(decisions).filter(({ exported }) => exported.subject_id === month);
  return sent.map(({ exported, reopened, ...payout }) => ({
    status: reopened ? 'reopened' : 'exported_already',
    ...payout,
    partner_name: names.get(payout.partner_id) ?? null,
    amount: amountOf(payout.amount_minor, payout.currency),
    detail: whenBy(exported) + (reopened ? `, taken back ${whenBy(reopened)}: ${reopened.reason}` : ''),
  }));
}

function payoutOf({ statement_id, partner_id, currency, amount_minor, settled_minor }: Fresh): ExportedPayout {
  return { statement_id, partner_id, currency, amount_minor, settled_minor };
}

type ExportRequest = {
  readonly month: string;
  readonly reason: string;
  readonly person: string;
  /** The last decision that the amounts know of. */
  readonly seen: bigint;
  readonly payouts: readonly ExportedPayout[];
};

/** Throws BusyError where anything was decided since the amounts were read. */
function record(decisions: DecisionBook, { month, reason, person, seen, payouts }: ExportRequest): void {
  decisions.record({ ...payoutExport, person, role: 'finance', subject_id: month, reason, detail: { payouts } }, () => {
    if (decisions.last() !== seen)
      throw new BusyError('something was decided while the payouts were worked out', 'export again');
  });
}

function print(rows: readonly Row[], { month, again, json }: { month: string; again: boolean; json: boolean }): void {
  if (json) {
    for (const row of rows) process.stdout.write(`${JSON.stringify(row)}\n`);
    return;
  }
  const of = (status: Row['status']) => rows.filter((row) => row.status === status);
  const file = of(again ? 'exported_already' : 'exported');
  const columns = ['statement_id', 'partner_id', 'partner_name', 'currency', 'amount', 'amount_minor'] as const;
  if (file.length > 0)
    process.stdout.write(stringify([columns, ...file.map((row) => columns.map((name) => cell(name, row[name])))]));
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  if (again) {
    say(`${file.length} payouts of ${month}, as they were exported; nothing new was exported`);
    return;
  }
  say(
    file.length
      ? `${file.length === 1 ? 'one payout' : `${file.length} payouts`} exported for ${month}: ${totals(file)}`
      : `nothing new to pay out for ${month}`,
  );
  for (const { statement_id, amount, currency, detail } of of('exported_already'))
    say(`  exported already: ${statement_id} ${amount} ${currency} on ${detail}`);
  for (const { statement_id, amount, currency, detail } of of('reopened'))
    say(`  exported before: ${statement_id} ${amount} ${currency} on ${detail}`);
  for (const { statement_id, detail } of of('not_due')) say(`  not exported: ${statement_id}: ${detail}`);
  if (of('exported_already').length > 0) say('  → the same file once more: --again');
}

function cell(name: string, value: string | null): string {
  return name.startsWith('amount') ? (value ?? '') : neutralised(value ?? '');
}

function totals(rows: readonly Row[]): string {
  const sums = Map.groupBy(rows, ({ currency }) => currency);
  return [...sums]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(
      ([currency, group]) =>
        `${amountOf(String(group.reduce((sum, row) => sum + BigInt(row.amount_minor), 0n)), currency)} ${currency}`,
    )
    .join(', ');
}

function amountOf(amount_minor: string, currency: string): string {
  return formatAmount(BigInt(amount_minor), exponentOf(currency) ?? 0);
}
