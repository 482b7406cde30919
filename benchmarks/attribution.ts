// The attribution job against SQL windows that give the weights of parties alone: its pass over touches (weights of parties and
// touches, influence, other windows) and the whole of it, with sourcing; all written back.
// `node benchmarks/attribution.ts 10000000` measures another number of touches.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runJourneys } from '../attribution/journeys.ts';
import { type MethodName, methodNames } from '../attribution/methods/registry.ts';
import type { Config } from '../core/config.ts';
import { openWarehouse, type Warehouse } from '../pipeline/warehouse.ts';
import { sqlWindows } from './support/attribution-sql.ts';
import { generateJourneys } from './support/journeys-data.ts';
import { type Benchmark, inChild, type Measure, type Measured, report } from './support/measure.ts';

const file = fileURLToPath(import.meta.url);
const TOUCHES_PER_DEAL = 10;
const custom = [3, 1, 4, 1, 5, 9];

const methodSets: Readonly<Record<string, readonly MethodName[]>> = {
  'two methods': ['linear', 'last_touch'],
  'eight methods': methodNames,
};

export const run: Benchmark = async (touches = 1_000_000) => {
  const directory = mkdtempSync(join(tmpdir(), 'sourced-bench-'));
  const warehouse = join(directory, 'bench.duckdb');
  try {
    await inChild(file, ['generate', warehouse, String(touches)]);
    const measures: Measure[] = [];
    for (const set of Object.keys(methodSets)) {
      const sql = await inChild(file, ['sql', warehouse, set]);
      const job = (await inChild(file, ['job', warehouse, set])) as Measured & { touches_seconds: number };
      const ratio = (seconds: number) => sql.seconds / seconds;
      measures.push({ what: `${set}: SQL windows, weights of parties`, ...sql });
      const { touches_seconds: seconds, peak_mb } = job;
      measures.push({ what: `${set}: the job's pass over touches`, seconds, peak_mb, ratio: ratio(seconds) });
      measures.push({ what: `${set}: the whole job, with sourcing`, ...job, ratio: ratio(job.seconds) });
    }
    return { title: `Attribution of ${touches.toLocaleString('en')} touches`, measures };
  } finally {
    rmSync(directory, { recursive: true });
  }
};

// ---- the children ----

type Part = (warehouse: Warehouse, argument: string) => Promise<unknown>;

const parts: Readonly<Record<string, Part>> = {
  async generate(warehouse, touches) {
    const deals = Math.ceil(Number(touches) / TOUCHES_PER_DEAL);
    const claims = Math.ceil(deals / 2);
    const size = { deals, claims, touches: Number(touches), partners: 200, channels: 20, seed: 1 };
    await generateJourneys(warehouse, size);
  },
  async sql(warehouse, set) {
    const weights = sqlWindows(methodSets[set]!, { half_life_days: 7, custom });
    await warehouse.run(`create or replace table journeys.sql_weight as ${weights}`);
  },
  async job(warehouse, set) {
    const start = performance.now();
    let touches_seconds = 0;
    const log = ({ step }: { step: string }) => {
      if (step === 'weights') touches_seconds = (performance.now() - start) / 1000;
    };
    await runJourneys({ warehouse, config: configOf(methodSets[set]!), log });
    return { touches_seconds };
  },
};

function configOf(methods: readonly MethodName[]): Pick<Config, 'attribution' | 'motions'> {
  return {
    attribution: {
      scope: 'account',
      lookback_days: 180,
      methods: [...methods],
      path_transform: 'none',
      time_decay: { half_life_days: 7 },
      custom: { weights: Object.fromEntries(custom.map((weight, kind) => [`kind ${kind}`, weight])) },
      sourcing: [
        { rule: 'deal_registration', protection_days: 90, grace_days: 0 },
        { rule: 'partner_lead', window_days: 90 },
        { rule: 'crm_field' },
        { rule: 'first_touch' },
      ],
      carry_months: 12,
    },
    motions: {},
  };
}

async function runPart([part, path, argument]: readonly string[]): Promise<void> {
  const warehouse = await openWarehouse(path!);
  await report(() => parts[part!]!(warehouse, argument!));
  warehouse.close();
}

if (process.argv[1] === file) {
  const args = process.argv.slice(2);
  if (args[0]! in parts) await runPart(args);
  else console.table((await run(args[0] ? Number(args[0]) : undefined)).measures);
}
