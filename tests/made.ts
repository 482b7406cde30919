// What several test files start from is made once in a test run, by the file that needs it first; each gets a copy of its own.
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { inject } from 'vitest';
import { generateCompany } from '../sandbox/generate.ts';
import { copyOf, runWorkspace, temporaryDirectory } from './workspace.ts';

type Make = (directory: string) => Promise<unknown>;

/** A golden company that has been run. */
export function ranCopyOf(company: string): Promise<string> {
  return copyOfMade(basename(company), (directory) => runWorkspace(copyOf(company, directory)));
}

/** The sandbox company of size S, as spreadsheets, that has been run. */
export function ranSandbox(): Promise<string> {
  return copyOfMade('sandbox', (directory) => {
    generateCompany({ directory, size: 'S' });
    return runWorkspace(directory);
  });
}

async function copyOfMade(name: string, make: Make): Promise<string> {
  const directory = temporaryDirectory();
  cpSync(await made(name, make), directory, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
  return directory;
}

/** The directory of this name, to copy and never to change; `make` fills it where no test file has done so yet. */
export async function made(name: string, make: Make): Promise<string> {
  const directory = join(inject('made'), name);
  while (!existsSync(directory))
    if (claim(`${directory}.claimed`)) await fill(directory, make);
    else await setTimeout(50);
  return directory;
}

/** Whole or not at all; where it fails, the next test file tries. */
async function fill(directory: string, make: Make): Promise<void> {
  try {
    mkdirSync(`${directory}.partial`);
    await make(`${directory}.partial`);
    renameSync(`${directory}.partial`, directory);
  } catch (error) {
    for (const rest of [`${directory}.partial`, `${directory}.claimed`]) rmSync(rest, { recursive: true, force: true });
    throw error;
  }
}

/** One of several processes makes a directory; the others wait for it. */
function claim(directory: string): boolean {
  try {
    mkdirSync(directory);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
