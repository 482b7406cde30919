// The ledger's invariants (invariants.md) over random histories against an independent model (model.ts). A failing history prints
// its seed, path and replayPath: `HISTORY_SEED=… HISTORY_PATH=… HISTORY_REPLAY=… npm test -- tests/attribution/commission/histories`
// runs it alone. HISTORY_RUNS sets their number; `npm run soak` runs 100,000.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { balancesOf, changesOf } from './engine.ts';
import { begin, beginning, companyOf, earnersIn, type Happening, happen, happening, type World } from './histories.ts';
import { expectedBalances } from './model.ts';

const { HISTORY_RUNS = '2000', HISTORY_SEED, HISTORY_PATH, HISTORY_REPLAY } = process.env;
const settings = {
  numRuns: Number(HISTORY_RUNS),
  ...(HISTORY_SEED ? { seed: Number(HISTORY_SEED) } : {}),
  ...(HISTORY_PATH ? { path: HISTORY_PATH } : {}),
};

/** One thing that happens; afterwards the engine must say what the model says. */
class Command implements fc.Command<World, object> {
  readonly happening: Happening;
  constructor(what: Happening) {
    this.happening = what;
  }
  check(): boolean {
    return true;
  }
  run(world: World): void {
    if (happen(world, this.happening)) holds(world);
  }
  toString(): string {
    const { verb, pick, at, part } = this.happening;
    return `${verb}(pick ${pick}, day ${at}, ${part} %)`;
  }
}

function holds(world: World): void {
  const company = companyOf([world]);
  const earners = () => earnersIn(world);
  const changes = changesOf(company, earners);
  const found = balancesOf(changes);
  expect(sorted(found)).toEqual(sorted(expectedBalances(company, earners)));
  for (const amount of found.values()) expect(amount >= 0n).toBe(true);
  capHolds(world, found);
}

function sorted(balances: ReadonlyMap<string, bigint>): string[] {
  return [...balances].map(([key, amount]) => `${key} ${amount}`).sort();
}

/** Σ accrued ≤ cap: a customer's cap is for life; in the sum over all periods a period's cap holds as often as there are periods. */
function capHolds({ plans, invoices, deals }: World, found: ReadonlyMap<string, bigint>): void {
  const { cap } = plans[0] as { cap?: { per: string; amount: string } };
  if (cap?.per !== 'customer') return;
  const sums = new Map<string, bigint>();
  for (const [key, amount] of found) {
    const line = key.split(' ')[1]!;
    const deal = Object.values(invoices).find(({ lines }) => line in lines)?.deal ?? line;
    const { account } = deals[deal]!;
    sums.set(account, (sums.get(account) ?? 0n) + amount);
  }
  for (const sum of sums.values()) expect(sum <= BigInt(cap.amount.replace('.', ''))).toBe(true);
}

test(`${HISTORY_RUNS} random histories end as the model says after every event`, { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(
      beginning,
      fc.commands([happening.map((what) => new Command(what))], {
        maxCommands: 14,
        size: 'max',
        ...(HISTORY_REPLAY ? { replayPath: HISTORY_REPLAY } : {}),
      }),
      (start, commands) => {
        fc.modelRun(() => ({ model: begin(start, 'H'), real: {} }), commands);
      },
    ),
    settings,
  );
});
