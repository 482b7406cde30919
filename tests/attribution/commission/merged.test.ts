// Two deals that were both paid, of different partners, become one: the merge moves no pay, people are told what is at stake, and
// an approved override moves it.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';

let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const percent = (rate: string) => [{ kind: 'percent', rate }];
const company: Company = {
  plans: [
    { plan: 'referral', starts_on: '2025-01-01', currency: 'USD', components: percent('0.20') },
    { plan: 'referral', starts_on: '2026-01-04', currency: 'USD', components: percent('0.10') },
  ],
  default_plan: 'referral',
  partners: { 'P-1': {}, 'P-2': {} },
  deals: { 'D-1': { closed: '2026-01-01', sourced: 'P-1' }, 'D-2': { closed: '2026-01-05', sourced: 'P-2' } },
  invoices: {
    'I-1': { deal: 'D-1', issued: '2026-01-05', lines: { 'L-1': 1000n } },
    'I-2': { deal: 'D-2', issued: '2026-02-05', lines: { 'L-2': 500n } },
  },
  events: ['2026-01-10 payment PY-1 I-1 1000', '2026-02-11 payment PY-2 I-2 500'],
};

const merged: Company = {
  ...company,
  deals: { 'D-2': company.deals['D-2']! },
  merged: { 'D-1': 'D-2' },
  invoices: {
    'I-1': { ...company.invoices['I-1']!, deal: 'D-2' },
    'I-2': company.invoices['I-2']!,
    'I-3': { deal: 'D-2', issued: '2026-03-01', lines: { 'L-3': 400n } },
  },
};

/** Entries since `after`: `accrual P-1 D-2 L-1 200`, minus where it takes back. */
function posted(after = 0n, { books } = desk): string[] {
  return [...books.ledger.entries(after)].map(
    (entry) =>
      `${entry.entry_type} ${entry.partner_id} ${entry.deal_id} ${entry.invoice_line_id} ${entry.debit_account === 'accrued' ? '-' : ''}${entry.amount_minor}`,
  );
}

const contested = () =>
  desk.warehouse.rows(
    'select kind, record_id, detail, amount_minor, next_action from attribution.commission_exception',
  );

function override(deal: string, partner: string): string {
  const { decision_id } = desk.books.decisions.record({
    person: 'Dana',
    role: 'revops',
    kind: 'override_add',
    subject_kind: 'deal',
    subject_id: deal,
    reason: 'they brought both',
    detail: { kind: 'deal_sourcing', object_id: partner },
  });
  desk.books.decisions.record({
    person: 'Erin',
    role: 'finance',
    kind: 'override_approve',
    subject_kind: 'override',
    subject_id: decision_id,
    reason: 'checked',
  });
  return decision_id;
}

test('a merge of two paid deals moves nothing; each money follows the partner that was paid for it', async () => {
  expect(await desk.run(company)).toBe(2);
  expect(posted()).toEqual(['accrual P-1 D-1 L-1 200', 'accrual P-2 D-2 L-2 50']);
  expect(await desk.run(merged)).toBe(0);
  expect(await contested()).toEqual([
    {
      kind: 'sourcing_change',
      record_id: 'D-2',
      detail: 'P-1 is paid, but another partner sourced the deal (P-2)',
      amount_minor: 200n,
      next_action: 'leave it as it is, or move the pay by an override: sourced override add deal_sourcing D-2 PARTNER',
    },
  ]);

  const later: Company = {
    ...merged,
    events: [
      ...company.events,
      '2026-03-10 refund R-1 I-1 500 PY-1',
      '2026-03-11 refund R-2 I-2 250 PY-2',
      '2026-03-12 payment PY-3 I-3 400',
    ],
  };
  expect(await desk.run(later)).toBe(3);
  expect(posted(2n)).toEqual(['clawback P-1 D-2 L-1 -100', 'clawback P-2 D-2 L-2 -25', 'accrual P-2 D-2 L-3 40']);
  // Each rests on evidence of its own: what made the deal the other's is none of P-1's.
  const evidence = [...desk.books.ledger.entries(2n)].map(({ evidence_ids }) => evidence_ids.includes('R-D-2'));
  expect(evidence).toEqual([false, true, true]);
  expect(await desk.run(later)).toBe(0);
});

/** What `fct_commission_zero` is made of: one row a deal, partner and role. */
const unearned = () =>
  desk.warehouse.rows('select deal_id, partner_id, role, reason from attribution.commission_zero_reason order by all');

test('who earns nothing on a merged deal is told once; who earns on one of its parts is not among them', async () => {
  const partners = { ...company.partners, 'P-3': {} };
  await desk.run({ ...company, partners });
  const second = { ...company.deals['D-2']!, influenced: ['P-3'] };
  await desk.run({ ...merged, partners, deals: { 'D-2': second } });
  expect(await unearned()).toEqual([
    { deal_id: 'D-2', partner_id: 'P-3', role: 'influenced', reason: 'plan_does_not_earn_on_this' },
  ]);
});

test('an approved override moves the pay of both, and back when it is revoked', async () => {
  await desk.run(company);
  await desk.run(merged);
  const decision = override('D-2', 'P-1');
  expect(await desk.run(merged)).toBe(2);
  expect(posted(2n).toSorted()).toEqual(['accrual P-1 D-2 L-2 50', 'accrual P-2 D-2 L-2 -50']);
  expect(await contested()).toEqual([]);
  desk.books.decisions.record({
    person: 'Dana',
    role: 'revops',
    kind: 'override_revoke',
    subject_kind: 'override',
    subject_id: decision,
    reason: 'they did not',
  });
  expect(await desk.run(merged)).toBe(2);
  expect(posted(4n).toSorted()).toEqual(['accrual P-1 D-2 L-2 -50', 'accrual P-2 D-2 L-2 50']);
});

test('an override of a deal that was merged later keeps its pay, until one of the deal that it lives on in', async () => {
  override('D-1', 'P-3');
  const three: Company = { ...company, partners: { ...company.partners, 'P-3': {} } };
  await desk.run(three);
  expect(posted()).toEqual(['accrual P-3 D-1 L-1 200', 'accrual P-2 D-2 L-2 50']);
  const then = { ...merged, partners: three.partners };
  expect(await desk.run(then)).toBe(0);
  override('D-2', 'P-2');
  await desk.run(then);
  expect(posted(2n).toSorted()).toEqual(['accrual P-2 D-2 L-1 100', 'accrual P-3 D-1 L-1 -200']);
});

test('an override goes with a merged deal: with what was paid under it, or with all where nobody was paid yet', async () => {
  const decision = override('D-1', 'P-3');
  const partners = { ...company.partners, 'P-3': {} };
  await desk.run({ ...company, partners, events: [] });
  const unpaid = await openDesk(desk);
  await unpaid.run({ ...merged, partners });
  expect(posted(0n, unpaid)).toEqual(['accrual P-3 D-2 L-1 100', 'accrual P-3 D-2 L-2 50']);
  unpaid.close();

  await desk.run({ ...company, partners, events: company.events.slice(0, 1) });
  expect(posted()).toEqual(['accrual P-3 D-1 L-1 200']);
  const then = { ...merged, partners, events: company.events.slice(0, 1) };
  expect(await desk.run(then)).toBe(0);
  await desk.run({ ...then, events: ['2026-01-10 payment PY-1 I-1 900'] });
  expect(posted(1n)).toEqual(['accrual P-3 D-2 L-1 -20']);
  expect([...desk.books.ledger.entries(1n)].map(({ evidence_ids }) => evidence_ids)).toEqual([
    expect.arrayContaining([decision]),
  ]);
});

test('a second merge moves nothing either: the override that paid last stays', async () => {
  const partners = { ...company.partners, 'P-3': {} };
  override('D-1', 'P-3');
  await desk.run({ ...company, partners });
  override('D-2', 'P-1');
  await desk.run({ ...merged, partners });
  const paid = desk.books.ledger.head().sequence;
  const { 'D-2': second } = company.deals;
  const invoices = Object.entries(merged.invoices).map(([name, invoice]) => [name, { ...invoice, deal: 'D-4' }]);
  const again: Company = {
    ...{ ...merged, partners, deals: { 'D-4': second! }, merged: { 'D-1': 'D-4', 'D-2': 'D-4' } },
    invoices: Object.fromEntries(invoices),
  };
  expect(await desk.run(again)).toBe(0);
  expect(posted(2n, desk).toSorted()).toEqual([
    'accrual P-1 D-2 L-1 100',
    'accrual P-1 D-2 L-2 50',
    'accrual P-2 D-2 L-2 -50',
    'accrual P-3 D-1 L-1 -200',
  ]);
  expect(paid).toBe(6n);
});

test('one partner under two versions of its plan: each money keeps the version that it was paid under', async () => {
  const alone: Company = {
    ...company,
    deals: { ...company.deals, 'D-2': { ...company.deals['D-2']!, sourced: 'P-1' } },
  };
  await desk.run(alone);
  const then: Company = { ...merged, deals: { 'D-2': alone.deals['D-2']! } };
  expect(await desk.run(then)).toBe(0);
  expect(await contested()).toMatchObject([
    { detail: 'P-1 is paid, but another plan version applies (P-1)', amount_minor: 250n },
  ]);
});

test('pools keep their sizes and their money', async () => {
  const plans = [{ ...company.plans[0]!, earns_on: { sourced: true, influenced: { share: '0.50' } } }];
  const { 'D-1': first, 'D-2': second } = company.deals;
  const partners = { 'P-1': {}, 'P-2': {}, 'P-3': {}, 'P-4': {} };
  const pooled: Company = {
    ...company,
    plans,
    partners,
    deals: { 'D-1': { ...first!, influenced: ['P-3'] }, 'D-2': { ...second!, influenced: ['P-3', 'P-4'] } },
  };
  await desk.run(pooled);
  const before = posted();
  expect(before).toContain('accrual P-3 D-1 L-1 100');
  expect(before).toContain('accrual P-3 D-2 L-2 25');
  const then: Company = { ...merged, plans, partners, deals: { 'D-2': pooled.deals['D-2']! } };
  expect(await desk.run(then)).toBe(0);
});

test('commission on a booking goes with the booking: that of a deal that is no more is taken back', async () => {
  const plans = [{ ...company.plans[0]!, trigger: 'booked' }];
  const { 'D-1': first, 'D-2': second } = company.deals;
  const booked: Company = {
    ...company,
    plans,
    deals: { 'D-1': { ...first!, amount: 1000n }, 'D-2': { ...second!, amount: 500n } },
  };
  await desk.run(booked);
  expect(posted()).toEqual(['accrual P-1 D-1 null 200', 'accrual P-2 D-2 null 100']);
  await desk.run({ ...merged, plans, deals: { 'D-2': booked.deals['D-2']! } });
  expect(posted(2n)).toEqual(['accrual P-1 D-1 null -200']);
});

test.each([
  ['two partners', 'P-2'],
  ['one partner', 'P-1'],
])('runs after a merge are what a first run over the same books is: %s', async (_, sourced) => {
  const capped = { cap: { amount: '2.30', per: 'customer' } };
  const plans = company.plans.map((plan) => ({ ...plan, ...capped }));
  const deals = { ...company.deals, 'D-2': { ...company.deals['D-2']!, sourced } };
  await desk.run({ ...company, plans, deals });
  const then: Company = { ...merged, plans, deals: { 'D-2': deals['D-2'] } };
  await desk.run(then);
  const all = (one: Desk, table: string) => one.warehouse.rows(`select * from ${table} order by all`);
  let events = company.events;
  for (const later of [
    '2026-03-10 refund R-1 I-1 500 PY-1',
    '2026-03-12 payment PY-3 I-3 300',
    '2026-03-14 payment PY-4 I-3 100',
  ]) {
    events = [...events, later];
    const fresh = await openDesk(desk);
    expect(await desk.run({ ...then, events })).toBe(await fresh.run({ ...then, events }));
    for (const table of ['attribution.commission_exception', 'ledger.liability', 'ledger.statement'])
      expect(await all(desk, table)).toEqual(await all(fresh, table));
    expect(posted()).toEqual(posted(0n, fresh));
    fresh.close();
  }
});
