// What decisions about a statement amount to, line by line: digests bind, a dispute voids, a later acceptance counts again.
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Decision } from '../../core/decision.ts';
import { digestText, statementDecisions, stateOf } from '../../core/statement.ts';
import { coveredLines, requireAllowed, type StatementAction, standingOfLines } from '../../core/statement-lines.ts';
import { objectionTo, standingOf } from '../../core/statement-rules.ts';

const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');
const lines = [30n, 20n, -5n].map((amount_minor, index) => ({ line_id: `L${index + 1}`, amount_minor }));
const unpaid = { total_minor: 45n, paid_minor: 0n };
const digestUpTo = (count: number) => digestOf(digestText(lines.slice(0, count)));

type Given = { kind: StatementAction; person?: string; role?: string; line_ids?: string[]; line_count?: number };

function decisions(...given: Given[]): Decision[] {
  return given.map(({ kind, person = 'Dana', role, line_ids, line_count = lines.length }, index) => ({
    sequence: BigInt(index + 1),
    decision_id: `decision-${index}`,
    decided_at: '2026-04-02T00:00:00Z',
    person,
    role: role ?? (kind === 'accept' ? 'partner' : 'finance'),
    kind: `statement_${kind}`,
    subject_kind: 'statement',
    subject_id: 'S',
    reason: '',
    detail: {
      ...(kind === 'approve' || kind === 'accept' ? { line_count, digest: digestUpTo(line_count) } : {}),
      ...(line_ids ? { line_ids } : {}),
    },
    hash: '',
  }));
}

const standing = (...given: Given[]) => standingOfLines({ lines, decisions: decisions(...given), digestOf });
const shown = (...given: Given[]) =>
  standing(...given)
    .lines.map(({ state, is_accepted }) => `${state}${is_accepted ? '+' : ''}`)
    .join(' ');

describe('how lines stand', () => {
  test.each<[string, Given[]]>([
    ['open open open', []],
    ['approved approved approved', [{ kind: 'approve' }]],
    ['approved approved open', [{ kind: 'approve', line_count: 2 }]],
    ['open open open', [{ kind: 'approve', role: 'partner' }]],
    ['open disputed open', [{ kind: 'dispute', line_ids: ['L2'] }]],
    ['disputed disputed disputed', [{ kind: 'dispute' }]],
    ['approved disputed approved', [{ kind: 'approve' }, { kind: 'dispute', line_ids: ['L2'] }]],
    ['open open open', [{ kind: 'dispute' }, { kind: 'resolve' }]],
    [
      'disputed open disputed',
      [
        { kind: 'dispute', line_ids: ['L1', 'L2', 'L3'] },
        { kind: 'resolve', line_ids: ['L2'] },
      ],
    ],
    // who resolved is not who approves
    ['open open open', [{ kind: 'dispute' }, { kind: 'resolve' }, { kind: 'approve' }]],
    ['approved approved approved', [{ kind: 'dispute' }, { kind: 'resolve' }, { kind: 'approve', person: 'Erin' }]],
    // nor after another one has resolved something, too
    [
      'open open open',
      [
        { kind: 'dispute', line_ids: ['L1'] },
        { kind: 'resolve' },
        { kind: 'dispute', line_ids: ['L2'] },
        { kind: 'resolve', person: 'Erin' },
        { kind: 'approve' },
      ],
    ],
    // who approved is not who resolves
    ['disputed disputed disputed', [{ kind: 'approve' }, { kind: 'dispute' }, { kind: 'resolve' }]],
    ['approved approved approved', [{ kind: 'approve' }, { kind: 'dispute' }, { kind: 'resolve', person: 'Erin' }]],
    // nothing is approved while the whole is in dispute, and no single line of it is resolved
    ['open open open', [{ kind: 'dispute' }, { kind: 'approve' }, { kind: 'resolve', person: 'Erin' }]],
    ['disputed disputed disputed', [{ kind: 'dispute' }, { kind: 'resolve', line_ids: ['L2'] }]],
    // a line in dispute is in dispute once
    [
      'open open open',
      [{ kind: 'dispute', line_ids: ['L1'] }, { kind: 'dispute', line_ids: ['L1', 'L2'] }, { kind: 'resolve' }],
    ],
    ['open+ open+ open+', [{ kind: 'accept' }]],
    ['open+ open open', [{ kind: 'accept', line_ids: ['L1'] }]],
    ['open+ open+ open', [{ kind: 'accept', line_count: 2 }]],
    ['open open open', [{ kind: 'accept', role: 'finance' }]],
    ['open+ disputed open+', [{ kind: 'accept' }, { kind: 'dispute', line_ids: ['L2'] }]],
    ['open+ open open+', [{ kind: 'accept' }, { kind: 'dispute', line_ids: ['L2'] }, { kind: 'resolve' }]],
    ['open open+ open', [{ kind: 'dispute' }, { kind: 'resolve' }, { kind: 'accept', line_ids: ['L2'] }]],
  ])('%s', (expected, given) => {
    expect(shown(...given)).toBe(expected);
  });

  test('a digest of other lines binds nothing', () => {
    const [approval] = decisions({ kind: 'approve' });
    const other = [{ ...lines[0]!, amount_minor: 31n }, ...lines.slice(1)];
    expect(standingOfLines({ lines: other, decisions: [approval!], digestOf }).lines.map(({ state }) => state)).toEqual(
      ['open', 'open', 'open'],
    );
  });

  test('the state: disputed before draft before approved before paid', () => {
    const money = (paid_minor: bigint) => ({ total_minor: 45n, paid_minor });
    expect(stateOf(standing({ kind: 'approve' }).lines, money(0n))).toBe('approved');
    expect(stateOf(standing({ kind: 'approve' }).lines, money(45n))).toBe('paid');
    expect(stateOf(standing({ kind: 'approve', line_count: 1 }).lines, money(45n))).toBe('draft');
    expect(stateOf(standing({ kind: 'dispute', line_ids: ['L3'] }).lines, money(45n))).toBe('disputed');
    expect(stateOf(standing({ kind: 'approve' }).lines, { total_minor: -5n, paid_minor: 0n })).toBe('approved');
  });
});

test('of how many lines a digest is: as many as there were', () => {
  const seen = { statement_id: 'S', lines, ...unpaid, digestOf };
  for (const count of [1, 2, 3]) expect(coveredLines(seen, digestUpTo(count))).toBe(count);
  expect(coveredLines(seen, digestOf('other'))).toBeNull();
});

const step = fc.record({
  kind: fc.constantFrom<StatementAction>('approve', 'dispute', 'resolve', 'accept'),
  person: fc.constantFrom('Ana', 'Bo', 'Cy'),
  line_ids: fc.option(fc.subarray(['L1', 'L2', 'L3'], { minLength: 1 }), { nil: undefined }),
});

test('whatever is allowed, in any order: a resolved dispute was never released by one person alone', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (wanted) => {
      const taken: Given[] = [];
      for (const { kind, person, line_ids } of wanted) {
        const named = kind === 'approve' ? undefined : line_ids;
        const next: Given = { kind, person, ...(named ? { line_ids: named } : {}) };
        const request = { action: kind, person, line_ids: named ?? null, digest: digestUpTo(3) };
        const about = decisions(...taken);
        try {
          requireAllowed({ statement_id: 'S', lines, ...unpaid, digestOf }, request, about);
        } catch {
          continue;
        }
        const before = standing(...taken);
        taken.push(next);
        const now = standing(...taken);
        const released = now.lines.filter(
          ({ state }, index) => state === 'approved' && before.lines[index]!.state !== 'approved',
        );
        if (released.length > 0) expect(now.resolved_by).not.toContain(now.approved_by);
        // What was allowed did something: every decision changes how the statement stands.
        expect(now).not.toEqual(before);
      }
    }),
    { numRuns: 400 },
  );
});

test('whatever is in the books: what the engine leaves out is what people are refused', () => {
  const fold = (given: readonly Given[]) => standingOf(statementDecisions(decisions(...given), () => 0));
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (given) => {
      for (const [index, { kind, person, line_ids = null }] of given.entries()) {
        if (kind === 'accept') continue;
        const before = fold(given.slice(0, index) as Given[]);
        const asked = { person, line_ids, line_count: 3, digest: digestUpTo(3) };
        const objection = objectionTo(`statement_${kind}`, asked, before);
        const request = { action: kind, person, line_ids, digest: digestUpTo(3) };
        const seen = { statement_id: 'S', lines, ...unpaid, digestOf };
        const take = () => requireAllowed(seen, request, decisions(...(given.slice(0, index) as Given[])));
        if (objection) expect(take).toThrow(objection.message);
        expect(JSON.stringify(fold(given.slice(0, index + 1) as Given[])) === JSON.stringify(before)).toBe(
          objection !== undefined,
        );
        for (const { line_id } of lines) {
          const holds = before.disputes.filter((one) => one.to_day === null && [null, line_id].includes(one.line_id));
          expect(holds.length).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 400 },
  );
});
