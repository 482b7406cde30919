import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { releaseSteps } from '../../../attribution/commission/settlement/release.ts';
import { excessOf, type Settlement, settlePartner } from '../../../attribution/commission/settlement/settlement.ts';
import { dateOfDay, dayNumber } from '../../../core/month.ts';
import { rowsOf } from './history.ts';

const transfers = (table: string) =>
  settlePartner(
    rowsOf(table).map((row, index): Settlement => {
      const [date, kind, amount] = row.split(/\s+/) as [string, Settlement['kind'], string];
      return { kind, id: String(index), day: dayNumber(date), amount_minor: BigInt(amount) };
    }),
  );

/** `2026-01-10 release 100` or `2026-01-10 payout 100`; gives `2026-01-10 release accrued→payable 100`. */
function settle(table: string): string[] {
  return transfers(table).map(
    ({ movement, from, to, amount_minor }) =>
      `${dateOfDay(movement.day)} ${movement.kind} ${from}→${to} ${amount_minor}`,
  );
}

describe('releases and payouts', () => {
  test('what is due is paid out', () => {
    expect(
      settle(
        `2026-01-10 release 100
         2026-01-20 payout  100`,
      ),
    ).toEqual(['2026-01-10 release accrued→payable 100', '2026-01-20 payout payable→cash 100']);
  });

  test('a payout above payable makes recoverable (fine-print 29), which the next release fills first', () => {
    expect(
      settle(
        `2026-01-10 release 40
         2026-01-20 payout  100
         2026-02-10 release 80`,
      ),
    ).toEqual([
      '2026-01-10 release accrued→payable 40',
      '2026-01-20 payout payable→cash 40',
      '2026-01-20 payout recoverable→cash 60',
      '2026-02-10 release accrued→payable 20',
      '2026-02-10 release accrued→recoverable 60',
    ]);
  });

  test('earned 20, clawback 100 after payout: 80 to recover, paid again only above it (PartnerStack)', () => {
    const earned = `2026-01-01 release 100
                    2026-01-02 payout  100
                    2026-01-10 release 20
                    2026-01-11 release -100`;
    expect(balanceAfter(earned)).toBe(-80n);
    expect(settle(`${earned}\n2026-02-01 release 90`).at(-2)).toBe('2026-02-01 release accrued→payable 10');
  });

  test('of each payout what is recoverable still: the oldest is filled first, what was taken back is nobody’s excess', () => {
    const paid = `2026-01-10 payout  100
                  2026-01-20 payout  50`;
    const left = (table: string) => [...excessOf(transfers(`${paid}\n${table}`))].map(([id, sum]) => `${id} ${sum}`);
    expect(left('2026-02-01 release 70')).toEqual(['0 30', '1 50']);
    expect(left('2026-02-01 release 120')).toEqual(['1 30']);
    expect(left('2026-02-01 release 150')).toEqual([]);
    expect(left('2026-02-01 release 150\n2026-02-02 release -60')).toEqual([]);
  });

  test('on one day releases come before payouts', () => {
    expect(
      settle(
        `2026-01-10 payout  100
         2026-01-10 release 100`,
      ),
    ).toEqual(['2026-01-10 release accrued→payable 100', '2026-01-10 payout payable→cash 100']);
  });

  test('any order of arrival gives the same transfers; nobody is owed and owing at once', () => {
    const movement = fc.record({
      kind: fc.constantFrom('release' as const, 'payout' as const),
      day: fc.integer({ min: 0, max: 20 }),
      amount_minor: fc.bigInt({ min: -1000n, max: 1000n }).filter((amount) => amount !== 0n),
    });
    fc.assert(
      fc.property(fc.array(movement, { maxLength: 30 }), fc.func(fc.integer()), (rows, rank) => {
        const movements = rows.map((row, index) => ({ ...row, id: String(index).padStart(3, '0') }));
        const shuffled = [...movements].sort((left, right) => rank(left.id) - rank(right.id));
        const transfers = settlePartner(movements);
        expect(settlePartner(shuffled)).toEqual(transfers);
        const balance = { payable: 0n, recoverable: 0n };
        for (const { from, to, amount_minor } of transfers) {
          if (to === 'payable') balance.payable += amount_minor;
          if (from === 'payable') balance.payable -= amount_minor;
          if (to === 'recoverable') balance.recoverable -= amount_minor;
          if (from === 'recoverable') balance.recoverable += amount_minor;
        }
        expect(balance.payable === 0n || balance.recoverable === 0n).toBe(true);
        expect(balance.payable >= 0n && balance.recoverable >= 0n).toBe(true);
        const due = movements.reduce(
          (sum, { kind, amount_minor }) => (kind === 'release' ? sum + amount_minor : sum - amount_minor),
          0n,
        );
        expect(balance.payable - balance.recoverable).toBe(due);
      }),
    );
  });
});

function balanceAfter(table: string): bigint {
  return settle(table).reduce((sum, line) => {
    const [, , accounts, amount] = line.split(' ') as [string, string, string, string];
    return accounts.startsWith('accrued') ? sum + BigInt(amount) : sum - BigInt(amount);
  }, 0n);
}

/** `2026-01-10 earned 100`: earned, clawed (positive), approved, disputed, undisputed. */
function due(table: string) {
  const parts = { earned: [], clawed: [], approved: [], disputed: [] } as Record<
    string,
    { day: number; amount_minor: bigint }[]
  >;
  for (const row of rowsOf(table)) {
    const [date, part, amount] = row.split(/\s+/) as [string, string, string];
    const sign = part === 'clawed' ? -1n : 1n;
    parts[part]!.push({ day: dayNumber(date), amount_minor: sign * BigInt(amount) });
  }
  const { releases, disputes } = releaseSteps(parts as unknown as Parameters<typeof releaseSteps>[0]);
  const show = (name: string) => (step: { day: number; amount_minor: bigint }) =>
    `${dateOfDay(step.day)} ${name} ${step.amount_minor}`;
  return [...releases.map(show('release')), ...disputes.map(show('dispute'))];
}

describe('what becomes due', () => {
  test('nothing before the approval', () => {
    expect(due('2026-01-10 earned 100')).toEqual([]);
  });

  test('what is approved and past its hold', () => {
    expect(
      due(
        `2026-01-10 earned   100
         2026-02-20 approved 100`,
      ),
    ).toEqual(['2026-02-20 release 100']);
  });

  test('a refund before the release lowers it; a refund after the release is taken back', () => {
    const before = due(
      `2026-01-10 earned   100
       2026-01-20 clawed   30
       2026-02-20 approved 100`,
    );
    const after = due(
      `2026-01-10 earned   100
       2026-02-20 approved 100
       2026-03-01 clawed   30`,
    );
    expect(before).toEqual(['2026-02-20 release 70']);
    expect(after).toEqual(['2026-02-20 release 100', '2026-03-01 release -30']);
  });

  test('a clawback first takes what still waits', () => {
    expect(
      due(
        `2026-01-10 earned   100
         2026-02-10 earned   100
         2026-02-20 approved 100
         2026-03-01 clawed   130
         2026-04-01 approved 100`,
      ),
    ).toEqual(['2026-02-20 release 100', '2026-03-01 release -30']);
  });

  test('a dispute holds what waits, and lets go', () => {
    expect(
      due(
        `2026-01-10 earned   100
         2026-01-15 disputed 100
         2026-02-15 disputed -100
         2026-02-20 approved 100`,
      ),
    ).toEqual(['2026-02-20 release 100', '2026-01-15 dispute 100', '2026-02-15 dispute -100']);
  });

  test('a dispute of what lowers the commission holds nothing', () => {
    expect(
      due(
        `2026-01-10 earned   100
         2026-01-10 earned   -50
         2026-01-15 disputed -50`,
      ),
    ).toEqual([]);
  });

  test('a discount line that is approved alone makes nobody a debtor', () => {
    expect(
      due(
        `2026-01-10 earned   100
         2026-01-10 earned   -20
         2026-02-20 approved -20
         2026-03-20 approved 100`,
      ),
    ).toEqual(['2026-03-20 release 80']);
  });

  test('a dispute never holds more than there is', () => {
    expect(
      due(
        `2026-01-10 earned   100
         2026-01-12 clawed   80
         2026-01-15 disputed 100`,
      ),
    ).toEqual(['2026-01-15 dispute 20']);
  });

  test('what is not due and what is due add up to what was earned, whatever happened', () => {
    const dated = fc.record({ day: fc.integer({ min: 0, max: 9 }), amount_minor: fc.bigInt({ min: 1n, max: 500n }) });
    fc.assert(
      fc.property(fc.array(dated), fc.array(dated), (earned, clawed) => {
        const taken = clawed.map(({ day, amount_minor }) => ({ day, amount_minor: -amount_minor }));
        const approved = earned.map((one) => ({ ...one, day: one.day + 2 }));
        const { releases } = releaseSteps({ earned, clawed: taken, approved, disputed: [] });
        const sum = (rows: readonly { amount_minor: bigint }[]) =>
          rows.reduce((total, row) => total + row.amount_minor, 0n);
        expect(sum(releases)).toBe(sum(earned) + sum(taken));
      }),
    );
  });
});
