// Invariants of evidence and credit (invariants.md) on a thousand random accounts at once, each a sample of its own.
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { methodNames } from '../../attribution/methods/registry.ts';
import { lossReasons } from '../../attribution/sourcing.ts';
import {
  attribute,
  type Company,
  configOf,
  type DealRecord,
  type LeadRecord,
  type Outcome,
  type RegistrationRecord,
  type TouchRecord,
} from './company.ts';

const ACCOUNTS = 1000;
const partners = [
  { id: 'P1', domain: 'p1.example' },
  { id: 'P2', domain: 'buyer.example' },
  { id: 'P3', motion: 'co_sell', ended_at: '2026-02-10' },
  { id: 'P4', motion: 'reseller' },
];
const config = withWindows({ lookback_days: 60, window_days: 30, reseller_window_days: 10 });

function withWindows(days: { lookback_days: number; window_days: number; reseller_window_days: number }) {
  return configOf({
    attribution: {
      methods: [...methodNames],
      custom: { weights: { meeting: 2, email: 1, lead: 5, registration: 1 } },
      lookback_days: days.lookback_days,
      sourcing: [
        { rule: 'deal_registration', protection_days: 30, grace_days: 1 },
        { rule: 'partner_lead', window_days: days.window_days },
        { rule: 'crm_field' },
        { rule: 'first_touch' },
      ],
    },
    motions: {
      co_sell: { sourcing: { deal_registration: 'off' } },
      reseller: { margin: true, sourcing: { partner_lead: { window_days: days.reseller_window_days } } },
    },
  });
}

/** Few distinct times, so that ties and edges of windows are common: every tenth midday of early 2026, or its date. */
const when = fc.record({ day: fc.nat(12).map((step) => step * 10), isDate: fc.boolean() }).map(({ day, isDate }) => {
  const date = Temporal.PlainDate.from('2026-01-01').add({ days: day }).toString();
  return isDate ? date : `${date}T12:00:00Z`;
});
const partner = fc.constantFrom(...partners.map(({ id }) => id));

interface AccountSample {
  domain: string | undefined;
  deals: Omit<DealRecord, 'id'>[];
  registrations: (Omit<RegistrationRecord, 'id'> & { of: number })[];
  leads: (Omit<LeadRecord, 'id'> & { of: number })[];
  touches: (Omit<TouchRecord, 'id'> & { of: number })[];
}

const optional = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
/** Which deal a record names: the account's n-th, or none where there are fewer. */
const of = fc.nat(4);

const account: fc.Arbitrary<AccountSample> = fc.record({
  domain: optional(fc.constant('buyer.example')),
  deals: fc.array(
    fc.record({
      created_at: when,
      lead_created_at: optional(when),
      closed_at: optional(when),
      is_won: fc.boolean(),
      source_partner: optional(partner),
    }) as fc.Arbitrary<Omit<DealRecord, 'id'>>,
    { minLength: 1, maxLength: 3 },
  ),
  registrations: fc.array(
    fc.record({
      of,
      partner,
      submitted_at: when,
      decided_at: optional(when),
      status: fc.constantFrom('approved', 'approved', 'pending', 'rejected', 'expired'),
      protection_ends_at: optional(when),
    }) as fc.Arbitrary<Omit<RegistrationRecord, 'id'> & { of: number }>,
    { maxLength: 3 },
  ),
  leads: fc.array(
    fc.record({
      of,
      partner: optional(partner),
      submitted_at: when,
      status: fc.constantFrom('new', 'new', 'new', 'rejected'),
    }) as fc.Arbitrary<Omit<LeadRecord, 'id'> & { of: number }>,
    { maxLength: 8 },
  ),
  touches: fc.array(
    fc.record({
      of,
      occurred_at: when,
      channel: fc.constantFrom('sales', 'event'),
      partner: optional(partner),
      kind: fc.constantFrom('meeting', 'email', 'unknown'),
    }) as fc.Arbitrary<Omit<TouchRecord, 'id'> & { of: number }>,
    { maxLength: 8 },
  ),
});

function companyOf(samples: readonly AccountSample[]): Required<Omit<Company, 'contacts' | 'deal_contacts'>> {
  const name = (kind: string, index: number, place: number) => `${kind} ${index}.${place}`;
  const all = <Record, Item>(
    list: (sample: AccountSample) => readonly Record[],
    make: (record: Record, index: number, place: number) => Item,
  ) => samples.flatMap((sample, index) => list(sample).map((record, place) => make(record, index, place)));
  const target = (index: number, place: number) =>
    place < samples[index]!.deals.length ? { deal: name('D', index, place) } : { account: `A ${index}` };
  return {
    partners,
    accounts: samples.map(({ domain }, index) => ({ id: `A ${index}`, ...(domain ? { domain } : {}) })),
    deals: all(
      ({ deals }) => deals,
      (deal, index, place) => ({ ...deal, id: name('D', index, place), account: `A ${index}` }),
    ),
    registrations: all(
      ({ registrations }) => registrations,
      ({ of: named, ...record }, index, place) => ({ ...record, ...target(index, named), id: name('R', index, place) }),
    ),
    leads: all(
      ({ leads }) => leads,
      ({ of: named, ...record }, index, place) => ({ ...record, ...target(index, named), id: name('L', index, place) }),
    ),
    touchpoints: all(
      ({ touches }) => touches,
      ({ of: named, ...record }, index, place) => ({ ...record, ...target(index, named), id: name('T', index, place) }),
    ),
  };
}

const samples = fc.sample(account, { numRuns: ACCOUNTS, seed: 20261124 });
const company = companyOf(samples);
let base: Outcome;

beforeAll(async () => {
  base = await attribute(company, config);
}, 60_000);

/** A fixed shuffle: the order of each record's hash. */
function shuffled<Item extends { id: string }>(records: readonly Item[]): Item[] {
  const rank = ({ id }: Item) => [...id].reduce((hash, letter) => (hash * 31 + letter.codePointAt(0)!) % 9973, 7);
  return [...records].sort((left, right) => rank(left) - rank(right));
}

describe(`${ACCOUNTS} random accounts`, () => {
  test('are worth the test: every rule decides some, every method and reason occurs', () => {
    const rules = Object.values(base.sourcing).map(({ rule }) => rule);
    for (const rule of ['deal_registration', 'partner_lead', 'crm_field', 'first_touch', 'carry_forward', null])
      expect(rules.filter((found) => found === rule).length).toBeGreaterThan(20);
    const reasons = new Set(
      Object.values(base.conflicts)
        .flat()
        .map((text) => text.split(': ')[1]),
    );
    expect([...reasons].sort()).toEqual(
      Object.keys(lossReasons)
        .filter((reason) => reason !== 'undated')
        .sort(),
    );
  });

  test('any order of the records gives the same', async () => {
    const reordered = {
      ...company,
      partners: [...partners].reverse(),
      accounts: shuffled(company.accounts),
      deals: shuffled(company.deals),
      registrations: shuffled(company.registrations),
      leads: shuffled(company.leads),
      touchpoints: shuffled(company.touchpoints),
    };
    expect(await attribute(reordered, config)).toEqual(base);
  });

  test('one thread gives the same as two', async () => {
    expect(await attribute(company, config, undefined, { threads: 2 })).toEqual(base);
  });

  test('touches outside every window change nothing', async () => {
    const outside = company.accounts.flatMap(({ id }) => [
      { id: `early ${id}`, account: id, partner: 'P1', occurred_at: '2024-12-01' },
      { id: `late ${id}`, account: id, partner: 'P1', occurred_at: '2026-07-01T12:00:01Z' },
    ]);
    expect(await attribute({ ...company, touchpoints: [...company.touchpoints, ...outside] }, config)).toEqual(base);
  });

  test('new touches never change another account’s deals', async () => {
    const even = company.accounts.filter((_, index) => index % 2 === 0);
    const more = even.map(({ id }) => ({ id: `more ${id}`, account: id, partner: 'P1', occurred_at: '2026-03-01' }));
    const changed = await attribute({ ...company, touchpoints: [...company.touchpoints, ...more] }, config);
    const odd = company.deals.filter(({ account: of }) => Number(of!.split(' ')[1]) % 2 === 1);
    for (const { id } of odd)
      for (const part of ['sourcing', 'conflicts', 'influence', 'weights'] as const)
        expect(changed[part][id]).toEqual(base[part][id]);
    expect(changed).not.toEqual(base);
  });

  test('a new touch that names a deal never changes another deal’s credit', async () => {
    const named = { id: 'named', deal: company.deals[0]!.id, partner: 'P1', occurred_at: '2026-03-01' };
    const changed = await attribute({ ...company, touchpoints: [...company.touchpoints, named] }, config);
    for (const { id } of company.deals.slice(1)) expect(changed.weights[id]).toEqual(base.weights[id]);
  });

  test.each([30, 60, 90, 180, 365])('the window of %d days shows what a run under that window gives', async (days) => {
    const windows = { lookback_days: days, window_days: days, reseller_window_days: days };
    const actual = await attribute(company, withWindows(windows));
    const sourced = Object.keys(actual.sourcing).filter((id) => actual.sourcing[id]!.partner_id !== null);
    expect(base.windows[days]).toEqual({ sourced: sourced.sort(), influenced: Object.keys(actual.influence).sort() });
  });

  test('in every deal and method the parts add up to 10⁹', () => {
    for (const parties of Object.values(base.weights))
      for (const method of methodNames)
        expect(Object.values(parties).reduce((sum, parts) => sum + parts[method]!, 0)).toBe(1_000_000_000);
    expect(Object.keys(base.weights).length).toBe(company.deals.length);
  });

  test('a deal is influenced by each partner of its journey but the sourcing one, and by nobody else', () => {
    for (const { id } of company.deals) {
      const inJourney = Object.keys(base.weights[id]!).filter((party) => partners.some((known) => known.id === party));
      const influencing = (base.influence[id] ?? []).map((text) => text.split(' × ')[0]!);
      expect(influencing).toEqual(inJourney.filter((party) => party !== base.sourcing[id]!.partner_id).sort());
    }
  });

  test('a conflict names another partner than the sourcing one', () => {
    for (const [id, losers] of Object.entries(base.conflicts))
      for (const text of losers) expect(text.split(' ')[0]).not.toBe(base.sourcing[id]!.partner_id);
  });
});
