// `sourced export reopen STATEMENT --reason …`: an exported payout that the bank refused, or that somebody stopped, is taken back: the
// statement is payable again, and the next export has it. A decision with who and why; what was exported stays on record.
import type { Command } from 'commander';
import type { z } from 'zod';
import { payoutReopen, type SentPayout, sentPayouts } from '../../api/payouts.ts';
import type * as schemas from '../../api/schemas.ts';
import { exponentOf } from '../../core/currency.ts';
import type { Decision } from '../../core/decision.ts';
import { BusyError, UsageError } from '../../core/errors.ts';
import { formatAmount } from '../../core/money.ts';
import type { Desk } from '../ask.ts';
import { why } from './context.ts';
import { decidingDesk } from './desk.ts';
import { help, path, statementId } from './statement.ts';

type Statement = z.infer<typeof schemas.Statement.schema>;
type Options = { readonly reason: string; readonly export?: string };

export function addReopen(parent: Command): void {
  parent
    .command('reopen <statement>')
    .description(
      `take back an exported payout that was refused or stopped: what is not paid is payable again, for the next export; name it by ${help}`,
    )
    .requiredOption('--reason <text>', 'what became of the payout', why)
    .option('--export <id>', 'where a statement was exported several times, the export that was not paid')
    .action((given: string, options: Options, command: Command) =>
      decidingDesk(command, ['finance'], async ({ desk, books: { decisions }, json, person }) => {
        const seen = decisions.last();
        const statement_id = await statementId(desk, given);
        const { month, awaits_payment } = await statementOf(desk, statement_id);
        const own = sentPayouts(decisions).filter((payout) => payout.statement_id === statement_id);
        const payout = chosen(own, { statement_id, month, awaits_payment, export_id: options.export });
        const decision = decisions.record(
          {
            ...payoutReopen,
            person,
            role: 'finance',
            subject_id: statement_id,
            reason: options.reason,
            detail: { export_id: payout.exported.decision_id, amount_minor: payout.amount_minor },
          },
          () => {
            if (decisions.last() !== seen)
              throw new BusyError('something was decided while the payout was looked up', 'try again');
          },
        );
        const statement = await statementOf(desk, statement_id);
        process.stdout.write(
          json
            ? `${JSON.stringify({ decision: { ...decision, sequence: String(decision.sequence) }, statement })}\n`
            : said(payout, statement),
        );
      }),
    );
}

async function statementOf(desk: Desk, statement_id: string): Promise<Statement> {
  const answer = JSON.parse(await desk.get(`${path}/${encodeURIComponent(statement_id)}?limit=1`));
  return (answer as { statement: Statement }).statement;
}

type Asked = Pick<Statement, 'statement_id' | 'month' | 'awaits_payment'> & { readonly export_id: string | undefined };

/** The payout to take back. Throws UsageError where there is none, where it is paid, and where it could be another one. */
function chosen(own: readonly SentPayout[], { statement_id, month, awaits_payment, export_id }: Asked): SentPayout {
  const sent = own.filter(({ reopened }) => reopened === undefined);
  const back = own.findLast(
    ({ reopened, exported }) => reopened && (export_id ?? exported.decision_id) === exported.decision_id,
  );
  const again = `sourced export payouts --month ${month}`;
  if (sent.length === 0 && !back) throw refused(`nothing of ${statement_id} was exported`, again);
  const named = export_id === undefined ? sent : sent.filter(({ exported }) => exported.decision_id === export_id);
  if (named.length === 0 && back)
    throw refused(`the payout of ${statement_id} was taken back already, ${whenBy(back.reopened!)}`, again);
  if (named.length === 0 || named.length > 1)
    throw refused(
      `${statement_id} was exported ${sent.length === 1 ? 'by another export' : `${sent.length} times`}`,
      `name the one that was not paid: ${sent.map(exportText).join(', or ')}`,
    );
  if (!awaits_payment)
    throw refused(
      `what was exported of ${statement_id} is paid`,
      `see its payouts: sourced statement show ${statement_id}`,
    );
  return named[0]!;
}

function refused(message: string, hint: string): UsageError {
  return new UsageError(message, hint, 'decision_refused');
}

function exportText(payout: SentPayout): string {
  return `--export ${payout.exported.decision_id} (${amountText(payout)}, ${whenBy(payout.exported)})`;
}

function amountText({ amount_minor, currency }: SentPayout): string {
  return `${formatAmount(BigInt(amount_minor), exponentOf(currency) ?? 0)} ${currency}`;
}

/** When a decision was taken, and by whom. */
export function whenBy({ decided_at, person }: Decision): string {
  return `${decided_at.slice(0, 10)} by ${person}`;
}

function said(payout: SentPayout, { statement_id, payable, next_action }: Statement): string {
  const back = `${statement_id}: the payout of ${amountText(payout)}, exported ${whenBy(payout.exported)}, is taken back`;
  return `${back}; payable now: ${payable?.amount ?? '0'} ${payout.currency}; ${next_action}\n`;
}
