// Invariants of the ledger part (invariants.md) over random histories, against a model that recomputes everything from the
// history at hand: no state, no shortcuts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../../../core/month.ts';
import { balances, type Deal, entries, version } from './history.ts';

type Verb = 'pays' | 'refunds' | 'wins';
interface Happening {
  readonly verb: Verb;
  /** Days since the event before. */
  readonly later: number;
  readonly line: number;
  readonly amount: number;
}

const lineNames = ['A', 'B', 'C'];

/** Histories in which nothing is returned that was not paid, and nothing won back that was not returned. */
const history = fc
  .array(
    fc.record({
      verb: fc.constantFrom<Verb>('pays', 'pays', 'refunds', 'wins'),
      later: fc.integer({ min: 0, max: 40 }),
      line: fc.integer({ min: 0, max: 2 }),
      amount: fc.integer({ min: 1, max: 5000 }),
    }),
    { minLength: 1, maxLength: 14 },
  )
  .map((rows) => {
    const paid = [0, 0, 0];
    const returned = [0, 0, 0];
    return rows.flatMap((row): Happening[] => {
      const room =
        row.verb === 'pays'
          ? row.amount
          : row.verb === 'refunds'
            ? paid[row.line]! - returned[row.line]!
            : returned[row.line]!;
      const amount = Math.min(row.amount, room);
      if (amount === 0) return [];
      if (row.verb === 'pays') paid[row.line]! += amount;
      else returned[row.line]! += row.verb === 'refunds' ? amount : -amount;
      return [{ ...row, amount }];
    });
  })
  .filter((rows) => rows.length > 0);

/** Each line is an invoice of its own. */
function tableOf(rows: readonly Happening[]): string {
  let day = 0;
  return rows
    .map(({ verb, later, line, amount }) => {
      day += later;
      const name = lineNames[line]!;
      return `${addDays('2026-01-01', day)} D1 I${name} ${verb} ${name}=${amount}`;
    })
    .join('\n');
}

interface Rules {
  /** Hundredths. */
  readonly rate: bigint;
  readonly cap: bigint | null;
  readonly clawback_days: number | null;
}

function planOf({ rate, cap, clawback_days }: Rules): Deal {
  return {
    version: version({
      components: [{ kind: 'percent', rate: `0.${String(rate).padStart(2, '0')}` }],
      clawback_days,
      ...(cap === null
        ? {}
        : { cap: { per: 'customer', amount: `${cap / 100n}.${String(cap % 100n).padStart(2, '0')}` } }),
    }),
  };
}

/** What each line has earned, from the whole history. */
function model(rows: readonly Happening[], rules: Rules): Map<string, bigint> {
  const order: number[] = [];
  const lines = lineNames.map(() => ({ gross: 0n, counted: 0n, late: 0n, lastPaid: 0 }));
  let day = 0;
  for (const { verb, later, line, amount } of rows) {
    day += later;
    const state = lines[line]!;
    const units = BigInt(amount);
    if (verb === 'pays') {
      state.gross += units;
      state.lastPaid = day;
    } else if (verb === 'refunds') {
      if (rules.clawback_days === null || day <= state.lastPaid + rules.clawback_days) state.counted += units;
      else state.late += units;
    } else {
      const undone = units < state.late ? units : state.late;
      state.late -= undone;
      state.counted -= units - undone;
    }
    if (!order.includes(line) && targetOf(state, rules) !== 0n) order.push(line);
  }
  let room = rules.cap;
  const earned = new Map<string, bigint>();
  for (const line of order) {
    const target = targetOf(lines[line]!, rules);
    const part = room === null || target < room ? target : room;
    if (room !== null) room -= part;
    earned.set(lineNames[line]!, part);
  }
  return earned;
}

function targetOf({ gross, counted }: { gross: bigint; counted: bigint }, { rate }: Rules): bigint {
  return gross === 0n ? 0n : halfEven(halfEven(gross * rate, 100n) * (gross - counted), gross);
}

function halfEven(top: bigint, bottom: bigint): bigint {
  const doubled = 2n * top + bottom;
  const up = doubled / (2n * bottom);
  return doubled % (2n * bottom) === 0n && up % 2n === 1n ? up - 1n : up;
}

const rules = fc.record({
  rate: fc.bigInt({ min: 1n, max: 99n }),
  cap: fc.option(fc.bigInt({ min: 1n, max: 2000n })),
  clawback_days: fc.option(fc.integer({ min: 0, max: 60 })),
});

const earnedOf = (rows: readonly Happening[], deal: Deal) => {
  const earned = new Map<string, bigint>();
  for (const line of rows.length ? balances({ D1: deal }, tableOf(rows)) : []) {
    const [name, , amount] = line.split(' ') as [string, string, string];
    earned.set(name, BigInt(amount));
  }
  return earned;
};

const total = (earned: ReadonlyMap<string, bigint>) => [...earned.values()].reduce((sum, amount) => sum + amount, 0n);

describe('targets over random histories', () => {
  test('equal the model after every event, and only the event at hand changes them', () => {
    fc.assert(
      fc.property(history, rules, (rows, rule) => {
        for (let length = 1; length <= rows.length; length++) {
          const expected = model(rows.slice(0, length), rule);
          const found = earnedOf(rows.slice(0, length), planOf(rule));
          for (const name of lineNames) expect(found.get(name) ?? 0n).toBe(expected.get(name) ?? 0n);
        }
      }),
      { numRuns: 2000 },
    );
  }, 60_000);

  test('entries of a longer history begin with those of the shorter one', () => {
    fc.assert(
      fc.property(history, rules, (rows, rule) => {
        const deals = { D1: planOf(rule) };
        const whole = entries(deals, tableOf(rows));
        const part = entries(deals, tableOf(rows.slice(0, -1)));
        expect(whole.slice(0, part.length)).toEqual(part);
      }),
    );
  });

  test('never more than the cap, never less than nothing, never more taken back than was earned', () => {
    fc.assert(
      fc.property(history, rules, (rows, rule) => {
        for (let length = 1; length <= rows.length; length++) {
          const earned = earnedOf(rows.slice(0, length), planOf(rule));
          if (rule.cap !== null) expect(total(earned) <= rule.cap).toBe(true);
          for (const amount of earned.values()) expect(amount >= 0n).toBe(true);
        }
      }),
    );
  });

  test('everything refunded leaves nothing, in one piece or in many', () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pieces, rules, (amounts, rule) => {
        const deal = planOf({ ...rule, clawback_days: null });
        const sum = amounts.reduce((left, right) => left + right, 0);
        const paid: Happening = { verb: 'pays', later: 0, line: 0, amount: sum };
        const refund = (amount: number): Happening => ({ verb: 'refunds', later: 1, line: 0, amount });
        expect(total(earnedOf([paid, refund(sum)], deal))).toBe(0n);
        expect(total(earnedOf([paid, ...amounts.map(refund)], deal))).toBe(0n);
      }),
    );
  });

  test('instalments earn what one payment earns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 8 }),
        rules,
        (amounts, rule) => {
          const pay = (amount: number): Happening => ({ verb: 'pays', later: 1, line: 0, amount });
          const sum = amounts.reduce((left, right) => left + right, 0);
          expect(total(earnedOf(amounts.map(pay), planOf(rule)))).toBe(total(earnedOf([pay(sum)], planOf(rule))));
        },
      ),
    );
  });

  test('marginal tiers are monotone and continuous: one unit more earns at most the top rate, rounded', () => {
    const tiered: Deal = {
      version: version({
        components: [
          {
            kind: 'percent',
            tiers: {
              mode: 'marginal',
              per: 'lifetime',
              bands: [
                { from: '0', rate: '0.05' },
                { from: '10.00', rate: '0.5' },
                { from: '30.00', rate: '0.1' },
              ],
            },
          },
        ],
      }),
    };
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), (amount) => {
        const pay = (units: number): Happening => ({ verb: 'pays', later: 0, line: 0, amount: units });
        const step = total(earnedOf([pay(amount + 1)], tiered)) - total(earnedOf([pay(amount)], tiered));
        expect(step === 0n || step === 1n).toBe(true);
      }),
    );
  });
});
