// `sourced explain ID`: every rule and record behind a figure, the same answer that the API and the pages give.
import type { Command } from 'commander';
import type { z } from 'zod';
import type { Money } from '../../api/columns.ts';
import { ID_LENGTH_MAX } from '../../api/filters.ts';
import type { Explanation } from '../../api/schemas.ts';
import { SourcedError, UsageError } from '../../core/errors.ts';
import type { Asker } from '../ask.ts';
import { askingRelease, openContext } from './context.ts';
import { aligned, block } from './text.ts';

type Explained = z.infer<typeof Explanation>;
type Amount = z.infer<typeof Money>;

export function addExplain(program: Command): void {
  program
    .command('explain <id>')
    .description(
      'a deal, ledger entry, statement line, invoice or partner/month: the records and rules behind its numbers',
    )
    .action(async (id: string, _: unknown, command: Command) => {
      const { workspace, config, json } = openContext(command);
      if (!id.trim() || id.length > ID_LENGTH_MAX) throw new UsageError('that is no id', 'ids look like crm:D-17');
      const sources = config.sources.map(({ name }) => name);
      const body = await askingRelease(workspace, (ask) => explanation(ask, id, sources));
      process.stdout.write(json ? `${body}\n` : print(JSON.parse(body) as Explained));
    });
}

/** Explains `id`; where nothing has it, says which source would. Throws SourcedError `not_found`. */
async function explanation(ask: Asker['ask'], id: string, sources: readonly string[]): Promise<string> {
  const explain = (one: string) => ask('finance', `/v1/explain/${encodeURIComponent(one)}`).catch(notFound);
  const found = await explain(id);
  if (typeof found === 'string') return found;
  const { code, exit_status, message } = found;
  for (const candidate of sources.map((source) => `${source}:${id}`))
    if (typeof (await explain(candidate)) === 'string')
      throw new SourcedError(code, exit_status, message, `did you mean ${candidate}?`);
  const forms = `an id is <source>:<its id there>, such as ${sources[0]}:D-17; a partner's month is ${sources[0]}:P-7/2026-03`;
  throw new SourcedError(code, exit_status, message, forms);
}

/** Any other error goes on. */
function notFound(error: unknown): SourcedError {
  if (error instanceof SourcedError && error.code === 'not_found') return error;
  throw error;
}

function print({ title, statement, figures, facts, rules, parts, records }: Explained): string {
  const money = (amount: Amount | null) => (amount ? `${amount.amount} ${amount.currency}` : '');
  return [
    `${title}\n${statement}\n`,
    block('Figures', aligned(figures.map(({ label, amount }) => [label, money(amount)]))),
    block('Facts', aligned(facts.map(({ label, value }) => [label, value]))),
    block(
      'Rules',
      rules.map(({ name, text, source }) => `${name}: ${text} (${source})`),
    ),
    block('Made of', aligned(parts.map(({ label, amount, explain_id }) => [label, money(amount), explain_id ?? '']))),
    block(
      'Records, as the source sent them',
      records.map(
        ({ record_key, source, stream, role, file, record, payload }) =>
          `${source} ${stream} ${record_key}${role ? ` (${role})` : ''}${file ? `, ${file} record ${record}` : ''}${payload ? `\n    ${JSON.stringify(payload)}` : ''}`,
      ),
    ),
  ].join('');
}
