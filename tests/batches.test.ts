// A company whose billing arrives in batches, one run each, ends with the tables of the company that came at once. Two batches in
// `npm test`, ten in `npm run soak` (BATCHES). Skipped where the shared example companies are absent.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { dbtPython } from '../pipeline/python.ts';
import { shared } from './shared.ts';
import { copyOf, currentRelease, runWorkspace, sourced } from './workspace.ts';

const cases = shared('cases');
const BATCHES = Number(process.env.BATCHES ?? 2);
const streams = ['invoices', 'invoice_lines', 'payments', 'payment_adjustments'] as const;
type Stream = (typeof streams)[number];
type Sheet = {
  readonly header: string;
  readonly rows: readonly { readonly text: string; readonly cells: Record<string, string> }[];
};

function sheetOf(workspace: string, stream: Stream): Sheet {
  const [header, ...lines] = readFileSync(join(workspace, 'sheets', `${stream}.csv`), 'utf8')
    .trim()
    .split('\n') as [string, ...string[]];
  const names = header.trim().split(',');
  const rows = lines.map((text) => {
    const values = text.trim().split(',');
    return { text, cells: Object.fromEntries(names.map((name, index) => [name, values[index] ?? ''])) };
  });
  return { header, rows };
}

/** An invoice comes in some batch, whatever its date; its lines, payments and returns come with it, so that nothing refers ahead. */
function batchesOf(sheets: Record<Stream, Sheet>): (stream: Stream, cells: Record<string, string>) => number {
  const own = (id: string) => createHash('md5').update(id).digest().readUInt32BE() % BATCHES;
  const ofPayment = new Map<string, number>();
  for (const { cells } of sheets.payments.rows) {
    const { payment_id, invoice_id } = cells as { payment_id: string; invoice_id: string };
    ofPayment.set(payment_id, Math.max(ofPayment.get(payment_id) ?? 0, own(invoice_id || payment_id)));
  }
  return (stream, { invoice_id = '', payment_id = '' }) => {
    if (stream === 'payments') return own(invoice_id || payment_id);
    return Math.max(invoice_id ? own(invoice_id) : 0, ofPayment.get(payment_id) ?? 0);
  };
}

describe.skipIf(!cases)('billing in batches', () => {
  test(`full, in ${BATCHES}`, { timeout: BATCHES * 300_000 }, async () => {
    const workspace = copyOf(join(cases!, 'full'));
    const sheets = Object.fromEntries(streams.map((stream) => [stream, sheetOf(workspace, stream)])) as Record<
      Stream,
      Sheet
    >;
    const batchOf = batchesOf(sheets);
    for (let batch = 0; batch < BATCHES; batch++) {
      for (const stream of streams) {
        const rows = sheets[stream].rows.filter(({ cells }) => batchOf(stream, cells) === batch);
        writeFileSync(
          join(workspace, 'sheets', `${stream}.csv`),
          `${[sheets[stream].header, ...rows.map(({ text }) => text)].join('\n')}\n`,
        );
      }
      await runWorkspace(workspace);
    }
    const compare = spawnSync(
      dbtPython(),
      [join(shared('tools')!, 'compare.py'), join(cases!, 'full', 'expected'), currentRelease(workspace)],
      { encoding: 'utf8' },
    );
    expect(compare.stdout + compare.stderr).toMatch(/all equal\s*$/);
    expect((await sourced(['verify', '--workspace', workspace])).stdout).toMatch(/^intact/);
  });
});
