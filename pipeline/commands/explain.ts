// `sourced explain ID`: every rule and record behind a figure, the same answer that the API and the pages give.
import { join } from 'node:path';
import type { Command } from 'commander';
import { SourcedError, UsageError } from '../../core/errors.ts';
import { type Asker, askRelease } from '../ask.ts';
import { currentRelease } from '../release.ts';
import { openContext } from './context.ts';

type Amount = { amount: string; currency: string };
type Explanation = {
  title: string;
  statement: string;
  figures: { label: string; amount: Amount }[];
  facts: { label: string; value: string }[];
  rules: { name: string; text: string; source: string }[];
  parts: { label: string; amount: Amount | null; explain_id: string | null }[];
  records: {
    record_key: string;
    source: string;
    stream: string;
    role: string | null;
    file: string | null;
    record: number | null;
    payload: Record<string, unknown> | null;
  }[];
};

/** The API takes no longer one. */
const ID_LENGTH_MAX = 2000;

export function addExplain(program: Command): void {
  program
    .command('explain <id>')
    .description(
      'a deal, ledger entry, statement line, invoice or partner/month: the records and rules behind its numbers',
    )
    .action(async (id: string, _: unknown, command: Command) => {
      const { workspace, config, json } = openContext(command);
      if (!id.trim() || id.length > ID_LENGTH_MAX) throw new UsageError('that is no id', 'ids look like crm:D-17');
      if (!currentRelease(workspace))
        throw new UsageError(
          'there is no release yet',
          `make one: npx --no sourced run --workspace ${workspace.directory}`,
        );
      const { ask, close } = askRelease(join(workspace.releases, 'current'));
      try {
        const body = await explanation(
          ask,
          id,
          config.sources.map(({ name }) => name),
        );
        process.stdout.write(json ? `${body}\n` : print(JSON.parse(body) as Explanation));
      } finally {
        await close();
      }
    });
}

/** Explains `id`; where nothing has it, says which source would. Throws SourcedError `not_found`. */
async function explanation(ask: Asker['ask'], id: string, sources: readonly string[]): Promise<string> {
  const explain = (one: string) => ask('finance', `/v1/explain/${encodeURIComponent(one)}`);
  try {
    return await explain(id);
  } catch (error) {
    if (!(error instanceof SourcedError && error.code === 'not_found')) throw error;
    for (const candidate of sources.map((source) => `${source}:${id}`))
      if (await explain(candidate).catch(() => undefined)) throw unknownId(error, `did you mean ${candidate}?`);
    throw unknownId(
      error,
      `an id is <source>:<its id there>, such as ${sources[0]}:D-17; a partner's month is ${sources[0]}:P-7/2026-03`,
    );
  }
}

function unknownId({ code, exit_status, message }: SourcedError, hint: string): SourcedError {
  return new SourcedError(code, exit_status, message, hint);
}

function print({ title, statement, figures, facts, rules, parts, records }: Explanation): string {
  const money = (amount: Amount | null) => (amount ? `${amount.amount} ${amount.currency}` : '');
  const block = (heading: string, lines: string[]) =>
    lines.length ? `\n${heading}\n${lines.map((line) => `  ${line}\n`).join('')}` : '';
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

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
