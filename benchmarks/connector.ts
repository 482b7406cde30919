// A connector over loopback against a Python dlt pipeline (dlt 1.31.0) that reads the same pages into DuckDB, and how its memory
// grows with the number of records: 100,000, five times and twenty times as many.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ingest } from '../ingest/ingest.ts';
import { connectorSchemas } from '../ingest/registry.ts';
import { pythonOf } from '../pipeline/python.ts';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { type Benchmark, inChild, type Measure, type Measured, report } from './support/measure.ts';

const file = fileURLToPath(import.meta.url);
const support = join(fileURLToPath(new URL('.', import.meta.url)), 'support');

export const run: Benchmark = async (records = 100_000) => {
  const directory = mkdtempSync(join(tmpdir(), 'sourced-bench-'));
  try {
    const dlt = await served(records, (url) => readByDlt(url, directory, records));
    const own = [];
    for (const times of [1, 5, 20]) own.push(await readByOwn(directory, records * times));
    const [first, ...grown] = own;
    const measures: Measure[] = [
      { what: `dlt 1.31.0, ${words(records)} refunds of Stripe`, ...dlt },
      { what: 'the stripe connector, all checks', ...first!, ratio: dlt.seconds / first!.seconds },
      ...grown.map((measured) => ({
        what: `the same, ${words(measured.records)} (ratio: memory)`,
        ...measured,
        ratio: measured.peak_mb / first!.peak_mb,
      })),
    ];
    return { title: `A connector over loopback, ${words(records)} records`, measures };
  } finally {
    rmSync(directory, { recursive: true });
  }
};

function words(count: number): string {
  return count.toLocaleString('en');
}

/** A fresh server in a process of its own while `work` goes on. */
async function served(records: number, work: (url: string) => Promise<Measured>): Promise<Measured> {
  const server = spawn(process.execPath, [join(support, 'refund-server.ts'), String(records)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    return await work(await addressOf(server));
  } finally {
    server.kill();
  }
}

async function readByOwn(directory: string, records: number): Promise<Measured & { readonly records: number }> {
  return { records, ...(await served(records, (url) => inChild(file, ['read', url, directory, String(records)]))) };
}

function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    server.stdout!.once('data', (line: Buffer) => resolve(line.toString().trim()));
    server.once('close', () => reject(new Error('the server ended')));
  });
}

async function readByDlt(url: string, directory: string, records: number): Promise<Measured> {
  const python = dltPython();
  const script = join(support, 'dlt-pipeline.py');
  const { status, stdout } = await new Promise<{ status: number | null; stdout: string }>((resolve) => {
    const child = spawn(python, [script, url, directory, String(records)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk;
    });
    child.once('close', (status) => resolve({ status, stdout }));
  });
  if (status !== 0) throw new Error(`dlt ended with ${status}`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

/** The interpreter of an environment with dlt, made once for these pinned packages; no part of an installation. */
function dltPython(): string {
  return pythonOf({
    what: 'dlt',
    requirements: join(support, 'requirements.txt'),
    folder: join(dirname(dirname(file)), '.venv.dlt'),
  });
}

// ---- the child ----

async function read(url: string, directory: string, records: number): Promise<void> {
  const state = join(directory, `state-${records}`);
  mkdirSync(state);
  const source = { name: 'billing', connector: 'stripe', api_key: 'bench', base_url: url, requests_per_second: 1000 };
  const options = { ...connectorSchemas.stripe!.parse({ ...source, requests_per_second: 1000 }), ...source };
  const file = join(directory, `own-${records}.duckdb`);
  await report(async () => {
    const workspace = { directory, state, loads: join(state, 'loads') };
    const warehouse = await openWarehouse(file);
    await ingest({ config: { sources: [options] }, workspace, warehouse });
    warehouse.close();
  });
  const warehouse = await openWarehouse(file);
  const [row] = await warehouse.rows<{ count: bigint }>('SELECT count(*) AS count FROM raw.stripe_payment_adjustments');
  if (Number(row!.count) !== records) throw new Error(`${row!.count} of ${records} records`);
  warehouse.close();
}

const [part, url, directory, records] = process.argv.slice(2);
if (process.argv[1] === file && part === 'read') await read(url!, directory!, Number(records));
