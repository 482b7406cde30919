// What a benchmark gives back, and how it measures a part of itself: in a process of its own, so that peaks do not mix.
import { spawn } from 'node:child_process';

/** One measured part; `ratio` compares it with the part that the benchmark names as its yardstick (above 1 is faster). */
export interface Measure {
  readonly what: string;
  readonly seconds: number;
  readonly peak_mb: number;
  readonly ratio?: number;
}

export interface BenchmarkResult {
  readonly title: string;
  readonly measures: readonly Measure[];
}

/** A benchmark file exports this as `run`; `size` is its number of records. */
export type Benchmark = (size?: number) => Promise<BenchmarkResult>;

export interface Measured {
  readonly seconds: number;
  readonly peak_mb: number;
}

/** In the child: times `work` and prints the seconds, the peak of the process and the numbers that `work` adds. */
export async function report(work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const more = await work();
  const measured: Measured = {
    ...(more instanceof Object ? more : {}),
    seconds: (performance.now() - start) / 1000,
    peak_mb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
  console.log(JSON.stringify(measured));
}

/** In the parent: runs `file` with `args` as a child that calls `report`. Throws when the child fails. */
export async function inChild(file: string, args: readonly string[]): Promise<Measured> {
  const output = await childOutput(file, args);
  return JSON.parse(output.trim().split('\n').at(-1)!) as Measured;
}

/** The standard output of a TypeScript file run as a child. */
export function childOutput(file: string, args: readonly string[]): Promise<string> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  return new Promise((resolve, reject) =>
    child.on('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${file} ended with ${status}`)))),
  );
}
