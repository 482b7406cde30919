// The attribution job, in its order: journeys (sourcing, influence, weights), then money, then commissions.
// Every effect goes through the ports that it is handed.
import { type CommissionInput, postCommissions } from './commission/post.ts';
import { runJourneys } from './journeys.ts';
import { runMoney } from './money/money-step.ts';

/** What the commission step asks for; the steps before it need less. */
export type JobInput = CommissionInput;

/** Runs every step of the job over the dbt inputs of schema `journeys` and writes schemas `attribution` and `ledger`; posts to the books. */
export async function runJob(input: JobInput): Promise<void> {
  await input.warehouse.run('create schema if not exists attribution');
  await runJourneys(input);
  await runMoney(input);
  await postCommissions(input);
}
