// The sandbox company through the whole line with nothing kept, then again after one record in a thousand of every large stream
// changed: once in whole files, once in files of the changed records alone, as a source that is read incrementally sends them.
// `npm run bench -- line 1000000` takes size L instead of M; `-- line 1000` the demo's own.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openWarehouse, type Warehouse } from '../pipeline/warehouse.ts';
import { generateCompany, type Size } from '../sandbox/generate.ts';
import { type Benchmark, type Measure, type Measured, watchedOutput } from './support/measure.ts';

const cli = join(dirname(dirname(fileURLToPath(import.meta.url))), 'pipeline', 'cli.ts');

export const run: Benchmark = async (deals = 100_000) => {
  const size: Size = deals >= 1_000_000 ? 'L' : deals >= 100_000 ? 'M' : 'S';
  const directory = mkdtempSync(join(tmpdir(), 'sourced-bench-'));
  try {
    generateCompany({ directory, size });
    const full = await line(directory);
    const measures: Measure[] = [{ what: 'the whole line', ...full.whole }, ...full.steps];
    for (const sent of ['among all others', 'alone'] as const) {
      const records = await change(join(directory, 'sheets'), sent);
      const again = await line(directory);
      const what = `again, ${records.toLocaleString('en')} records changed, sent ${sent}`;
      measures.push({ what, ...again.whole, ratio: full.whole.seconds / again.whole.seconds }, ...again.steps);
    }
    return { title: `The line at size ${size}`, measures };
  } finally {
    rmSync(directory, { recursive: true });
  }
};

/** `sourced run`: its time, the peak of all its processes together, and the time of each step. */
async function line(directory: string): Promise<{ whole: Measured; steps: Measure[] }> {
  const as_of = readFileSync(join(directory, 'as_of.txt'), 'utf8').trim();
  const started = performance.now();
  const { output, peak_mb } = await watchedOutput(cli, ['run', '--workspace', directory, '--as-of', as_of, '--json']);
  const seconds = (performance.now() - started) / 1000;
  const steps = output
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { step: string; seconds: number });
  return {
    whole: { seconds, peak_mb },
    steps: steps.map((step) => ({ what: `  ${step.step}`, seconds: step.seconds, peak_mb: 0 })),
  };
}

/** What changes in a record of a stream: text that nobody counts, or an instant that moves by a minute. */
const changes: Readonly<Record<string, { key: string; column: string; becomes: string }>> = {
  accounts: { key: 'account_id', column: 'segment', becomes: `'changed'` },
  contacts: { key: 'contact_id', column: 'email', becomes: `'changed.' || email` },
  deals: { key: 'deal_id', column: 'owner', becomes: `'Somebody Else'` },
  deal_stages: { key: 'deal_id', column: 'entered_at', becomes: minuteLater('entered_at') },
  touchpoints: { key: 'touchpoint_id', column: 'occurred_at', becomes: minuteLater('occurred_at') },
  invoices: { key: 'invoice_id', column: 'issued_at', becomes: minuteLater('issued_at') },
  invoice_lines: { key: 'line_id', column: 'product', becomes: `'changed'` },
  payments: { key: 'payment_id', column: 'paid_at', becomes: minuteLater('paid_at') },
};

function minuteLater(column: string): string {
  return `CASE WHEN length(${column}) > 10
    THEN strftime(${column}::TIMESTAMP + INTERVAL 1 MINUTE, '%Y-%m-%dT%H:%M:%SZ') ELSE ${column} END`;
}

/** Which files hold the changed records: those of everything, or files of their own. */
type Sent = 'among all others' | 'alone';

/** Changes one record in a thousand of each stream, others each time; gives their number. */
async function change(sheets: string, sent: Sent): Promise<number> {
  const warehouse = await openWarehouse(':memory:');
  try {
    let changed = 0;
    for (const stream of Object.keys(changes)) changed += await changeStream(warehouse, sheets, stream, sent);
    return changed;
  } finally {
    warehouse.close();
  }
}

async function changeStream(warehouse: Warehouse, sheets: string, stream: string, sent: Sent): Promise<number> {
  const { key, column, becomes } = changes[stream]!;
  const file = join(sheets, `${stream}.csv`);
  const isChosen = `hash(${key}) % 1000 = ${sent === 'alone' ? 1 : 0}`;
  await warehouse.run(
    `CREATE OR REPLACE TABLE sheet AS SELECT * FROM read_csv('${file}', all_varchar = true, delim = ',', quote = '"', escape = '"', header = true)`,
  );
  await warehouse.run(
    `COPY (SELECT * REPLACE (CASE WHEN ${isChosen} THEN ${becomes} ELSE ${column} END AS ${column}) FROM sheet
       ${sent === 'alone' ? `WHERE ${isChosen}` : ''}) TO '${file}' (HEADER)`,
  );
  const [row] = await warehouse.rows<{ changed: bigint }>(`SELECT count(*) AS changed FROM sheet WHERE ${isChosen}`);
  return Number(row!.changed);
}
