import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventEarnings, heldOf } from '../../../attribution/commission/settlement/holds.ts';
import type { Dated } from '../../../attribution/commission/settlement/release.ts';

const nothing: EventEarnings = { earned: [], approved: [], line_disputes: [], payer_disputes: [] };
const earned = [{ day: 1, amount_minor: 100n }];
const lines = [
  { entry_id: 'A', amount_minor: 60n },
  { entry_id: 'B', amount_minor: 40n },
] as const;
const approved = lines.map((line) => ({ ...line, day: 2 }));

const steps = (dated: readonly Dated[]) => dated.map(({ day, amount_minor }) => `${day}: ${amount_minor}`);
const held = (event: Partial<EventEarnings>) => {
  const found = heldOf({ ...nothing, earned, approved, ...event });
  return { approved: steps(found.approved), disputed: steps(found.disputed) };
};

describe('what disputes hold of an event', () => {
  test('without a dispute everything approved is free', () => {
    expect(held({})).toEqual({ approved: ['2: 100'], disputed: [] });
  });

  test('a disputed line is held whole, until it is resolved', () => {
    expect(held({ line_disputes: [{ ...lines[0], from_day: 3, to_day: 5 }] })).toEqual({
      approved: ['2: 100', '3: -60', '5: 60'],
      disputed: ['3: 60', '5: -60'],
    });
  });

  test("a payer's dispute holds its share of the payment (fine-print 20)", () => {
    const dispute = { from_day: 3, to_day: 5, disputed_minor: 250n, paid_minor: 1000n };
    expect(held({ payer_disputes: [dispute] })).toEqual({
      approved: ['2: 100', '3: -25', '5: 25'],
      disputed: ['3: 25', '5: -25'],
    });
  });

  test('the share is rounded half-even (domain.md §1)', () => {
    const held_minor = (disputed_minor: bigint) =>
      held({ payer_disputes: [{ from_day: 3, to_day: null, disputed_minor, paid_minor: 1000n }] }).disputed;
    expect([255n, 256n, 265n].map(held_minor)).toEqual([['3: 26'], ['3: 26'], ['3: 26']]);
  });

  test("of what a line's dispute leaves, the payer's takes its share", () => {
    expect(
      held({
        line_disputes: [{ ...lines[0], from_day: 3, to_day: null }],
        payer_disputes: [{ from_day: 4, to_day: null, disputed_minor: 500n, paid_minor: 1000n }],
      }),
    ).toEqual({ approved: ['2: 100', '3: -60', '4: -20'], disputed: ['3: 60', '4: 20'] });
  });

  test('two disputes of one payment hold no more than there is', () => {
    const dispute = { to_day: null, disputed_minor: 700n, paid_minor: 1000n };
    const payer_disputes = [
      { ...dispute, from_day: 3 },
      { ...dispute, from_day: 4 },
    ];
    expect(held({ payer_disputes })).toEqual({
      approved: ['2: 100', '3: -70', '4: -30'],
      disputed: ['3: 70', '4: 30'],
    });
  });

  test('held and free make the whole on every day, whatever disputes meet (1,000 runs)', () => {
    const span = fc.record({
      from_day: fc.integer({ min: 2, max: 12 }),
      days: fc.option(fc.integer({ min: 0, max: 9 })),
    });
    const spanOf = ({ from_day, days }: { from_day: number; days: number | null }) => ({
      from_day,
      to_day: days === null ? null : from_day + days,
    });
    const line = fc.record({
      amount_minor: fc.bigInt({ min: 0n, max: 9999n }),
      dispute: fc.option(span),
    });
    const payer = fc.record({ span, disputed_minor: fc.bigInt({ min: 1n, max: 1000n }) });
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 4 }),
        fc.array(payer, { maxLength: 3 }),
        (drawn, payers) => {
          const posted = drawn.map(({ amount_minor }, index) => ({ entry_id: String(index), amount_minor }));
          const total = posted.reduce((sum, { amount_minor }) => sum + amount_minor, 0n);
          const found = heldOf({
            earned: [{ day: 1, amount_minor: total }],
            approved: posted.map((row) => ({ ...row, day: 1 })),
            line_disputes: drawn.flatMap(({ dispute }, index) =>
              dispute ? [{ ...posted[index]!, ...spanOf(dispute) }] : [],
            ),
            payer_disputes: payers.map((one) => ({
              ...spanOf(one.span),
              disputed_minor: one.disputed_minor,
              paid_minor: 1000n,
            })),
          });
          for (let day = 1; day < 25; day++) {
            const on = (dated: readonly Dated[]) =>
              dated.reduce((sum, row) => (row.day <= day ? sum + row.amount_minor : sum), 0n);
            expect(on(found.approved) + on(found.disputed)).toBe(total);
            expect(on(found.disputed)).toBeGreaterThanOrEqual(0n);
            expect(on(found.approved)).toBeGreaterThanOrEqual(0n);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
