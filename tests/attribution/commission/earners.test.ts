import { describe, expect, test } from 'vitest';
import type { Decision } from '../../../attribution/commission/books-port.ts';
import { type DealPart, earnersOf, type Lock } from '../../../attribution/commission/earners/earners.ts';
import { overridesInForce, overridesOf } from '../../../attribution/commission/earners/overrides.ts';
import { fraction } from '../../../attribution/commission/fraction.ts';
import {
  type Agreement,
  eligibilityEnd,
  overlapOf,
  type PartnerTerms,
  planBook,
  planFor,
} from '../../../attribution/commission/plans/plan.ts';
import { dateOfDay, dayNumber } from '../../../core/month.ts';
import { plan } from '../../../core/programme.ts';

const percent = (rate: string) => [{ kind: 'percent', rate }];
const book = planBook(
  [
    { plan: 'refer', starts_on: '2025-01-01', currency: 'USD', components: percent('0.20') },
    { plan: 'refer', starts_on: '2026-01-01', currency: 'USD', components: percent('0.15') },
    {
      plan: 'pool',
      starts_on: '2025-01-01',
      currency: 'USD',
      components: percent('0.10'),
      earns_on: { sourced: true, influenced: { share: '0.50' } },
    },
    { plan: 'late', starts_on: '2025-01-01', currency: 'USD', components: percent('0.20'), rate_locked_at: 'payment' },
    {
      plan: 'late',
      starts_on: '2026-01-01',
      currency: 'USD',
      components: percent('0.15'),
      rate_locked_at: 'payment',
      trigger: 'invoiced',
    },
  ].map((one) => plan.parse(one)),
);
const [first, second] = book.get('refer')!;

const agreement = (changes: Partial<Agreement> = {}): Agreement => ({
  agreement_id: 'AG-1',
  plan: 'pool',
  starts_day: dayNumber('2025-06-01'),
  ends_day: dayNumber('2025-12-31'),
  ...changes,
});
const terms = (changes: Partial<PartnerTerms> = {}): PartnerTerms => ({
  partner_id: 'P',
  is_margin: false,
  default_plan: 'refer',
  agreements: [],
  ...changes,
});
const part = (changes: Partial<DealPart> = {}): DealPart => ({
  deal: 1,
  party: 10,
  role: 'sourced',
  customer: 5,
  close_day: dayNumber('2025-12-31'),
  has_ended: false,
  is_self_referral: false,
  is_reseller: false,
  ...changes,
});

describe('the plan that rules a deal', () => {
  test.each([
    ['agreement in force, its end included', '2025-12-31', 'pool 2025-01-01'],
    ['default plan after it', '2026-01-01', 'refer 2026-01-01'],
    ['default plan before it', '2025-05-31', 'refer 2025-01-01'],
    ['no version yet', '2024-12-31', 'no_plan_version'],
  ])('%s', (_, close, expected) => {
    const decision = planFor(part({ close_day: dayNumber(close) }), terms({ agreements: [agreement()] }), book);
    expect(decision.reason ?? `${decision.version!.plan} ${decision.version!.starts_on}`).toBe(expected);
  });

  test.each([
    ['reseller_margin', {}, { is_margin: true }],
    ['reseller_margin', { is_reseller: true, has_ended: true }, {}],
    ['partner_ended', { has_ended: true }, {}],
    ['self_referral', { is_self_referral: true }, {}],
    ['no_agreement', {}, { default_plan: null }],
    ['unknown_plan', {}, { default_plan: 'gone' }],
    ['plan_does_not_earn_on_this', { role: 'influenced' as const }, {}],
  ])('zero: %s', (reason, facts, about) => {
    expect(planFor(part(facts), terms(about), book)).toEqual({ reason });
  });

  test('overlapping agreements are found, touching ones are not', () => {
    const next = agreement({ agreement_id: 'AG-2', starts_day: dayNumber('2026-01-01'), ends_day: null });
    expect(overlapOf([next, agreement()])).toBeUndefined();
    const overlap = overlapOf([agreement({ ends_day: null }), next]);
    expect(overlap?.map(({ agreement_id }) => agreement_id)).toEqual(['AG-1', 'AG-2']);
  });

  test('an agreement that ends before it starts overlaps with none', () => {
    const { starts_day } = agreement();
    const withdrawn = agreement({ agreement_id: 'AG-3', starts_day: starts_day + 1, ends_day: starts_day });
    expect(overlapOf([agreement({ ends_day: null }), withdrawn])).toBeUndefined();
  });

  test('months end on the same day number or the last of the month', () => {
    expect(dateOfDay(eligibilityEnd(dayNumber('2026-01-31'), 1))).toBe('2026-02-28');
    expect(dateOfDay(eligibilityEnd(dayNumber('2026-01-15'), 12))).toBe('2027-01-15');
  });
});

describe('who earns on a deal', () => {
  const decide = (parts: DealPart[], locks: Lock[] = [], override?: DealPart, about: Partial<PartnerTerms> = {}) =>
    earnersOf({ parts, locks, override }, () => terms(about), book);
  const pooled = { default_plan: 'pool' };
  const lock = (changes: Partial<Lock> = {}): Lock => ({
    deal: 1,
    party: 10,
    role: 'sourced',
    customer: 5,
    close_day: dayNumber('2025-12-31'),
    version: first!,
    pool_size: null,
    is_by_override: false,
    ...changes,
  });

  test('the pool divides by all that influence, with or without a plan', () => {
    const parts = [part({ party: 11, role: 'influenced' }), part({ party: 12, role: 'influenced', has_ended: true })];
    const { earning, zero } = decide(parts, [], undefined, pooled);
    expect(earning).toMatchObject([{ party: 11, share: fraction(1n, 4n), pool_size: 2 }]);
    expect(zero).toMatchObject([{ party: 12, reason: 'partner_ended' }]);
  });

  test('what the first entry locked stays, and contrary evidence is listed', () => {
    const { earning, zero, changes } = decide([part({ party: 20 })], [lock()]);
    expect(earning).toMatchObject([{ party: 10, version: first }]);
    expect(zero).toMatchObject([{ party: 20, reason: 'sourcing_locked' }]);
    expect(changes).toEqual([
      { deal: 1, locked_party: 10, evidence_party: 20, detail: 'another partner sourced the deal' },
    ]);
  });

  test('evidence that vanished, or another plan version, changes nothing either', () => {
    expect(decide([], [lock()]).changes).toMatchObject([
      { evidence_party: -1, detail: 'no partner sourced the deal any more' },
    ]);
    const other = decide([part()], [lock({ version: second! })]);
    expect(other.earning).toMatchObject([{ version: second }]);
    expect(other.changes).toMatchObject([{ detail: 'another plan version applies' }]);
    const ended = decide([part({ has_ended: true })], [lock()]);
    expect(ended.earning).toMatchObject([{ version: first }]);
    expect(ended.changes).toMatchObject([{ detail: 'no plan pays for it any more' }]);
  });

  test('an approved override moves the pay; one that confirms the lock silences the exception', () => {
    const moved = decide([part()], [lock()], part({ party: 20 }));
    expect(moved.earning).toMatchObject([{ party: 20 }]);
    expect(moved.changes).toEqual([]);
    const confirmed = decide([part({ party: 20 })], [lock()], part({ party: 10 }));
    expect(confirmed.earning).toMatchObject([{ party: 10 }]);
    expect(confirmed.changes).toEqual([]);
  });

  test('once an override is revoked, the first lock of evidence stands; without one, the evidence decides', () => {
    const moved = lock({ party: 5, is_by_override: true });
    expect(decide([part()], [lock(), moved]).earning).toMatchObject([{ party: 10 }]);
    const free = decide([part({ party: 20 })], [moved]);
    expect(free.earning).toMatchObject([{ party: 20 }]);
    expect(free.changes).toEqual([]);
  });

  test('a plan version that was paid under an override stays while the override is in force', () => {
    const moved = lock({ party: 20, version: second!, is_by_override: true });
    expect(decide([part()], [lock(), moved], part({ party: 20 })).earning).toMatchObject([
      { party: 20, version: second },
    ]);
  });

  test('a pool that was paid keeps its size: later partners get nothing, gone ones keep theirs', () => {
    const version = book.get('pool')![0]!;
    const locks = [lock({ party: 11, role: 'influenced', version, pool_size: 1 })];
    const joined = decide(
      [part({ party: 11, role: 'influenced' }), part({ party: 12, role: 'influenced' })],
      locks,
      undefined,
      pooled,
    );
    expect(joined.earning).toMatchObject([{ party: 11, share: fraction(1n, 2n), pool_size: 1 }]);
    expect(joined.zero).toMatchObject([{ party: 12, reason: 'pool_locked' }]);
    expect(decide([], locks).changes).toMatchObject([{ locked_party: 11, detail: 'the influence is gone' }]);
  });

  test('a paid pool never grows: in the place of a partner that keeps its share nobody comes', () => {
    const locks = [lock({ party: 11, role: 'influenced', version: book.get('pool')![0]!, pool_size: 2 })];
    const influenced = [12, 13].map((party) => part({ party, role: 'influenced' }));
    const swapped = decide(influenced, locks, undefined, pooled);
    expect(swapped.earning).toMatchObject([{ party: 11, share: fraction(1n, 4n) }]);
    expect(swapped.zero).toMatchObject([
      { party: 12, reason: 'pool_locked' },
      { party: 13, reason: 'pool_locked' },
    ]);
    const waiting = decide(influenced.slice(0, 1), locks, undefined, pooled);
    expect(waiting.earning).toMatchObject([{ party: 11 }, { party: 12, share: fraction(1n, 4n) }]);
  });

  test('nobody is paid as sourcing partner and from the pool: the pay of the pool stays until an override moves it', () => {
    const locks = [lock({ party: 11, role: 'influenced', version: book.get('pool')![0]!, pool_size: 2 })];
    const late = decide([part({ party: 11 })], locks, undefined, pooled);
    expect(late.earning).toMatchObject([{ party: 11, role: 'influenced' }]);
    expect(late.zero).toMatchObject([{ party: 11, role: 'sourced', reason: 'influence_locked' }]);
    expect(late.changes).toMatchObject([{ locked_party: 11, detail: 'only for its influence: it sourced the deal' }]);
    const moved = decide([part({ party: 11 })], locks, part({ party: 11 }), pooled);
    expect(moved.earning).toMatchObject([{ party: 11, role: 'sourced' }]);
    expect(moved.changes).toEqual([]);
  });

  test('where the rate locks at the payment, the version at the close still decides who earns', () => {
    const [closing, paying] = book.get('late')!;
    const { earning, changes } = decide([part()], [lock({ version: paying! })], undefined, { default_plan: 'late' });
    expect(earning).toMatchObject([{ version: closing }]);
    expect(changes).toEqual([]);
  });
});

describe('overrides', () => {
  const decision = (changes: Partial<Decision>): Decision => ({
    sequence: 1n,
    decision_id: 'decision-1',
    decided_at: '2026-01-01T00:00:00Z',
    person: 'Dana',
    role: 'revops',
    kind: 'override_add',
    subject_kind: 'deal',
    subject_id: 'crm:D-1',
    reason: 'agreed in writing',
    detail: { kind: 'deal_sourcing', object_id: 'crm:P-2' },
    hash: '',
    ...changes,
  });
  const approve = (changes: Partial<Decision> = {}) =>
    decision({
      decision_id: 'decision-2',
      kind: 'override_approve',
      subject_id: 'decision-1',
      person: 'Erin',
      ...changes,
    });

  test('count when a second person approved them and nobody revoked them', () => {
    expect(overridesInForce([decision({}), approve()])).toMatchObject([
      { subject_id: 'crm:D-1', object_id: 'crm:P-2', maker: 'Dana', checker: 'Erin' },
    ]);
    const stateOf = (...decisions: Decision[]) => overridesOf(decisions).map(({ state }) => state);
    expect(stateOf(decision({}))).toEqual(['proposed']);
    expect(stateOf(decision({}), approve({ person: 'Dana' }))).toEqual(['proposed']);
    expect(stateOf(decision({}), approve(), approve({ kind: 'override_revoke' }))).toEqual(['revoked']);
  });

  test('of two for one subject the one approved last stands; when it is revoked, the other does again', () => {
    const second = decision({ decision_id: 'decision-3', detail: { kind: 'deal_sourcing', object_id: 'crm:P-3' } });
    const [first_approval, second_approval] = [2n, 3n].map((sequence) => approve({ sequence }));
    const both = [decision({}), second, { ...second_approval!, subject_id: 'decision-3', sequence: 2n }];
    const all = [...both, { ...first_approval!, sequence: 3n }];
    const standing = (decisions: Decision[]) => overridesInForce(decisions).map(({ object_id }) => object_id);
    expect(standing(both)).toEqual(['crm:P-3']);
    expect(standing(all)).toEqual(['crm:P-2']);
    expect(standing([...all, approve({ kind: 'override_revoke' })])).toEqual(['crm:P-3']);
  });
});
