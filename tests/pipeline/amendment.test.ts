// An edited plan with entries through the real command line: refused, amended by two people, and the way back.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { openWarehouse } from '../../pipeline/warehouse.ts';
import { ranCopyOf } from '../made.ts';
import { asOf, currentRelease, releaseId, root, sourced } from '../workspace.ts';

let workspace: string;
let before: string;
const keys: Record<string, string> = {};

beforeAll(async () => {
  workspace = await ranCopyOf(join(root, 'tests', 'cases', 'golden'));
  before = releaseId(workspace);
  for (const [person, role] of [
    ['Dana', 'revops'],
    ['Erin', 'finance'],
  ] as const)
    keys[person] = JSON.parse(
      (await sourced(['keys', 'create', '--person', person, '--role', role, '--json', ...here()])).stdout,
    ).key;
});

const here = () => ['--workspace', workspace];
const command = (name: 'run' | 'transform') => sourced([name, '--as-of', asOf(workspace), ...here()]);
const decide = (person: string, ...args: string[]) =>
  sourced(['override', ...args, ...here()], { SOURCED_KEY: keys[person] ?? '' });

/** Writes another rate for the whole plan `referral`. */
function setRate(rate: string): void {
  const file = join(workspace, 'sourced.yaml');
  writeFileSync(file, readFileSync(file, 'utf8').replace(/rate: "[\d.]+", months: 12/, `rate: "${rate}", months: 12`));
}

/** The digest that the refusal of the edit names; the step that refuses is enough to hear it. */
async function refusedTerms(name: 'run' | 'transform' = 'transform'): Promise<string> {
  const { status, stdout, stderr } = await command(name);
  expect(status).toBe(2);
  expect(stdout + stderr).toMatch(/the plan referral of 2026-01-01 has ledger entries and was edited/);
  expect(stdout + stderr).toMatch(/add a version of the plan with a later `starts_on`; or amend it/);
  expect(stdout).not.toMatch(/"step":"transform","status":"done"/); // told before the records are shaped
  expect(releaseId(workspace)).toBe(before);
  return /plan_amendment referral@2026-01-01 (terms-[0-9a-f]{16}) --reason/.exec(stdout + stderr)![1]!;
}

/** Entries and what P1 earned, minor units. */
async function posted() {
  const warehouse = await openWarehouse(':memory:');
  const [row] = await warehouse.rows(`
    SELECT count(*)::INT AS entries, sum(if(debit_account = 'accrued', -amount_minor, amount_minor)) FILTER (
      partner_id = 's:P1' AND entry_type IN ('accrual', 'clawback', 'true_up'))::INT AS minor
    FROM '${join(currentRelease(workspace), 'fct_commission_entry.parquet')}'`);
  warehouse.close();
  return row as { entries: number; minor: number };
}

test('two people amend a plan with entries; what they approved binds, other terms do not', async () => {
  const at20 = await posted();
  expect(at20.minor % 20).toBe(0);
  setRate('0.25');
  const terms = await refusedTerms('run');

  const amend = ['add', 'plan_amendment', 'referral@2026-01-01', terms];
  const unsaid = await decide('Dana', ...amend);
  expect([unsaid.status, unsaid.stderr]).toEqual([2, expect.stringContaining("'--reason <text>'")]);
  const unknown = await decide('Dana', 'add', 'plan_amendment', 'referral@2020-01-01', terms, '--reason', 'x');
  expect([unknown.status, unknown.stderr]).toEqual([2, expect.stringContaining('no plan version referral@2020-01-01')]);
  const anything = await decide('Dana', 'add', 'plan_amendment', 'referral@2026-01-01', 'any', '--reason', 'x');
  expect([anything.status, anything.stderr]).toEqual([2, expect.stringContaining('no terms any')]);

  const added = await decide('Dana', ...amend, '--reason', 'signed on 2026-06-30', '--json');
  expect([added.status, added.stderr]).toEqual([0, '']);
  const { override_id } = JSON.parse(added.stdout) as { override_id: string };
  const own = await decide('Dana', 'approve', override_id);
  expect([own.status, own.stderr]).toEqual([2, expect.stringMatching(/Dana proposed[\s\S]*another person approves/)]);
  expect(await refusedTerms()).toBe(terms);

  expect((await decide('Erin', 'approve', override_id, '--reason', 'seen the contract')).status).toBe(0);
  expect((await command('run')).status).toBe(0);
  const at25 = await posted();
  expect(at25.minor).toBe((at20.minor / 20) * 25);
  expect(at25.entries).toBeGreaterThan(at20.entries);
  before = releaseId(workspace);

  setRate('0.30');
  expect(await refusedTerms()).not.toBe(terms);
  setRate('0.20');
  const back = await command('transform');
  expect([back.status, back.stdout + back.stderr]).toEqual([
    2,
    expect.stringContaining(`as it was before it was amended (to go back: sourced override revoke ${override_id}`),
  ]);
  expect((await decide('Erin', 'revoke', override_id, '--reason', 'withdrawn')).status).toBe(0);
  expect((await command('run')).status).toBe(0);
  expect((await posted()).minor).toBe(at20.minor);
  expect((await sourced(['verify', ...here()])).status).toBe(0);
});
