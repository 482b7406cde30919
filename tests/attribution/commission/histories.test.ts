// The ledger's invariants (invariants.md) over random histories against an independent model (model.ts). A failing history prints
// its seed, path and replayPath: `HISTORY_SEED=… HISTORY_PATH=… HISTORY_REPLAY=… npm test -- tests/attribution/commission/histories`
// runs it alone. HISTORY_RUNS sets their number; `npm run soak` runs 100,000.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { earnersIn } from './earners-model.ts';
import { balancesOf, changesOf, type Entry, entriesOf } from './engine.ts';
import { begin, beginning, companyOf, type Happening, happen, happening, ruling, type World } from './histories.ts';
import { expectedBalances } from './model.ts';

const { HISTORY_RUNS = '2000', HISTORY_SEED, HISTORY_PATH, HISTORY_REPLAY } = process.env;
const settings = {
  numRuns: Number(HISTORY_RUNS),
  ...(HISTORY_SEED ? { seed: Number(HISTORY_SEED) } : {}),
  ...(HISTORY_PATH ? { path: HISTORY_PATH } : {}),
};

/** The entries of a history so far; they are part of what locks its deals. */
interface Books {
  entries: readonly Entry[];
}

/** One thing that happens; afterwards the engine must say what the model says. */
class Command implements fc.Command<World, Books> {
  readonly happening: Happening;
  constructor(what: Happening) {
    this.happening = what;
  }
  check(): boolean {
    return true;
  }
  run(world: World, books: Books): void {
    if (happen(world, this.happening)) holds(world, books);
  }
  toString(): string {
    const { verb, pick, at, part } = this.happening;
    return `${verb}(pick ${pick}, day ${at}, ${part} %)`;
  }
}

function holds(world: World, books: Books): void {
  const company = companyOf([world]);
  const changes = changesOf(company, world);
  const found = balancesOf(changes);
  expect(sorted(found)).toEqual(sorted(expectedBalances(company, earnersIn(world))));
  for (const amount of found.values()) expect(amount >= 0n).toBe(true);
  capHolds(world, found);
  const posted = entriesOf(changes, books.entries, world);
  if (posted.length === 0) return;
  books.entries = [...books.entries, ...posted];
  world.posted = books.entries;
  // What was posted now may lock, but moves nothing.
  expect(entriesOf(changesOf(company, world), books.entries, world)).toEqual([]);
}

function sorted(balances: ReadonlyMap<string, bigint>): string[] {
  return [...balances].map(([key, amount]) => `${key} ${amount}`).sort();
}

/** Σ accrued ≤ the highest cap of the plan's versions; only that of a customer, which is for life: balances name no period. */
function capHolds({ plans, invoices, deals }: World, found: ReadonlyMap<string, bigint>): void {
  const caps = (plans as readonly { cap?: { per: string; amount: string } }[]).map(({ cap }) => cap);
  if (caps[0]?.per !== 'customer') return;
  const highest = Math.max(...caps.map((cap) => Number(cap!.amount.replace('.', ''))));
  const sums = new Map<string, bigint>();
  for (const [key, amount] of found) {
    const [partner, line] = key.split(' ') as [string, string];
    const deal = Object.values(invoices).find(({ lines }) => line in lines)?.deal ?? line;
    const place = `${partner} ${deals[deal]!.account}`;
    sums.set(place, (sums.get(place) ?? 0n) + amount);
  }
  for (const sum of sums.values()) expect(sum <= highest).toBe(true);
}

test(`${HISTORY_RUNS} random histories end as the model says after every event`, { timeout: 3_600_000 }, () => {
  fc.assert(
    fc.property(
      beginning,
      fc.commands([fc.oneof({ arbitrary: happening, weight: 4 }, ruling).map((what) => new Command(what))], {
        maxCommands: 14,
        size: 'max',
        ...(HISTORY_REPLAY ? { replayPath: HISTORY_REPLAY } : {}),
      }),
      (start, commands) => {
        fc.modelRun(() => ({ model: begin(start, 'H'), real: { entries: [] } }), commands);
      },
    ),
    settings,
  );
});
