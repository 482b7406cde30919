// Many random histories at once through the real thing: money step, targets, books, statements, liability. What happens arrives in
// stages; after each stage ledger and model agree, and the ledger adds up. Then everything at once in other books.
// HISTORY_SEED replays a failure; HISTORY_LEDGERS sets the number of histories (`npm run soak`: 5,000).
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { type Company, type Desk, openDesk } from './company.ts';
import {
  begin,
  beginning,
  companyOf,
  earnersIn,
  type Happening,
  happen,
  happening,
  ratesOfEuro,
  type World,
} from './histories.ts';
import { type Earner, expectedBalances } from './model.ts';

const { HISTORY_LEDGERS = '200', HISTORY_SEED = '1' } = process.env;
const STAGES = 4;
const PER_STAGE = 6;
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

interface History {
  /** Position among the histories of the pack: it decides what people do about it. */
  readonly index: number;
  readonly world: World;
  readonly stages: readonly (readonly Happening[])[];
}

const oneHistory = fc.record({
  start: beginning,
  stages: fc.array(fc.array(happening, { minLength: PER_STAGE, maxLength: PER_STAGE }), {
    minLength: STAGES,
    maxLength: STAGES,
  }),
});

function historiesOf(seed: number, count: number): History[] {
  const rates = ratesOfEuro();
  return fc.sample(oneHistory, { seed, numRuns: count }).map(({ start, stages }, index) => ({
    index,
    world: begin(start, `H${String(index).padStart(3, '0')}`, rates),
    stages,
  }));
}

const signed = (entry: { debit_account: string; amount_minor: bigint }) =>
  entry.debit_account === 'commission_expense' || entry.debit_account === 'contract_cost_asset'
    ? entry.amount_minor
    : -entry.amount_minor;

function ledgerBalances(desk: Desk, keyOf: (entry: ReturnType<typeof entriesOf>[number]) => string): string[] {
  const sums = new Map<string, bigint>();
  for (const entry of entriesOf(desk)) sums.set(keyOf(entry), (sums.get(keyOf(entry)) ?? 0n) + signed(entry));
  return [...sums]
    .filter(([, sum]) => sum !== 0n)
    .map(([key, sum]) => `${key} ${sum}`)
    .sort();
}

function entriesOf(desk: Desk) {
  return [...desk.books.ledger.entries()].filter(({ role }) => role !== null);
}

/** Every seventh history: late evidence says that a rival sourced the deals; every fourteenth: people move the pay as well. */
const isContested = ({ index, world }: History) => index % 7 === 0 && world.earner.role === 'sourced';
const isMoved = (history: History) => isContested(history) && history.index % 14 === 0;
const rivalOf = ({ world }: History) => `${world.name}-R`;

interface Moment {
  readonly stage: number;
  /** Deals that had an entry before the evidence changed: they stay with whom they were first posted for. */
  readonly locked: ReadonlySet<string>;
}

/** Who earns on a deal at a stage, as domain.md §8 says: an override, else the lock, else today's evidence. */
function earnersAt(history: History, { stage, locked }: Moment): (deal: string) => readonly Earner[] {
  const own = earnersIn(history.world);
  const rival = own.map((earner) => ({ ...earner, partner: rivalOf(history) }));
  return (deal) => {
    if (isMoved(history) && stage >= 3) return rival;
    return isContested(history) && stage >= 2 && !locked.has(deal) ? rival : own;
  };
}

function modelBalances(histories: readonly History[], moment: Moment): string[] {
  return histories
    .flatMap((history) => [...expectedBalances(companyOf([history.world]), earnersAt(history, moment))])
    .map(([key, sum]) => `${key} ${sum}`)
    .sort();
}

/** The records at a stage. */
function companyAt(histories: readonly History[], stage: number): Company {
  const company = companyOf(histories.map(({ world }) => world));
  const contested = histories.filter(isContested);
  const sourced = contested.flatMap((history) =>
    Object.keys(history.world.deals).map(
      (deal) => [deal, { ...company.deals[deal]!, sourced: rivalOf(history) }] as const,
    ),
  );
  return {
    ...company,
    partners: { ...company.partners, ...Object.fromEntries(contested.map((history) => [rivalOf(history), {}])) },
    agreements: [
      ...company.agreements!,
      ...contested.map(
        (history) => `${history.world.name}-RG ${rivalOf(history)} plan-${history.world.name} 2025-01-01`,
      ),
    ],
    deals: stage >= 2 ? { ...company.deals, ...Object.fromEntries(sourced) } : company.deals,
    payouts: stage >= 2 ? payouts(histories) : [],
  };
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
    (select count(*) from ledger.entry where amount_minor <= 0 or debit_account = credit_account) as not_an_entry`;

async function holds(desk: Desk, histories: readonly History[], moment: Moment): Promise<void> {
  const found = ledgerBalances(
    desk,
    ({ partner_id, invoice_line_id, deal_id, component }) => `${partner_id} ${invoice_line_id ?? deal_id} ${component}`,
  );
  expect(found).toEqual(modelBalances(histories, moment));
  const [row] = await desk.warehouse.rows<Record<string, bigint>>(faults);
  expect(Object.entries(row!).filter(([, count]) => count !== 0n)).toEqual([]);
  expect(desk.books.verify()).toMatchObject({ is_intact: true });
}

type Statement = { statement_id: string; partner_id: string; digest: string; line_count: number };

const statementsOf = (desk: Desk) =>
  desk.warehouse.rows<Statement>(
    'select statement_id, partner_id, digest, line_count from ledger.statement order by statement_id',
  );

function decide(
  desk: Desk,
  kind: string,
  subject: { subject_kind: string; subject_id: string; detail?: Record<string, unknown> },
  person = 'Dana',
) {
  return desk.books.decisions.record({ person, role: 'finance', kind, reason: 'checked', ...subject });
}

/** Finance approves every second partner's statements as they are, and disputes every third one's. */
async function decideStatements(desk: Desk): Promise<void> {
  desk.decideAt('2027-06-01');
  for (const { statement_id: subject_id, partner_id, digest, line_count } of await statementsOf(desk)) {
    const number = Number(partner_id.slice(1, 4));
    const subject = { subject_kind: 'statement', subject_id };
    if (number % 2 === 0) decide(desk, 'statement_approve', { ...subject, detail: { digest, line_count } });
    if (number % 3 === 0) decide(desk, 'statement_dispute', subject);
  }
}

/** Half of the disputes are settled, and the pay of contested deals is moved by an override with maker and checker. */
async function settleDisputes(desk: Desk, histories: readonly History[]): Promise<void> {
  desk.decideAt('2027-08-01');
  for (const { statement_id: subject_id, partner_id } of await statementsOf(desk))
    if (Number(partner_id.slice(1, 4)) % 6 === 0)
      decide(desk, 'statement_resolve', { subject_kind: 'statement', subject_id }, 'Erin');
  for (const history of histories.filter(isMoved))
    for (const subject_id of Object.keys(history.world.deals)) {
      const detail = { kind: 'deal_sourcing', object_id: rivalOf(history) };
      const { decision_id } = decide(desk, 'override_add', { subject_kind: 'deal', subject_id, detail });
      decide(desk, 'override_approve', { subject_kind: 'override', subject_id: decision_id }, 'Erin');
    }
}

/** Every third partner is paid, whatever it is owed. */
const payouts = (histories: readonly History[]) =>
  histories.flatMap(({ world }, index) =>
    index % 3 === 0
      ? [
          `2027-0${index % 2 ? 5 : 7}-0${1 + (index % 9)} ${world.name}-PO ${world.earner.partner} ${1 + ((index * 37) % 500)} USD`,
        ]
      : [],
  );

async function runPack(seed: number, count: number): Promise<void> {
  const histories = historiesOf(seed, count);
  const desk = await newDesk();
  let before = 0n;
  let locked: ReadonlySet<string> = new Set();
  for (let stage = 0; stage < STAGES; stage++) {
    for (const { world, stages } of histories) for (const one of stages[stage]!) happen(world, one);
    await desk.run(companyAt(histories, stage));
    const { sequence } = desk.books.ledger.head();
    expect(sequence >= before).toBe(true);
    before = sequence;
    await holds(desk, histories, { stage, locked });
    if (stage === 1) {
      locked = new Set(entriesOf(desk).map(({ deal_id }) => deal_id!));
      await decideStatements(desk);
    }
    if (stage === 2) await settleDisputes(desk, histories);
  }
  const company = companyAt(histories, STAGES);
  expect(await desk.run(company)).toBe(0);
  await equalsAtOnce(desk, company, histories);
}

/** The same records at once in other books: the same balance of every cause. Locks depend on what was known first. */
async function equalsAtOnce(desk: Desk, company: Company, histories: readonly History[]): Promise<void> {
  const contested = new Set(histories.filter(isContested).flatMap((one) => [one.world.earner.partner, rivalOf(one)]));
  const once = await newDesk();
  await once.run(company);
  const byCause = (of: Desk) =>
    ledgerBalances(of, ({ partner_id, currency, cause_id }) => `${partner_id} ${currency} ${cause_id}`).filter(
      (line) => !contested.has(line.split(' ')[0]!),
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
