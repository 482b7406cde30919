// `sourced statement list|show|approve|dispute|resolve|accept`: the same answers and rules as the API, decided by the person whose
// key is in SOURCED_KEY. Nothing is posted here: the next run does.
import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import type { z } from 'zod';
import type * as schemas from '../../api/schemas.ts';
import { SourcedError, UsageError } from '../../core/errors.ts';
import type { StatementAction } from '../../core/statement-lines.ts';
import type { Desk } from '../ask.ts';
import type { Role } from '../books.ts';
import { describeError } from '../exit.ts';
import { printRows, why } from './context.ts';
import { decidingDesk, everyRow, readingDesk } from './desk.ts';

type Statement = z.infer<typeof schemas.Statement.schema>;
type Line = z.infer<typeof schemas.StatementLine.schema>;
type Decision = z.infer<typeof schemas.Decision.schema>;
type Detail = { readonly statement: Statement; readonly items: readonly Line[] };

export const path = '/v1/commissions/statements';
export const help = 'a statement id, or PARTNER/MONTH such as crm:P-7/2026-03 (with /CURRENCY where there are several)';

export function addStatement(program: Command): void {
  const statement = program
    .command('statement')
    .description('what partners are told they earned, and deciding about it');
  statement
    .command('list')
    .description('statements with their state and what happens next')
    .option('--month <month>', 'of one month, such as 2026-03')
    .option('--partner <id>', 'of one partner')
    .option('--state <state>', 'draft, approved, disputed or paid')
    .option('--next <step>', 'that wait for a step: approve, resolve, pay, paying (exported, not paid yet), …')
    .action((options: ListOptions, command: Command) =>
      readingDesk(command, async ({ desk, json }) => {
        const rows = await everyRow<Statement>(desk, `${path}?${searchOf(options)}`);
        printRows(json ? rows : rows.map(listed), {
          json,
          empty: 'no statement matches; they come with the first commission',
        });
      }),
    );
  statement
    .command('show <id>')
    .description(
      `one statement with its lines, what was decided about it and its payouts, and its digest; the id is ${help}`,
    )
    .action((given: string, _: unknown, command: Command) =>
      readingDesk(command, async ({ desk, json }) => {
        const id = await statementId(desk, given);
        const detail = JSON.parse(await desk.get(`${path}/${encodeURIComponent(id)}?limit=10000`)) as Detail;
        const decisions = await everyRow<Decision>(desk, `${path}/${encodeURIComponent(id)}/decisions`);
        process.stdout.write(json ? `${JSON.stringify({ ...detail, decisions })}\n` : shown(detail, decisions));
      }),
    );
  addAction(statement, 'approve', ['finance'], 'approve statements as they stand; who resolved a dispute of one cannot')
    .option('--digest <digest>', 'only if the statement still has this digest, as `show` printed it')
    .option('--reason <text>', 'why', why, 'approved as shown');
  addAction(statement, 'accept', ['partner'], 'accept statements of your own as they stand')
    .option('--digest <digest>', 'only if the statement still has this digest')
    .option('--line <id...>', 'these lines alone')
    .option('--reason <text>', 'why', why, 'accepted as shown');
  addAction(
    statement,
    'dispute',
    ['finance', 'partner'],
    'dispute statements, or some lines: nothing of it is paid until resolved',
  )
    .requiredOption('--reason <text>', 'what is wrong', why)
    .option('--line <id...>', 'these lines alone');
  addAction(statement, 'resolve', ['finance'], 'end a dispute; who approved the statement cannot')
    .requiredOption('--reason <text>', 'what was found', why)
    .option('--line <id...>', 'these lines alone');
}

type ListOptions = { month?: string; partner?: string; state?: string; next?: string };

function searchOf({ month, partner, state, next }: ListOptions): URLSearchParams {
  const given = { month, partner_id: partner, state, next_step: next };
  return new URLSearchParams(
    Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

type ActionOptions = { reason: string; digest?: string; line?: string[]; idempotencyKey?: string };

function addAction(parent: Command, action: StatementAction, deciders: readonly Role[], description: string): Command {
  return parent
    .command(`${action} <ids...>`)
    .description(description)
    .option('--idempotency-key <key>', 'repeat the same request safely (default: a fresh one)')
    .action((ids: string[], options: ActionOptions, command: Command) =>
      decidingDesk(command, deciders, async ({ desk, json, role }) => {
        if (ids.length > 1 && (options.digest || options.line || options.idempotencyKey))
          throw new UsageError('--digest, --line and --idempotency-key are about one statement', 'give one id');
        const failed: unknown[] = [];
        for (const id of ids)
          await decide(desk, action, role, id, options).then(
            (answer) => process.stdout.write(json ? `${JSON.stringify(answer)}\n` : said(answer)),
            (error: unknown) => {
              if (ids.length === 1 || !(error instanceof SourcedError)) throw error;
              failed.push(error);
              process.stderr.write(`${id}: ${describeError(error)}\n`);
            },
          );
        if (failed.length > 0)
          throw new UsageError(
            `${failed.length} of ${ids.length} statements were refused`,
            'see above',
            'decision_refused',
          );
      }),
    );
}

type Answer = { readonly decision: Decision; readonly statement: Statement; readonly next: string };

async function decide(
  desk: Desk,
  action: StatementAction,
  role: Role,
  given: string,
  { reason, digest, line, idempotencyKey = randomUUID() }: ActionOptions,
): Promise<Answer> {
  const base = role === 'partner' ? '/v1/me/statements' : path;
  const id = await statementId(desk, given, base);
  const place = `${base}/${encodeURIComponent(id)}`;
  const binds = action === 'approve' || action === 'accept';
  const current = async () => (JSON.parse(await desk.get(`${place}?limit=1`)) as Detail).statement.digest;
  const body = {
    reason,
    ...(binds ? { digest: digest ?? (await current()) } : {}),
    ...(line ? { line_ids: line } : {}),
  };
  return JSON.parse(await desk.post(`${place}/${action}`, body, idempotencyKey)) as Answer;
}

/** The id of a statement that was named by itself or as partner/month. Throws SourcedError `not_found`. */
export async function statementId(desk: Desk, given: string, base = path): Promise<string> {
  const match = /^(.+)\/(\d{4}-\d\d)(?:\/([A-Z]{3}))?$/.exec(given);
  if (!match) return given;
  const [, partner = '', month = '', currency] = match;
  const rows = await everyRow<Statement>(desk, `${base}?month=${month}`);
  const found = rows.filter(
    (row) => row.partner_id === partner && (currency === undefined || row.total.currency === currency),
  );
  if (found.length === 1) return found[0]!.statement_id;
  const hint = found.length
    ? `name the currency: ${found.map(({ total }) => `${partner}/${month}/${total.currency}`).join(', ')}`
    : `see those of the month: sourced statement list --month ${month}`;
  throw new UsageError(
    found.length ? `${given} has ${found.length} statements` : `there is no statement of ${partner} for ${month}`,
    hint,
    'not_found',
  );
}

function listed(row: Statement) {
  const { statement_id, partner_name, partner_id, line_count, total, payable, next_action } = row;
  return {
    statement: statement_id,
    partner: partner_name ?? partner_id,
    state: standing(row),
    lines: line_count,
    total: `${total.amount} ${total.currency}`,
    payable: payable?.amount ?? '',
    next: next_action,
  };
}

/** Its state, with how many of its lines are approved, accepted and disputed: the words for all of them say the state, too. */
function standing({ state, state_detail }: Statement): string {
  return state_detail?.startsWith(state) ? state_detail : [state, state_detail].filter(Boolean).join(', ');
}

function shown({ statement, items }: Detail, decisions: readonly Decision[]): string {
  const { statement_id, partner_name, partner_id, month, total, next_action, digest } = statement;
  const width = Math.max(...items.map(({ amount }) => amount.amount.length));
  const lines = items.map(
    ({ amount, state: lineState, is_accepted, held_until, description, line_id }) =>
      `  ${amount.amount.padStart(width)}  ${lineState}${is_accepted ? ', accepted' : ''}${held_until ? `, held until ${held_until}` : ''}\n` +
      `  ${' '.repeat(width)}  ${description ?? ''}\n  ${' '.repeat(width)}  ${line_id}\n`,
  );
  const decided = decisions.map(
    ({ decided_at, person, kind, reason, line_ids, is_posted }) =>
      `  ${decided_at.slice(0, 16).replace('T', ' ')}Z  ${person}: ${kind.replace('statement_', '').replaceAll('_', ' ')}${line_ids ? ` of ${line_ids}` : ''}: ${reason}${is_posted || kind.startsWith('payout_') ? '' : ' (the next run posts it)'}\n`,
  );
  return [
    `${partner_name ?? partner_id}, ${month}: ${total.amount} ${total.currency}, ${standing(statement)}; ${next_action}\n`,
    `${statement_id}\ndigest ${digest}\n`,
    `\nLines\n${lines.join('')}`,
    decided.length ? `\nDecisions, the latest first\n${decided.join('')}` : '',
  ].join('');
}

function said({ decision, statement, next }: Answer): string {
  const { statement_id, line_count, total } = statement;
  const verb = decision.kind.replace('statement_', '');
  return `${statement_id}: ${verb} recorded for ${decision.person}; ${line_count === 1 ? 'one line' : `${line_count} lines`}, ${total.amount} ${total.currency}, ${standing(statement)}. ${next}\n`;
}
