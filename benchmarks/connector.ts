// A connector over loopback against a Python dlt pipeline (dlt 1.31.0) that reads the same pages into DuckDB, and how its memory
// grows with the number of records. `node benchmarks/connector.ts` reads 100,000 and five times as many.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ingest } from '../ingest/ingest.ts';
import { connectorSchemas } from '../ingest/registry.ts';
import { openWarehouse } from '../pipeline/warehouse.ts';
import { type Benchmark, inChild, type Measure, type Measured, report } from './support/measure.ts';

const file = fileURLToPath(import.meta.url);
const support = join(fileURLToPath(new URL('.', import.meta.url)), 'support');

export const run: Benchmark = async (records = 100_000) => {
  const directory = mkdtempSync(join(tmpdir(), 'sourced-bench-'));
  try {
    const dlt = await served(records, (url) => readByDlt(url, directory, records));
    const own = await served(records, (url) => inChild(file, ['read', url, directory, String(records)]));
    const more = records * 5;
    const grown = await served(more, (url) => inChild(file, ['read', url, directory, String(more)]));
    const measures: Measure[] = [
      { what: `dlt 1.31.0, ${words(records)} refunds of Stripe`, ...dlt },
      { what: 'the stripe connector, all checks', ...own, ratio: dlt.seconds / own.seconds },
      { what: `the same, ${words(more)} (ratio: memory)`, ...grown, ratio: grown.peak_mb / own.peak_mb },
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

/** The interpreter of a temporary environment with dlt, made once for these pinned packages. */
function dltPython(): string {
  const requirements = join(support, 'dlt-requirements.txt');
  const digest = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const environment = join(tmpdir(), `sourced-dlt-${digest}`);
  const python = join(environment, 'bin', 'python');
  const ready = spawnSync(python, ['-c', 'import dlt, duckdb']).status === 0;
  if (ready) return python;
  if (existsSync(environment)) rmSync(environment, { recursive: true });
  done('python3', ['-m', 'venv', environment]);
  done(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', requirements]);
  return python;
}

function done(command: string, args: readonly string[]): void {
  const { status } = spawnSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}`);
}

// ---- the child ----

async function read(url: string, directory: string, records: number): Promise<void> {
  const state = join(directory, `state-${records}`);
  mkdirSync(state);
  const source = { name: 'billing', connector: 'stripe', api_key: 'bench', base_url: url, requests_per_second: 1000 };
  const options = { ...connectorSchemas.stripe!.parse({ ...source, requests_per_second: 1000 }), ...source };
  const warehouse = await openWarehouse(join(directory, `own-${records}.duckdb`));
  await report(async () => {
    const workspace = { directory, state, loads: join(state, 'loads') };
    await ingest({ config: { sources: [options] }, workspace, warehouse });
  });
  const [row] = await warehouse.rows<{ count: bigint }>('SELECT count(*) AS count FROM raw.stripe_payment_adjustments');
  if (Number(row!.count) !== records) throw new Error(`${row!.count} of ${records} records`);
  warehouse.close();
}

const [part, url, directory, records] = process.argv.slice(2);
if (process.argv[1] === file && part === 'read') await read(url!, directory!, Number(records));
