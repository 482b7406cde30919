// Workspaces for tests: a copy of a golden company in a temporary directory, and the real command line run on it.
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A fresh directory; the operating system clears it away some day. */
export function temporaryDirectory(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'sourced-')));
}

/** A copy of a golden company (its sourced.yaml, sheets and clock) that the test may change. */
export function copyOf(company: string, directory = temporaryDirectory()): string {
  for (const name of ['sourced.yaml', 'sheets', 'as_of.txt'])
    if (existsSync(join(company, name))) cpSync(join(company, name), join(directory, name), { recursive: true });
  return directory;
}

export function asOf(workspace: string): string {
  return readFileSync(join(workspace, 'as_of.txt'), 'utf8').trim();
}

export type Outcome = { readonly status: number | null; readonly stdout: string; readonly stderr: string };

/** Starts `sourced …` as a user would; `env` is added to the test's own. */
export function startSourced(args: readonly string[], env: Readonly<Record<string, string>> = {}): ChildProcess {
  return spawn(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'pipeline', 'cli.ts'), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Runs `sourced …` to its end. */
export function sourced(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = startSourced(args, env);
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    child[name]!.on('data', (chunk: Buffer) => {
      output[name] += chunk;
    });
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, ...output })));
}

/** `sourced run` at the company's clock. Gives the release id; throws with the output where the run did not end well. */
export async function runWorkspace(workspace: string, env: Readonly<Record<string, string>> = {}): Promise<string> {
  const outcome = await sourced(['run', '--workspace', workspace, '--as-of', asOf(workspace)], env);
  if (outcome.status !== 0) throw new Error(`run ended with ${outcome.status}\n${outcome.stdout}\n${outcome.stderr}`);
  return releaseId(workspace);
}

export function releaseId(workspace: string): string {
  return manifest(workspace).release_id;
}

function manifest(workspace: string): {
  release_id: string;
  tables: Record<string, { rows: number; digest: string }>;
  ledger_sequence: number;
} {
  return JSON.parse(readFileSync(join(currentRelease(workspace), 'manifest.json'), 'utf8'));
}

export function currentRelease(workspace: string): string {
  return join(workspace, '.sourced', 'releases', 'current');
}
