import { describe, expect, test } from 'vitest';
import type { Decision } from '../../core/decision.ts';
import { statementDecisions } from '../../core/statement.ts';
import { objectionTo, standingOf } from '../../core/statement-rules.ts';

const statement_id = 'statement:crm:P-1:2026-03:USD';

let sequence = 0n;
function decision(kind: string, changes: Partial<Decision> = {}): Decision {
  sequence += 1n;
  return {
    sequence,
    decision_id: `decision-${sequence}`,
    decided_at: '2026-04-02T00:00:00Z',
    person: 'Dana',
    role: 'finance',
    kind,
    subject_kind: 'statement',
    subject_id: statement_id,
    reason: 'checked',
    detail: {},
    hash: '',
    ...changes,
  };
}

const bound = { detail: { line_count: 2, digest: 'abc' } };
const standing = (...decisions: Decision[]) =>
  standingOf(statementDecisions(decisions, (instant) => Number(instant.slice(8, 10))));

describe('what people decided about a statement', () => {
  test('an approval binds the lines that it saw', () => {
    expect(standing(decision('statement_approve', bound))).toEqual({
      approvals: [{ line_count: 2, digest: 'abc', day: 2, person: 'Dana' }],
      disputes: [],
      resolvers: [],
    });
    expect(standing(decision('statement_approve')).approvals).toEqual([]);
  });

  test('only finance approves; a partner may dispute', () => {
    expect(standing(decision('statement_approve', { ...bound, role: 'partner' })).approvals).toEqual([]);
    expect(standing(decision('statement_dispute', { role: 'partner' })).disputes).toEqual([
      { line_id: null, from_day: 2, to_day: null },
    ]);
  });

  test('a line is resolved by its own resolution or by one of the whole', () => {
    const disputed = decision('statement_dispute', { detail: { line_ids: ['entry-1', 'entry-2'] } });
    const one = decision('statement_resolve', {
      decided_at: '2026-04-05T00:00:00Z',
      detail: { line_ids: ['entry-1'] },
    });
    expect(standing(disputed, one).disputes).toEqual([
      { line_id: 'entry-1', from_day: 2, to_day: 5 },
      { line_id: 'entry-2', from_day: 2, to_day: null },
    ]);
    const all = decision('statement_resolve', { decided_at: '2026-04-06T00:00:00Z' });
    expect(standing(disputed, one, all).disputes.map(({ to_day }) => to_day)).toEqual([5, 6]);
  });

  test('who resolved is not the one who approves: the maker is never the checker', () => {
    const history = [decision('statement_dispute', { role: 'partner', person: 'Pat' }), decision('statement_resolve')];
    expect(standing(...history, decision('statement_approve', bound)).approvals).toEqual([]);
    expect(standing(...history, decision('statement_approve', { ...bound, person: 'Erin' })).approvals).toHaveLength(1);
  });

  test('who approved does not resolve: such a resolution ends no dispute', () => {
    const history = [
      decision('statement_approve', bound),
      decision('statement_dispute', { role: 'partner', person: 'Pat' }),
    ];
    expect(standing(...history, decision('statement_resolve')).disputes).toMatchObject([{ to_day: null }]);
    expect(standing(...history, decision('statement_resolve', { person: 'Erin' })).disputes).toMatchObject([
      { to_day: 2 },
    ]);
  });

  test('a dispute of the whole takes over those of single lines: no line is held twice', () => {
    const line = decision('statement_dispute', { detail: { line_ids: ['entry-1'] } });
    const more = decision('statement_dispute', { detail: { line_ids: ['entry-1', 'entry-2'] } });
    const whole = decision('statement_dispute', { decided_at: '2026-04-05T00:00:00Z' });
    expect(standing(line, more, whole).disputes).toEqual([
      { line_id: 'entry-1', from_day: 2, to_day: 5 },
      { line_id: 'entry-2', from_day: 2, to_day: 5 },
      { line_id: null, from_day: 5, to_day: null },
    ]);
  });

  test('where two people resolved disputes of a statement, a third approves it, and both are told', () => {
    const lines = ['entry-1', 'entry-2'];
    const decided = standing(
      decision('statement_dispute', { role: 'partner', detail: { line_ids: lines } }),
      decision('statement_resolve', { person: 'Dana', detail: { line_ids: lines.slice(0, 1) } }),
      decision('statement_resolve', { person: 'Erin', detail: { line_ids: lines.slice(1) } }),
    );
    const asked = (person: string) => ({ person, line_ids: null, line_count: 2, digest: 'abc' });
    for (const person of ['Dana', 'Erin'])
      expect(objectionTo('statement_approve', asked(person), decided)).toMatchObject({
        message: `${person} resolved a dispute of this statement and cannot approve it`,
        hint: expect.stringMatching(/not Dana, Erin; of two people, one resolves all disputes/),
      });
    expect(objectionTo('statement_approve', asked('Frances'), decided)).toBeUndefined();
  });
});
