// What the sandbox's people decide about statements: in time for the payouts, in order, and never maker and checker in one.
import { describe, expect, test } from 'vitest';
import { decideStatements } from '../../sandbox/decisions.ts';

const months = Array.from({ length: 24 }, (_, index) => {
  const month = 10 + index;
  return `${2024 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`;
});
const ids = months.flatMap((month) =>
  ['P-101', 'P-102', 'P-103', 'P-104'].map((partner) => `statement:sheets:${partner}:${month}:USD`),
);
const decisions = decideStatements(ids);

describe('decisions of the sandbox company', () => {
  test('every statement before the last complete month is approved before the middle of its next month', () => {
    for (const id of ids.filter((each) => !each.includes(':2026-10:'))) {
      const approved = decisions.find((each) => each.statement_id === id && each.kind === 'statement_approve');
      const [year, month] = id.split(':')[3]!.split('-').map(Number);
      expect(Date.parse(approved!.decided_at), id).toBeGreaterThan(Date.UTC(year!, month!, 1));
      expect(Date.parse(approved!.decided_at), id).toBeLessThan(Date.UTC(year!, month!, 15));
    }
  });

  test('the last complete month waits', () => {
    const last = decisions.filter((each) => each.statement_id.includes(':2026-10:'));
    expect(last.filter((each) => each.kind !== 'statement_dispute')).toEqual([]);
  });

  test('a questioned statement is answered by one person and approved by another', () => {
    const disputed = decisions.filter((each) => each.kind === 'statement_dispute');
    expect(disputed.length).toBeGreaterThan(1);
    for (const { statement_id } of disputed) {
      const own = decisions.filter((each) => each.statement_id === statement_id);
      expect(own.map((each) => each.kind)).toEqual(['statement_dispute', 'statement_resolve', 'statement_approve']);
      expect(own[1]!.person).not.toBe(own[2]!.person);
    }
  });

  test('order of the statements does not matter; nothing lies after the business clock', () => {
    expect(decideStatements([...ids].reverse())).toEqual(decisions);
    const earlier = decideStatements(ids, { asOf: '2025-06-02T06:00:00Z' });
    expect(earlier.length).toBeGreaterThan(0);
    for (const each of earlier) expect(each.decided_at < '2025-06-02T06:00:00Z').toBe(true);
  });
});
