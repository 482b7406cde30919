// A run works out what changed since the last one. Whatever changed, its tables are those of a first run over the same records and
// books: random histories in stages, some of which nothing happens to, beside an empty warehouse in each stage.
// RERUN_SEED replays a failure; RERUN_HISTORIES sets the number of histories.
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { addDays } from '../../../core/month.ts';
import { type Company, type Desk, openDesk } from './company.ts';
import { type Acting, act, decide, deed, notePosted, recordOverrides } from './deeds.ts';
import type { Override } from './earners-model.ts';
import {
  begin,
  beginning,
  companyOf,
  growth,
  type Happening,
  happen,
  happening,
  merging,
  ratesOfEuro,
  ruling,
} from './histories.ts';

const { RERUN_HISTORIES = '60', RERUN_SEED = '1' } = process.env;

/** The business clock of each stage: it stands, moves a day, into the next month, and back. */
const CLOCKS = [
  '2027-06-01',
  '2027-06-01',
  '2027-06-02',
  '2027-06-02',
  '2027-07-15',
  '2028-01-01',
  '2028-01-01',
  '2027-12-31',
];
const AMENDED = 6;

const desks: Desk[] = [];
afterEach(() => {
  for (const desk of desks.splice(0)) desk.close();
});
async function newDesk(other?: Desk): Promise<Desk> {
  const desk = await openDesk(other);
  desks.push(desk);
  return desk;
}

/** A record that comes again with other values; what a source corrects keeps its id. */
interface Correction {
  readonly what: 'amount' | 'date' | 'status' | 'product' | 'line' | 'account';
  readonly pick: number;
  readonly by: number;
}

const correction: fc.Arbitrary<Correction> = fc.record({
  what: fc.constantFrom('amount', 'date', 'status', 'product', 'line', 'account'),
  pick: fc.nat({ max: 20 }),
  by: fc.integer({ min: 1, max: 400 }),
});

interface History extends Acting {
  readonly corrections: readonly (readonly Correction[])[];
  readonly open: Set<string>;
  readonly stages: readonly (readonly Happening[])[];
}

const inStages = <Value>(one: fc.Arbitrary<Value>, most: number, emptyWeight = 2) =>
  fc.array(
    fc.oneof({ arbitrary: fc.constant([]), weight: emptyWeight }, fc.array(one, { minLength: 1, maxLength: most })),
    { minLength: CLOCKS.length, maxLength: CLOCKS.length },
  );

const oneHistory = fc.record({
  start: beginning,
  first: fc.array(happening, { minLength: 8, maxLength: 16 }),
  stages: inStages(fc.oneof({ arbitrary: happening, weight: 10 }, { arbitrary: ruling, weight: 2 }, merging), 2),
  deeds: inStages(deed, 2),
  corrections: inStages(correction, 2),
});
/** Nothing of before changes: folds go on. */
const growing = fc.record({
  start: beginning,
  first: fc.array(happening, { minLength: 2, maxLength: 6 }),
  stages: inStages(growth, 2, 1),
  deeds: inStages(deed, 1),
  corrections: fc.constant(CLOCKS.map((): Correction[] => [])),
});

type Kind = typeof oneHistory extends fc.Arbitrary<infer Story> ? fc.Arbitrary<Story> : never;

function historiesOf(kind: Kind, seed: number): History[] {
  const rates = ratesOfEuro();
  return fc
    .sample(kind, { seed, numRuns: Number(RERUN_HISTORIES) })
    .map(({ start, first, stages, deeds, corrections }, index) => ({
      world: begin(start, `H${String(index).padStart(3, '0')}`, rates),
      stages: [first, ...stages.slice(1)],
      deeds,
      corrections,
      open: new Set(),
      payouts: [],
    }));
}

function correct({ world, open }: History, { what, pick, by }: Correction): void {
  const event = world.events[pick % world.events.length];
  const names = Object.keys(world.invoices);
  const name = names[pick % names.length]!;
  const { lines, products } = world.invoices[name]!;
  const line = Object.keys(lines)[by % Object.keys(lines).length]!;
  const deal = Object.values(world.deals)[pick % Object.keys(world.deals).length]!;
  if (what === 'amount' && event) event.amount += BigInt(by);
  if (what === 'date' && event?.kind === 'payment') event.date = addDays('2026-01-01', by);
  if (what === 'status' && !open.delete(name)) open.add(name);
  if (what === 'product') products[line] = products[line] === 'core' ? 'other' : 'core';
  if (what === 'line') lines[line]! += BigInt(by);
  if (what === 'account') deal.account = `${world.name}-A${by % 2}`;
}

/** Something is expected of invoices that are open. */
function companyAt(histories: readonly History[], as_of: string): Company {
  const company = companyOf(histories.map(({ world }) => world));
  const open = new Set(histories.flatMap((history) => [...history.open]));
  const invoices = Object.entries(company.invoices).map(([name, invoice]) => [
    name,
    { ...invoice, status: open.has(name) ? 'open' : 'paid' },
  ]);
  return {
    ...company,
    as_of,
    invoices: Object.fromEntries(invoices),
    payouts: histories.flatMap(({ payouts }) => payouts),
  };
}

const tables = [
  'attribution.commission_exception',
  'attribution.commission_rate_missing',
  'attribution.commission_unit',
  'attribution.commission_zero_reason',
  'attribution.contingent',
  'attribution.payout_excess',
  'attribution.settlement',
  'ledger.decision',
  'ledger.entry',
  'ledger.liability',
  'ledger.month_movement',
  'ledger.statement',
  'ledger.statement_entry',
  'ledger.statement_line_named',
  'ledger.statement_total',
];
/** Who is of the same cause is kept apart by a row here and there. */
const queries = [
  ...tables.map((table) => `select * from ${table}`),
  'select cause_id, currency, sum(amount_minor) from attribution.commission_target group by all having sum(amount_minor) <> 0',
];

/** Every row with its table, as often as it is there. */
async function contentsOf({ warehouse }: Desk): Promise<string[]> {
  const found: string[] = [];
  for (const query of queries) {
    const rows = await warehouse.rows<{ row: string }>(
      `select cast(content as varchar) as row from (${query}) as content`,
    );
    found.push(...rows.map(({ row }) => `${query}: ${row}`));
  }
  return found.sort();
}

/** A few rows that one of both has and the other has not: all of them would be more than anybody can read. */
async function expectSame(desk: Desk, anew: Desk): Promise<void> {
  const [kept, first] = [await contentsOf(desk), await contentsOf(anew)];
  const [isKept, isFirst] = [new Set(kept), new Set(first)];
  expect({
    only_kept: kept.filter((row) => !isFirst.has(row)).slice(0, 3),
    only_anew: first.filter((row) => !isKept.has(row)).slice(0, 3),
  }).toEqual({ only_kept: [], only_anew: [] });
  expect(kept.length).toBe(first.length);
}

/** A rate that was posted with is amended: the refusal names the terms, which a second person approves. */
async function amend(desk: Desk, { world }: History, company: () => Company): Promise<void> {
  const [first] = world.plans as unknown as { plan: string; starts_on: string; hold_days: number }[];
  first!.hold_days += 1;
  const refusal = await desk.run(company()).then(
    () => '',
    (error: Error) => error.message,
  );
  const object_id = /terms-[0-9a-f]+/.exec(refusal)?.[0];
  if (!object_id) return;
  const { decision_id } = decide(desk, {
    kind: 'override_add',
    person: 'Dana',
    subject_kind: 'plan_version',
    subject_id: `${first!.plan}@${first!.starts_on}`,
    detail: { kind: 'plan_amendment', object_id },
  });
  decide(desk, { kind: 'override_approve', person: 'Erin', subject_kind: 'override', subject_id: decision_id });
}

async function runStages(kind: Kind): Promise<void> {
  const histories = historiesOf(kind, Number(RERUN_SEED));
  const desk = await newDesk();
  const recorded = new Map<Override, string>();
  for (const [stage, as_of] of CLOCKS.entries()) {
    for (const history of histories) {
      for (const one of history.stages[stage]!) happen(history.world, one);
      for (const one of history.corrections[stage]!) correct(history, one);
    }
    desk.decideAt(as_of);
    recordOverrides(desk, histories, recorded);
    if (stage === AMENDED) await amend(desk, histories[0]!, () => companyAt(histories, as_of));
    const company = companyAt(histories, as_of);
    const anew = await newDesk(desk);
    await anew.run(company);
    await desk.run(company);
    await expectSame(desk, anew);
    notePosted(desk, histories);
    await act(desk, histories, stage);
  }
}

test.each([
  ['in which anything happens', oneHistory],
  ['that grow', growing],
])(
  `${RERUN_HISTORIES} histories %s give in stages what a first run gives, seed ${RERUN_SEED}`,
  { timeout: 600_000 },
  (_, kind) => runStages(kind),
);

const flatPerCustomer = {
  plan: 'flat',
  starts_on: '2025-01-01',
  currency: 'USD',
  components: [{ kind: 'flat', amount: '50.00', once_per: 'customer' }],
};
const percent = {
  plan: 'percent',
  starts_on: '2025-01-01',
  currency: 'USD',
  components: [{ kind: 'percent', rate: '0.10' }],
};
const company = (plan: object, changes: Partial<Company> = {}): Company => ({
  as_of: '2026-12-31',
  plans: [plan as Record<string, unknown>],
  partners: { P: {} },
  default_plan: (plan as { plan: string }).plan,
  deals: {
    D1: { account: 'A', closed: '2026-01-01', sourced: 'P' },
    D2: { account: 'B', closed: '2026-01-02', sourced: 'P' },
  },
  invoices: {
    I1: { deal: 'D1', issued: '2026-02-01', lines: { L1: 10_000n } },
    I2: { deal: 'D2', issued: '2026-02-01', lines: { L2: 10_000n }, status: 'open' },
  },
  events: ['2026-02-02 payment PY-1 I1 10000'],
  ...changes,
});

async function equalsAnew(...companies: readonly Company[]): Promise<void> {
  const desk = await newDesk();
  for (const one of companies) {
    const anew = await newDesk(desk);
    await anew.run(one);
    await desk.run(one);
    await expectSame(desk, anew);
  }
}

test('two customers that turn out to be one share a flat', () => {
  const events = ['2026-02-02 payment PY-1 I1 10000', '2026-02-03 payment PY-2 I2 10000'];
  const before = company(flatPerCustomer, { events });
  const deals = { ...before.deals, D2: { ...before.deals.D2!, account: 'A' } };
  return equalsAnew(before, { ...before, deals });
});

test('nothing is expected any more of an invoice that is void: no entry, and another liability', () => {
  const before = company(percent);
  return equalsAnew(before, { ...before, invoices: { I1: before.invoices.I1! } });
});

test('the raise that a payment gave changes and its own commission does not: their cause has both', () => {
  const bands = [
    { from: '0', rate: '0.10' },
    { from: '150', rate: '0.20' },
  ];
  const tiers = { mode: 'cliff', per: 'quarter', bands };
  const paidFirst = (amount: number) =>
    company(
      { ...percent, components: [{ kind: 'percent', tiers }] },
      {
        invoices: { I1: { deal: 'D1', issued: '2026-02-01', lines: { L1: 30_000n } } },
        events: [`2026-02-02 payment PY-1 I1 ${amount}`, '2026-02-03 payment PY-2 I1 10000'],
      },
    );
  return equalsAnew(paidFirst(10_000), paidFirst(12_000));
});

test('a partner that is gone from the records loses what it earned', () => {
  const before = company(percent);
  return equalsAnew(before, { ...before, partners: {}, deals: {}, invoices: {}, events: [] });
});

const tiered = (mode: string, per: string) => ({
  ...percent,
  components: [
    {
      kind: 'percent',
      tiers: {
        mode,
        per,
        bands: [
          { from: '0', rate: '0.10' },
          { from: '150', rate: '0.20' },
          { from: '350', rate: '0.30' },
        ],
      },
    },
  ],
});
const capped = (per: string) => ({ ...percent, cap: { per, amount: '25.00' } });

test.each([
  ['a measure', tiered('marginal', 'lifetime')],
  ['a measure that raises what was paid', tiered('cliff', 'fiscal_year')],
  ['the room of a customer', capped('customer')],
  ['the room of a year', capped('fiscal_year')],
  ['a flat of a customer', flatPerCustomer],
  ['a flat of a deal', { ...flatPerCustomer, components: [{ kind: 'flat', amount: '50.00', once_per: 'deal' }] }],
])('a fold goes on from run to run: %s', (_, plan) => {
  const payments = ['D1', 'D2', 'D1', 'D1'].map((deal, index) => ({
    deal,
    day: `2026-03-0${index + 1}`,
    index,
  }));
  const after = (count: number) => {
    const known = payments.slice(0, count);
    return company(plan, {
      invoices: Object.fromEntries(
        known.map(({ deal, day, index }) => [`I${index}`, { deal, issued: day, lines: { [`L${index}`]: 10_000n } }]),
      ),
      events: known.map(({ day, index }) => `${day} payment PY-${index} I${index} 10000`),
    });
  };
  return equalsAnew(...payments.map((_, index) => after(index + 1)));
});

test('what a fold that goes on posts is locked', () => {
  const before = company(percent);
  const paid = {
    ...before,
    partners: { P: {}, Q: {} },
    events: [...before.events, '2026-03-01 payment PY-2 I2 10000'],
  };
  const deals = { ...before.deals, D2: { ...before.deals.D2!, sourced: 'Q' } };
  return equalsAnew({ ...paid, events: before.events }, paid, { ...paid, deals });
});

test('another program works everything out anew', async () => {
  const desk = await newDesk();
  await desk.run(company(percent));
  await desk.warehouse.run('delete from attribution.contingent');
  await desk.run(company(percent, { code_digest: 'two' }));
  const anew = await newDesk(desk);
  await anew.run(company(percent));
  await expectSame(desk, anew);
});
