// `sourced diff RELEASE RELEASE`: what changed between two releases and why, the same answer that the API and the pages give.
import type { Command } from 'commander';
import type { z } from 'zod';
import type { ReleaseDiff } from '../../api/schemas.ts';
import { UsageError } from '../../core/errors.ts';
import { askingRelease, openContext } from './context.ts';
import { aligned, block } from './text.ts';

type Diff = z.infer<typeof ReleaseDiff>;
type Cause = Diff['causes'][number];

export function addDiff(program: Command): void {
  program
    .command('diff <before> <after>')
    .description('what changed between two releases and why; the beginning of an id is enough, `current` is the latest')
    .option('--limit <count>', 'how many deals, links and entries to tell in full', '20')
    .action(async (before: string, after: string, { limit }: { limit: string }, command: Command) => {
      const { workspace, json } = openContext(command);
      for (const release of [before, after])
        if (!/^(current|[0-9a-f]{1,64})$/.test(release))
          throw new UsageError(`${release} is not the id of a release`, 'ids are the names in .sourced/releases');
      if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > 500)
        throw new UsageError(`--limit ${limit} is not a number from 1 to 500`);
      const body = await askingRelease(workspace, (ask) =>
        ask('finance', `/v1/releases/${after}/diff?from=${before}&limit=${limit}`),
      );
      process.stdout.write(json ? `${body}\n` : print(JSON.parse(body) as Diff));
    });
}

function print(diff: Diff): string {
  const { before, after, causes, records, totals, deals, links, ledger } = diff;
  if (before.release_id === after.release_id) return 'this is one release: nothing differs\n';
  return [
    `${before.release_id} (as of ${before.as_of}) → ${after.release_id} (as of ${after.as_of})\n`,
    block('For all', causes.map(words)),
    block(
      'Records behind figures',
      aligned(
        records.map(({ stream, added, changed, removed }) => [
          stream,
          `${added} added`,
          `${changed} changed`,
          `${removed} removed`,
        ]),
      ),
    ),
    block(
      'Totals that moved',
      aligned(
        totals.map((row) => [row.basis, row.month, row.currency, row.figure, row.before.amount, '→', row.after.amount]),
      ),
    ),
    block(`Deals that changed: ${deals.total}`, deals.items.flatMap(dealLines)),
    rest(deals.total, deals.items.length),
    block(
      `Invoices that moved: ${links.total}`,
      links.items.map((link) => `${link.invoice_id}: ${link.before} → ${link.after}`),
    ),
    rest(links.total, links.items.length),
    block(
      `Ledger entries added: ${ledger.added}`,
      aligned(
        ledger.sums.map((sum) => [
          sum.entry_type,
          `${sum.debit_account} → ${sum.credit_account}`,
          String(sum.entries),
          sum.amount.amount,
          sum.amount.currency,
        ]),
      ),
    ),
    ledger.removed
      ? `  ${ledger.removed} entries are only in ${before.release_id}: entries are never taken back, so it is the later one\n`
      : '',
  ].join('');
}

function rest(total: number, told: number): string {
  return total > told ? `  and ${total - told} more: --limit\n` : '';
}

function dealLines({
  deal_id,
  name,
  changes,
  sourcing,
  money,
  weights,
  causes,
}: Diff['deals']['items'][number]): string[] {
  const side = (given: typeof sourcing.before) => (given ? `${given.partner_id} by ${given.rule}` : 'nobody');
  return [
    `${deal_id}${name ? ` ${name}` : ''}: ${changes.join(', ')}`,
    ...(changes.includes('sourcing') ? [`  sourced by ${side(sourcing.before)} → ${side(sourcing.after)}`] : []),
    ...money.map(
      ({ basis, month, before, after }) => `  ${basis} ${month}: ${before.amount} → ${after.amount} ${after.currency}`,
    ),
    ...weights.map(
      ({ party_id, party_kind, method, before, after }) =>
        `  ${method} of ${party_id || party_kind}: ${shareOf(before)} → ${shareOf(after)}`,
    ),
    ...causes.map((cause) => `  because ${words(cause)}`),
  ];
}

/** Parts of 10⁹ as percent, exactly. */
function shareOf(parts: number): string {
  const digits = String(parts).padStart(8, '0');
  const decimals = digits.slice(-7).replace(/0+$/, '');
  return `${digits.slice(0, -7)}${decimals && `.${decimals}`} %`;
}

function words({ text, fields }: Cause): string {
  const told = fields.map(({ field, before, after }) => `${field} ${before ?? 'blank'} → ${after ?? 'blank'}`);
  return told.length ? `${text}: ${told.join(', ')}` : text;
}
