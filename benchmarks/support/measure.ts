// What a benchmark gives back, and how it measures a part of itself: in a process of its own, so that peaks do not mix.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Readable } from 'node:stream';

/** One measured part; `ratio` compares it with the part that the benchmark names as its yardstick (above 1 is faster). */
export interface Measure extends Measured {
  readonly what: string;
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
  /** Of the processor, where it was measured. */
  readonly cpu_seconds?: number;
  readonly peak_mb: number;
}

/** In the child: times `work` and prints the seconds, the peak of the process and the numbers that `work` adds. */
export async function report(work: () => Promise<unknown>): Promise<void> {
  const start = performance.now();
  const before = process.cpuUsage();
  const more = await work();
  const { user, system } = process.cpuUsage(before);
  const measured: Measured = {
    ...(more instanceof Object ? more : {}),
    seconds: (performance.now() - start) / 1000,
    cpu_seconds: (user + system) / 1e6,
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
export async function childOutput(file: string, args: readonly string[]): Promise<string> {
  return outputOf(start(file, args), file);
}

/** The same with the peak of the child and all processes below it together, where the system tells (Linux). */
export async function watchedOutput(
  file: string,
  args: readonly string[],
): Promise<{ output: string; peak_mb: number }> {
  const child = start(file, args);
  let peak_mb = 0;
  const watch = setInterval(() => {
    peak_mb = Math.max(peak_mb, residentMegabytes(child.pid!));
  }, 200);
  try {
    return { output: await outputOf(child, file), peak_mb };
  } finally {
    clearInterval(watch);
  }
}

/** Resident memory of a process and its descendants; one that ends meanwhile counts nothing. */
function residentMegabytes(pid: number): number {
  try {
    const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean),
    );
    return children.reduce((sum, child) => sum + residentMegabytes(Number(child)), Math.round(kilobytes / 1024));
  } catch {
    return 0;
  }
}

type Child = ChildProcessByStdio<null, Readable, null>;

function start(file: string, args: readonly string[]): Child {
  return spawn(process.execPath, [...process.execArgv, file, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function outputOf(child: Child, file: string): Promise<string> {
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk;
  });
  return new Promise((resolve, reject) =>
    child.on('close', (status) => (status === 0 ? resolve(output) : reject(new Error(`${file} ended with ${status}`)))),
  );
}
