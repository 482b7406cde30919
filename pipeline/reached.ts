// How far the line has come in a workspace, so that a single step that comes too early names the one that is missing, and
// everything that is published is of one clock.
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { UsageError } from '../core/errors.ts';
import type { Workspace } from './workspace.ts';

const stages = ['ingest', 'transform', 'attribute'] as const;
export type Stage = (typeof stages)[number];

type Reached = { readonly stage: Stage; readonly as_of?: string };

/** Notes that `stage` is done, and nothing behind it. From `transform` on, with the business clock of its figures. */
export function reach({ reached }: Workspace, stage: Stage, as_of?: string): void {
  writeFileSync(`${reached}.new`, `${JSON.stringify({ stage, as_of })}\n`);
  renameSync(`${reached}.new`, reached);
}

/** The clock of what `stage` and those before it made. Throws UsageError where `stage` is to be done first. */
export function requireReached({ reached, warehouse }: Workspace, stage: Stage): string | undefined {
  const known =
    existsSync(warehouse) && existsSync(reached) ? (JSON.parse(readFileSync(reached, 'utf8')) as Reached) : undefined;
  const missing = stages.slice(known ? stages.indexOf(known.stage) + 1 : 0, stages.indexOf(stage) + 1);
  if (missing.length)
    throw new UsageError(
      `this step comes after ${missing.join(', ')}`,
      `${missing.map((name) => `sourced ${name}`).join(', then ')}; or all at once: sourced run`,
    );
  return known?.as_of;
}
