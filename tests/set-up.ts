// Before the first test file and after the last: the directory of what is made once in a test run (made.ts).
import { rmSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { temporaryDirectory } from './workspace.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    made: string;
  }
}

export default function setUp({ provide }: TestProject): () => void {
  const made = temporaryDirectory();
  provide('made', made);
  return () => rmSync(made, { recursive: true, force: true });
}
