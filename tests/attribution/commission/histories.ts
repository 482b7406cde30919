// Random histories for the ledger's invariants: a small company of one partner, and the commands that happen to it. A command is
// always possible in the state it meets, or does nothing, so that any list of them is a history and shrinks to a shorter one.
import fc from 'fast-check';
import { addDays } from '../../../core/month.ts';
import type { Company } from './company.ts';
import type { Earner } from './model.ts';

/** The records of a history as they stand now. Everything is named after `name`, so that many histories share a warehouse. */
export interface World {
  readonly name: string;
  readonly plans: readonly Record<string, unknown>[];
  readonly earner: Omit<Earner, 'plan'>;
  readonly deals: Record<string, { account: string; closed: string; won: boolean; amount: bigint; currency: string }>;
  readonly invoices: Record<
    string,
    { deal: string; currency: string; issued: string; lines: Record<string, bigint>; products: Record<string, string> }
  >;
  events: { date: string; kind: string; id: string; invoice: string; amount: bigint; of: string }[];
  readonly rates: Record<string, string>;
  count: number;
}

const START = '2026-01-01';
const dateAt = (days: number) => addDays(START, days);

// ---- plans ----

const cents = (max: number) =>
  fc.integer({ min: 1, max }).map((units) => `${Math.floor(units / 100)}.${String(units % 100).padStart(2, '0')}`);
const rate = fc
  .integer({ min: 0, max: 100 })
  .map((hundredths) => (hundredths === 100 ? '1' : `0.${String(hundredths).padStart(2, '0')}`));
const period = fc.constantFrom('month', 'quarter', 'fiscal_year', 'lifetime');

const tiers = fc
  .record({
    mode: fc.constantFrom('marginal', 'cliff'),
    per: period,
    steps: fc.array(fc.integer({ min: 1, max: 4000 }), { minLength: 1, maxLength: 2 }),
    rates: fc.array(rate, { minLength: 3, maxLength: 3 }),
  })
  .map(({ mode, per, steps, rates }) => {
    const from = [0, ...[...new Set(steps)].sort((a, b) => a - b)];
    // Rates of a cliff ascend (fine-print 24).
    const ordered = mode === 'cliff' ? [...new Set(rates)].sort((a, b) => Number(a) - Number(b)) : rates;
    return {
      mode,
      per,
      bands: from.slice(0, ordered.length).map((units, index) => ({
        from: `${Math.floor(units / 100)}.${String(units % 100).padStart(2, '0')}`,
        rate: ordered[index]!,
      })),
    };
  });

const percent = fc
  .record({ rate, tiers: fc.option(tiers, { freq: 3 }), months: fc.option(fc.integer({ min: 1, max: 14 })) })
  .map(({ rate, tiers, months }) => ({ kind: 'percent', months, ...(tiers ? { tiers } : { rate }) }));
const flat = fc
  .record({ amount: cents(900), once_per: fc.constantFrom('customer', 'deal') })
  .map((one) => ({ kind: 'flat', ...one }));

/** Two versions of one plan: the later one has other rates, the same kinds of components. */
const planPair = fc
  .record({
    components: fc.array(fc.oneof({ arbitrary: percent, weight: 3 }, { arbitrary: flat, weight: 1 }), {
      minLength: 1,
      maxLength: 2,
    }),
    trigger: fc.constantFrom('paid', 'paid', 'paid', 'invoiced', 'booked'),
    cap: fc.option(
      fc.record({ per: fc.constantFrom('customer', 'month', 'quarter', 'fiscal_year'), amount: cents(2000) }),
    ),
    clawback_days: fc.option(fc.integer({ min: 0, max: 90 })),
    rate_locked_at: fc.constantFrom('close', 'payment'),
    products: fc.option(fc.constant(['core'])),
    later: rate,
    pool: fc.option(fc.record({ share: rate, size: fc.integer({ min: 1, max: 3 }) })),
  })
  .map(({ components, trigger, cap, clawback_days, rate_locked_at, products, later, pool }) => {
    const version = (starts_on: string, parts: readonly object[]) => ({
      starts_on,
      currency: 'USD',
      trigger,
      components: parts,
      clawback_days,
      rate_locked_at,
      earns_on: pool ? { sourced: true, influenced: { share: pool.share } } : { sourced: true },
      ...(cap ? { cap } : {}),
      ...(products ? { products } : {}),
    });
    const changed = components.map((one) => ('rate' in one ? { ...one, rate: later } : one));
    return {
      pool_size: pool ? pool.size : null,
      versions: [version('2025-01-01', components), version('2026-05-01', changed)],
    };
  });

/** How a history begins: plans, deals and invoices, nothing paid. */
export const beginning = fc.record({
  plan: planPair,
  deals: fc.array(
    fc.record({
      account: fc.integer({ min: 0, max: 1 }),
      closed: fc.integer({ min: 0, max: 200 }),
      amount: fc.integer({ min: 0, max: 4000 }),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  invoices: fc.array(
    fc.record({
      deal: fc.nat({ max: 2 }),
      issued: fc.integer({ min: 0, max: 300 }),
      isForeign: fc.boolean(),
      lines: fc.array(fc.record({ amount: fc.integer({ min: 1, max: 3000 }), isOther: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

type Beginning = typeof beginning extends fc.Arbitrary<infer Value> ? Value : never;

/** A rate every other week: half of the days have none that is young enough. */
export function ratesOfEuro(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 30 }, (_, week) => [dateAt(week * 14), week % 2 ? '1.1' : '0.93']));
}

/** The records of a beginning, under a name of its own; histories of one company share its rates. */
export function begin({ plan, deals, invoices }: Beginning, name: string, rates = ratesOfEuro()): World {
  return {
    name,
    plans: plan.versions.map((version) => ({ plan: `plan-${name}`, ...version })),
    earner:
      plan.pool_size === null
        ? { partner: `${name}-P`, role: 'sourced', pool: 1 }
        : { partner: `${name}-P`, role: 'influenced', pool: plan.pool_size },
    deals: Object.fromEntries(
      deals.map(({ account, closed, amount }, index) => [
        `${name}-D${index}`,
        { account: `${name}-A${account}`, closed: dateAt(closed), won: true, amount: BigInt(amount), currency: 'USD' },
      ]),
    ),
    invoices: Object.fromEntries(
      invoices.map(({ deal, issued, isForeign, lines }, index) => [
        `${name}-I${index}`,
        {
          deal: `${name}-D${deal % deals.length}`,
          currency: isForeign ? 'EUR' : 'USD',
          issued: dateAt(issued),
          lines: Object.fromEntries(lines.map(({ amount }, line) => [`${name}-I${index}-L${line}`, BigInt(amount)])),
          products: Object.fromEntries(
            lines.map(({ isOther }, line) => [`${name}-I${index}-L${line}`, isOther ? 'other' : 'core']),
          ),
        },
      ]),
    ),
    events: [],
    rates,
    count: 0,
  };
}

// ---- what happens ----

type Verb =
  | 'pay'
  | 'refund'
  | 'credit_note'
  | 'dispute_opened'
  | 'dispute_lost'
  | 'dispute_won'
  | 'void'
  | 'merge'
  | 'revise_rate'
  | 'delete'
  | 'lose'
  | 'win';
export interface Happening {
  readonly verb: Verb;
  /** Picks the invoice, payment, deal or rate. */
  readonly pick: number;
  /** Days since 2026-01-01; a late record has an early one. */
  readonly at: number;
  /** Percent of what the event could be; above 100 is too much. */
  readonly part: number;
}

const verbs: Verb[] = [
  'pay',
  'pay',
  'pay',
  'pay',
  'pay',
  'refund',
  'refund',
  'credit_note',
  'dispute_opened',
  'dispute_lost',
  'dispute_won',
  'void',
  'merge',
  'revise_rate',
  'delete',
  'lose',
  'win',
];

export const happening: fc.Arbitrary<Happening> = fc.record({
  verb: fc.constantFrom(...verbs),
  pick: fc.nat({ max: 50 }),
  at: fc.integer({ min: 0, max: 500 }),
  part: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 130 })),
});

function pickFrom<Item>(items: readonly Item[], pick: number): Item | undefined {
  return items.length ? items[pick % items.length] : undefined;
}

/** Applies one happening to the records; false where it is not possible. */
export function happen(world: World, { verb, pick, at, part }: Happening): boolean {
  const invoice = pickFrom(Object.keys(world.invoices), pick);
  const payment = pickFrom(
    world.events.filter(({ kind }) => kind === 'payment'),
    pick,
  );
  const deal = pickFrom(Object.keys(world.deals), pick)!;
  const share = (amount: bigint) => (amount * BigInt(part)) / 100n;
  const record = (kind: string, of: string, amount: bigint, payment_id: string, earliest: string): boolean => {
    if (amount <= 0n) return false;
    const date = [dateAt(at), earliest].sort().at(-1)!;
    world.events.push({
      date,
      kind,
      id: `${world.name}-E${String(world.count++).padStart(3, '0')}`,
      invoice: of,
      amount,
      of: payment_id,
    });
    return true;
  };
  switch (verb) {
    case 'pay':
      return invoice !== undefined && record('payment', invoice, share(totalOf(world, invoice)), '', START);
    case 'credit_note':
      return (
        invoice !== undefined &&
        record('credit_note', invoice, share(totalOf(world, invoice)), '', world.invoices[invoice]!.issued)
      );
    case 'refund':
    case 'dispute_opened':
    case 'dispute_lost':
    case 'dispute_won':
      return payment !== undefined && record(verb, payment.invoice, share(payment.amount), payment.id, payment.date);
    case 'void':
      if (invoice === undefined || Object.keys(world.invoices).length === 1) return false;
      delete world.invoices[invoice];
      world.events = world.events.filter((event) => event.invoice !== invoice);
      return true;
    case 'delete': {
      const gone = pickFrom(world.events, pick);
      world.events = world.events.filter(
        ({ id, of }) => id !== gone?.id && (gone?.kind !== 'payment' || of !== gone.id),
      );
      return gone !== undefined;
    }
    case 'merge':
      world.deals[deal]!.account = `${world.name}-A0`;
      return true;
    case 'revise_rate':
      world.rates[pickFrom(Object.keys(world.rates), pick)!] = `1.${part}`;
      return true;
    case 'lose':
    case 'win':
      world.deals[deal]!.won = verb === 'win';
      return true;
  }
}

function totalOf({ invoices }: World, invoice: string): bigint {
  return Object.values(invoices[invoice]!.lines).reduce((sum, amount) => sum + amount, 0n);
}

// ---- as a company ----

export function earnersIn(world: World): readonly Earner[] {
  return [{ ...world.earner, plan: `plan-${world.name}` }];
}

/** The records of some histories as one company. */
export function companyOf(worlds: readonly World[]): Company {
  const others = (world: World) =>
    Array.from({ length: world.earner.pool - 1 }, (_, index) => `${world.name}-Q${index}`);
  const entries = <Value>(of: (world: World) => readonly (readonly [string, Value])[]) =>
    Object.fromEntries(worlds.flatMap((world) => [...of(world)]));
  return {
    as_of: '2027-12-31',
    plans: worlds.flatMap(({ plans }) => plans),
    partners: entries((world) => [world.earner.partner, ...others(world)].map((name) => [name, {}] as const)),
    agreements: worlds.map(({ name, earner }) => `${name}-AG ${earner.partner} plan-${name} 2025-01-01`),
    deals: entries((world) =>
      Object.entries(world.deals).map(([name, deal]) => {
        const part =
          world.earner.role === 'sourced'
            ? { sourced: world.earner.partner }
            : { influenced: [world.earner.partner, ...others(world)] };
        return [name, { ...deal, ...part }] as const;
      }),
    ),
    invoices: entries((world) => Object.entries(world.invoices)),
    events: worlds.flatMap(({ events }) =>
      events.map(({ date, kind, id, invoice, amount, of }) =>
        `${date} ${kind} ${id} ${invoice} ${amount} ${of}`.trim(),
      ),
    ),
    rates: worlds
      .slice(0, 1)
      .flatMap(({ rates }) => Object.entries(rates).map(([date, value]) => `${date} EUR USD ${value}`)),
  };
}
