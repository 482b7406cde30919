// Runs every benchmark of this folder, each in a process of its own, and prints one table. `npm run bench -- attribution 10000000`
// runs the named one, at a size of its own.
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Benchmark, type BenchmarkResult, childOutput } from './support/measure.ts';

const file = fileURLToPath(import.meta.url);
const folder = dirname(file);

function benchmarkNames(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.ts') && name !== 'run.ts')
    .map((name) => name.slice(0, -'.ts'.length))
    .sort();
}

/** In the child: one benchmark, its result as JSON. */
async function runOne(name: string, size: string | undefined): Promise<void> {
  const { run } = (await import(join(folder, `${name}.ts`))) as { run: Benchmark };
  console.log(JSON.stringify(await run(size ? Number(size) : undefined)));
}

function print({ title, measures }: BenchmarkResult): void {
  console.log(`\n${title}`);
  for (const { what, seconds, cpu_seconds, peak_mb, ratio } of measures) {
    const wall = `${seconds.toFixed(2).padStart(8)} s`;
    const cpu = cpu_seconds === undefined ? ''.padStart(14) : `${cpu_seconds.toFixed(2).padStart(8)} s CPU`;
    const factor = ratio === undefined ? '' : `${ratio.toFixed(2)} ×`;
    console.log(`  ${what.padEnd(60)} ${wall} ${cpu} ${String(peak_mb).padStart(6)} MB  ${factor}`);
  }
}

const [first, second, third] = process.argv.slice(2);
if (first === '--one') await runOne(second!, third);
else {
  const names = benchmarkNames();
  if (first && !names.includes(first))
    throw new Error(`There is no benchmark ${first}; there are ${names.join(', ')}.`);
  for (const name of first ? [first] : names) {
    const output = await childOutput(file, ['--one', name, ...(first && second ? [second] : [])]);
    print(JSON.parse(output.trim().split('\n').at(-1)!) as BenchmarkResult);
  }
}
