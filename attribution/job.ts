// The attribution job, in its order: journeys (sourcing, influence, weights), then money, then commissions.
// The only file with effects under attribution/; every effect goes through a port.
import type { Config } from '../core/config.ts';
import type { BooksPort } from './commission/books-port.ts';
import { postCommissions } from './commission/post.ts';
import { runJourneys } from './journeys.ts';
import { runMoney } from './money/money-step.ts';
import type { ProgressLog, WarehousePort } from './ports.ts';

export interface JobInput {
  readonly warehouse: WarehousePort;
  readonly books: BooksPort;
  readonly config: Config;
  /** The program: what another one left is worked out anew. */
  readonly code_digest: string;
  /** The business clock, microseconds since 1970. */
  readonly asOf: bigint;
  readonly log: ProgressLog;
}

/** Runs every step of the job over the dbt inputs of schema `journeys` and writes schemas `attribution` and `ledger`; posts to the books. */
export async function runJob(input: JobInput): Promise<void> {
  await input.warehouse.run('create schema if not exists attribution');
  await runJourneys(input);
  await runMoney(input);
  await postCommissions(input);
}
