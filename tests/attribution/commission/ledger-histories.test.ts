// Many random histories at once through the real thing: money step, targets, books, statements, settlement, liability. What happens
// and what people decide arrives in stages; after each stage ledger and models agree, and the ledger adds up. Then everything at
// once in other books. HISTORY_SEED replays a failure; HISTORY_LEDGERS sets the number of histories (`npm run soak`: 5,000).
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';
import { type Acting, act, deed, entriesOf, linesOf, notePosted, recordOverrides, signed } from './deeds.ts';
import { earnersIn, type Override } from './earners-model.ts';
import {
  begin,
  beginning,
  companyOf,
  type Happening,
  happen,
  happening,
  merging,
  ratesOfEuro,
  ruling,
} from './histories.ts';
import { converted, expectedBalances } from './model.ts';
import { type Balances, type Decided, expectedSettlement, expectedStatements } from './settlement-model.ts';

const { HISTORY_LEDGERS = '200', HISTORY_SEED = '1' } = process.env;
const STAGES = 4;
const PER_STAGE = 6;
const DEEDS_PER_STAGE = 4;
/** When people decide, after each stage; the last days are those of the business clock and the next. */
const DECIDED_ON = ['2027-06-01', '2027-08-01', '2027-12-31', '2028-01-01'];
const PER_PACK = 200;

const desks: Desk[] = [];
afterEach(() => {
  for (const desk of desks.splice(0)) desk.close();
});
async function newDesk(): Promise<Desk> {
  const desk = await openDesk();
  desks.push(desk);
  return desk;
}

interface History extends Acting {
  readonly stages: readonly (readonly Happening[])[];
  /** Nothing changes who earns: locks depend on what was known first, so that only these come out the same at once. */
  readonly is_calm: boolean;
}

const inStages = <Value>(one: fc.Arbitrary<Value>, count: number) =>
  fc.array(fc.array(one, { minLength: count, maxLength: count }), { minLength: STAGES, maxLength: STAGES });

const oneHistory = fc.record({
  start: beginning,
  stages: inStages(happening, PER_STAGE),
  rulings: inStages(fc.oneof({ arbitrary: ruling, weight: 3 }, merging), 1),
  deeds: inStages(deed, DEEDS_PER_STAGE),
  is_calm: fc.boolean(),
});

function historiesOf(seed: number, count: number): History[] {
  const rates = ratesOfEuro();
  return fc.sample(oneHistory, { seed, numRuns: count }).map(({ start, stages, rulings, ...rest }, index) => ({
    ...rest,
    world: begin(start, `H${String(index).padStart(3, '0')}`, rates),
    stages: stages.map((stage, number) => (rest.is_calm ? stage : [...stage, ...rulings[number]!])),
    payouts: [],
  }));
}

function ledgerBalances(desk: Desk, keyOf: (entry: ReturnType<typeof entriesOf>[number]) => string): string[] {
  const sums = new Map<string, bigint>();
  for (const entry of entriesOf(desk)) sums.set(keyOf(entry), (sums.get(keyOf(entry)) ?? 0n) + signed(entry));
  return [...sums]
    .filter(([, sum]) => sum !== 0n)
    .map(([key, sum]) => `${key} ${sum}`)
    .sort();
}

/** Under the deals that have the money now. */
function modelBalances(histories: readonly History[]): string[] {
  return histories
    .flatMap(({ world }) => {
      const dealOf = new Map(
        Object.values(world.invoices).flatMap(({ deal, lines }) => Object.keys(lines).map((line) => [line, deal])),
      );
      return [...expectedBalances(companyOf([world]), earnersIn(world))].map(([key, sum]) => {
        const [, line] = key.split(' ') as [string, string];
        return `${dealOf.get(line) ?? line} ${key} ${sum}`;
      });
    })
    .sort();
}

function companyNow(histories: readonly History[]): Company {
  return { ...companyOf(histories.map(({ world }) => world)), payouts: histories.flatMap(({ payouts }) => payouts) };
}

/** Each of these counts rows that break a rule of the ledger. */
const faults = `
  with chained as (
    select *, lag(closing_minor, 1, 0) over (partition by partner_id, currency order by month) as before from ledger.liability
  ), booked as (
    select partner_id, currency, sum(case when debit_account in ('commission_expense', 'contract_cost_asset') then amount_minor
      when credit_account in ('commission_expense', 'contract_cost_asset') then -amount_minor
      when credit_account = 'cash' then -amount_minor when debit_account = 'cash' then amount_minor else 0 end) as owed
    from ledger.entry group by all
  ), last as (
    select partner_id, currency, arg_max(closing_minor, month) as closing from ledger.liability group by all
  ), owing as (
    select partner_id, currency, arg_max(recoverable_balance_minor, month) as recoverable from ledger.liability group by all
  ), excess as (
    select payout.partner_id, payout.currency, sum(excess.amount_minor) as amount_minor
    from attribution.payout_excess as excess inner join core.payouts as payout using (payout_id) group by all
  ), lines as (
    select statement_id, sum(amount_minor) as total from ledger.statement_line_named group by all
  )
  select
    (select count(*) from chained where opening_minor <> before) as opening_is_not_closing,
    (select count(*) from chained where opening_minor + accrued_minor - clawed_back_minor + true_up_minor + prior_period_minor
      - written_off_minor - paid_minor <> closing_minor) as does_not_roll_forward,
    (select count(*) from chained where accrued_balance_minor + payable_balance_minor + disputed_balance_minor
      - recoverable_balance_minor <> closing_minor) as balances_do_not_close,
    (select count(*) from chained where payable_balance_minor < 0 or recoverable_balance_minor < 0 or disputed_balance_minor < 0
      or (payable_balance_minor > 0 and recoverable_balance_minor > 0)) as owed_and_owing,
    (select count(*) from booked full join last using (partner_id, currency)
      where booked.owed is distinct from last.closing and coalesce(last.closing, 0) <> coalesce(booked.owed, 0)) as not_the_fold_of_entries,
    (select count(*) from lines full join ledger.statement as statement using (statement_id)
      where lines.total is distinct from statement.total_minor) as statement_is_not_its_lines,
    (select count(*) from excess left join owing using (partner_id, currency)
      where excess.amount_minor > coalesce(owing.recoverable, 0)) as more_excess_than_recoverable,
    (select count(*) from ledger.entry where amount_minor <= 0 or debit_account = credit_account) as not_an_entry`;

/** Amounts of this run's entries in dollars at the rate of their day; what is owed at month end at that day's rate, where there is one. */
async function reportingHolds(desk: Desk, company: Company, before: bigint): Promise<void> {
  const inDollars = (amount: bigint, from: string, date: string) =>
    converted(company, amount, { from, to: 'USD', date });
  for (const entry of desk.books.ledger.entries(before))
    expect(entry.reporting_amount_minor).toBe(inDollars(entry.amount_minor, entry.currency, entry.effective_date));
  const rows = await desk.warehouse.rows<
    { currency: string; until: string } & Record<'closing' | 'booked' | 'twin' | 'fx', bigint>
  >(`
    select currency, strftime(least(last_day(month), date '${company.as_of}'), '%Y-%m-%d') as until, closing_minor as closing,
      reporting_closing_minor as twin, fx_minor as fx, reporting_opening_minor + reporting_accrued_minor - reporting_clawed_back_minor
        + reporting_true_up_minor + reporting_prior_period_minor - reporting_written_off_minor - reporting_paid_minor as booked
    from ledger.liability`);
  for (const { currency, until, closing, booked, twin, fx } of rows)
    expect([twin, fx]).toEqual([inDollars(closing, currency, until) ?? booked, twin - booked]);
}

async function holds(desk: Desk, histories: readonly History[], company: Company, before: bigint): Promise<void> {
  await reportingHolds(desk, company, before);
  const standing = (deal: string | null) => company.merged![deal!] ?? deal;
  const found = ledgerBalances(
    desk,
    ({ partner_id, invoice_line_id, deal_id, component }) =>
      `${standing(deal_id)} ${partner_id} ${invoice_line_id ?? deal_id} ${component}`,
  );
  expect(found).toEqual(modelBalances(histories));
  const expected = expectedSettlement(company, linesOf(desk), decidedOf(desk));
  expect(await settledBalances(desk)).toEqual(shown(expected));
  const statements = await desk.warehouse.rows<{ statement_id: string; standing: string }>(
    `select statement_id, state || ' ' || paid_minor as standing from ledger.statement`,
  );
  expect(new Map(statements.map(({ statement_id, standing }) => [statement_id, standing]))).toEqual(
    expectedStatements(company, linesOf(desk), decidedOf(desk)),
  );
  const [row] = await desk.warehouse.rows<Record<string, bigint>>(faults);
  expect(Object.entries(row!).filter(([, count]) => count !== 0n)).toEqual([]);
  expect(desk.books.verify()).toMatchObject({ is_intact: true });
}

/** Decisions about statements as the model takes them. */
function decidedOf(desk: Desk): Decided[] {
  return desk.books.decisions
    .list()
    .filter(({ subject_kind }) => subject_kind === 'statement')
    .map(({ kind, subject_id, person, decided_at, detail }) => ({
      kind,
      subject_id,
      person,
      date: decided_at.slice(0, 10),
      line_ids: (detail.line_ids as string[] | undefined) ?? null,
      line_count: Number(detail.line_count),
      is_true: detail.digest !== 'other',
    }));
}

const shown = (balances: ReadonlyMap<string, Balances>) =>
  [...balances]
    .filter(([, balance]) => Object.values(balance).some((amount) => amount !== 0n))
    .map(
      ([key, { held, payable, disputed, recoverable }]) =>
        `${key} held ${held} payable ${payable} disputed ${disputed} recoverable ${recoverable}`,
    )
    .sort();

async function settledBalances(desk: Desk): Promise<string[]> {
  const rows = await desk.warehouse.rows<Balances & { key: string }>(`
    select partner_id || ' ' || currency as key, arg_max(accrued_balance_minor, month) as held,
      arg_max(payable_balance_minor, month) as payable, arg_max(disputed_balance_minor, month) as disputed,
      arg_max(recoverable_balance_minor, month) as recoverable
    from ledger.liability group by all`);
  return shown(new Map(rows.map(({ key, ...balances }) => [key, balances])));
}

async function runPack(seed: number, count: number): Promise<void> {
  const histories = historiesOf(seed, count);
  const desk = await newDesk();
  const recorded = new Map<Override, string>();
  let before = 0n;
  for (let stage = 0; stage < STAGES; stage++) {
    for (const { world, stages } of histories) for (const one of stages[stage]!) happen(world, one);
    recordOverrides(desk, histories, recorded);
    const company = companyNow(histories);
    await desk.run(company);
    const { sequence } = desk.books.ledger.head();
    expect(sequence >= before).toBe(true);
    await holds(desk, histories, company, before);
    before = sequence;
    notePosted(desk, histories);
    desk.decideAt(DECIDED_ON[stage]!);
    await act(desk, histories, stage);
  }
  const company = companyNow(histories);
  await desk.run(company);
  await holds(desk, histories, company, before);
  expect(await desk.run(company)).toBe(0);
  await equalsAtOnce(desk, company, histories);
}

/** The same records at once in other books: the same balance of every cause. */
async function equalsAtOnce(desk: Desk, company: Company, histories: readonly History[]): Promise<void> {
  const calm = new Set(histories.filter(({ is_calm }) => is_calm).map(({ world }) => world.name));
  const once = await newDesk();
  await once.run(company);
  const byCause = (of: Desk) =>
    ledgerBalances(of, ({ partner_id, currency, cause_id }) => `${partner_id} ${currency} ${cause_id}`).filter((line) =>
      calm.has(line.split('-')[0]!),
    );
  expect(byCause(desk)).toEqual(byCause(once));
}

const packs = Array.from(
  { length: Math.ceil(Number(HISTORY_LEDGERS) / PER_PACK) },
  (_, index) => Number(HISTORY_SEED) + index,
);

test.each(packs)(
  `${Math.min(Number(HISTORY_LEDGERS), PER_PACK)} random histories in stages, seed %i`,
  { timeout: 1_200_000 },
  async (seed) => {
    await runPack(seed, Math.min(Number(HISTORY_LEDGERS), PER_PACK));
  },
);
