// Commissions targeted and posted: a first posting, then one payment in a thousand more, of today and of any month, then the same
// at a tenth of the size.
// Tiers of both modes, caps of three kinds, a flat, a pool and refunds. `npm run bench -- commission 5000000`.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postCommissions } from '../attribution/commission/post.ts';
import type { Config } from '../core/config.ts';
import { plan } from '../core/programme.ts';
import { openBooks } from '../pipeline/books.ts';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { type BillingSize, generateBilling, plans } from './support/commission-data.ts';
import { type Benchmark, inChild, type Measure, type Measured, report } from './support/measure.ts';

const file = fileURLToPath(import.meta.url);
const PARTNERS = 5000;
/** Of DuckDB, so that the whole process stays below 4 GB. */
const MEMORY = '2500MB';

interface Posted extends Measured {
  readonly entries: number;
  readonly cpu_seconds: number;
}

export const run: Benchmark = async (payments = 500_000) => {
  const measures: Measure[] = [];
  const whole = await measure(payments, measures);
  const tenth = await measure(Math.ceil(payments / 10), measures);
  measures.push({
    what: 'growth over linear, from a tenth (1 is linear)',
    seconds: whole.seconds,
    peak_mb: whole.peak_mb,
    ratio: whole.seconds / tenth.seconds / 10,
  });
  return { title: `Commissions of ${payments.toLocaleString('en')} payments, ${PARTNERS} partners`, measures };
};

async function measure(payments: number, measures: Measure[]): Promise<Posted> {
  const directory = mkdtempSync(join(tmpdir(), 'sourced-bench-'));
  const name = payments.toLocaleString('en');
  try {
    await inChild(file, ['generate', directory, String(payments)]);
    const first = (await inChild(file, ['post', directory])) as Posted;
    const words = ({ entries, cpu_seconds }: Posted) =>
      `${entries.toLocaleString('en')} entries, ${cpu_seconds.toFixed(1)} s CPU`;
    measures.push({ what: `${name}: first, ${words(first)}`, ...first });
    for (const more of ['new', 'late'] as const) {
      await inChild(file, ['generate', directory, String(payments), more]);
      const again = (await inChild(file, ['post', directory])) as Posted;
      const what = `${name}: 0.1 % ${more} payments, ${words(again)}`;
      measures.push({ what, ...again, ratio: first.seconds / again.seconds });
    }
    return first;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

// ---- the children ----

const config = {
  reporting: { currency: 'USD', time_zone: 'UTC', fiscal_year_start_month: 1 },
  fx: { rate_date: 'payment_date', max_age_days: 7 },
  contract_cost: { benefit_months: 36, practical_expedient: false },
  motions: {},
  plans: plans.map((one) => plan.parse(one)),
} as unknown as Config;

const asOf = Temporal.Instant.from('2026-06-30T12:00:00Z').epochNanoseconds / 1000n;

async function runPart([part, directory, payments, more]: readonly string[]): Promise<void> {
  const warehouse = await openWarehouse(join(directory!, 'warehouse.duckdb'), { memoryLimit: MEMORY });
  const size = { payments: Number(payments), partners: PARTNERS, more: (more ?? 'nothing') as BillingSize['more'] };
  if (part === 'generate') await report(() => generateBilling(warehouse, size));
  else await report(() => post(warehouse, directory!));
  warehouse.close();
}

async function post(warehouse: Awaited<ReturnType<typeof openWarehouse>>, directory: string) {
  const books = openBooks(join(directory, 'books.sqlite'));
  let entries = 0;
  await postCommissions({
    warehouse,
    books,
    config,
    code_digest: 'one',
    asOf,
    log: ({ counts }) => {
      entries = counts.entries_posted ?? entries;
    },
  });
  books.close();
  const { user, system } = process.cpuUsage();
  return { entries, cpu_seconds: (user + system) / 1e6 };
}

if (process.argv[1] === file) {
  const args = process.argv.slice(2);
  if (args[0] === 'generate' || args[0] === 'post') await runPart(args);
  else console.table((await run(args[0] ? Number(args[0]) : undefined)).measures);
}
