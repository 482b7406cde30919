// Random histories for the ledger's invariants: a small company of one partner, and the commands that happen to it. A command is
// always possible in the state it meets, or does nothing, so that any list of them is a history and shrinks to a shorter one.
import fc from 'fast-check';
import { addDays } from '../../../core/month.ts';
import type { Company } from './company.ts';
import type { Evidence, Override, Posted } from './earners-model.ts';

/** The records of a history as they stand now. Everything is named after `name`, so that many histories share a warehouse. */
export interface World extends Evidence {
  readonly deals: Record<
    string,
    {
      account: string;
      closed: string;
      won: boolean;
      amount: bigint;
      currency: string;
      sourced: string | undefined;
      influenced: readonly string[];
    }
  >;
  readonly merged: Record<string, string>;
  readonly overrides: Override[];
  posted: readonly Posted[];
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
/** The business clock; what was paid on the last day that a happening can have is due on that day, or the day after. */
export const AS_OF = '2027-12-31';
const LAST_DAY = 500;
const holdDays = fc.constantFrom(0, 229, 230, 400);

// ---- plans ----

const cents = (max: number) =>
  fc.integer({ min: 1, max }).map((units) => `${Math.floor(units / 100)}.${String(units % 100).padStart(2, '0')}`);
const rate = fc
  .integer({ min: 0, max: 100 })
  .map((hundredths) => (hundredths === 100 ? '1' : `0.${String(hundredths).padStart(2, '0')}`));
const period = fc.constantFrom('month', 'quarter', 'fiscal_year', 'lifetime');

/** Round ones are often equal: a measure that stands on the edge of a band. */
const units = (max: number) =>
  fc.oneof(fc.integer({ min: 1, max }), {
    arbitrary: fc.integer({ min: 1, max: max / 1000 }).map((count) => count * 1000),
    weight: 3,
  });

const tiers = fc
  .record({
    mode: fc.constantFrom('marginal', 'cliff'),
    per: period,
    steps: fc.array(units(4000), { minLength: 1, maxLength: 2 }),
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

const products = fc.option(fc.constantFrom(['core'], ['core'], ['other']));
const clawbackDays = fc.option(fc.integer({ min: 0, max: 90 }));

/** Two versions of one plan: the later one has other rates and tiers, the same kinds of components. */
export const planPair = fc
  .record({
    components: fc.array(fc.oneof({ arbitrary: percent, weight: 3 }, { arbitrary: flat, weight: 1 }), {
      minLength: 1,
      maxLength: 2,
    }),
    trigger: fc.constantFrom('paid', 'paid', 'paid', 'invoiced', 'booked'),
    cap: fc.option(
      fc.record({
        per: fc.constantFrom('customer', 'month', 'quarter', 'fiscal_year'),
        amounts: fc.tuple(cents(2000), cents(2000)),
      }),
    ),
    clawback_days: fc.tuple(clawbackDays, clawbackDays),
    currency: fc.constantFrom('USD', 'USD', 'EUR'),
    rate_locked_at: fc.constantFrom('close', 'payment'),
    products: fc.tuple(products, products),
    later: rate,
    later_tiers: tiers,
    pool: fc.option(fc.record({ shares: fc.tuple(rate, rate), size: fc.integer({ min: 1, max: 3 }) })),
    hold_days: fc.tuple(holdDays, holdDays),
  })
  .map(
    ({
      components,
      trigger,
      cap,
      clawback_days,
      currency,
      rate_locked_at,
      products,
      later,
      later_tiers,
      pool,
      hold_days,
    }) => {
      const version = (starts_on: string, place: 0 | 1, parts: readonly object[]) => ({
        starts_on,
        currency,
        trigger,
        components: parts,
        clawback_days: clawback_days[place],
        rate_locked_at,
        hold_days: hold_days[place],
        earns_on: pool ? { sourced: true, influenced: { share: pool.shares[place] } } : { sourced: true },
        ...(cap ? { cap: { per: cap.per, amount: cap.amounts[place] } } : {}),
        ...(products[place] ? { products: products[place] } : {}),
      });
      const changed = components.map((one) =>
        'rate' in one ? { ...one, rate: later } : 'tiers' in one ? { ...one, tiers: later_tiers } : one,
      );
      return {
        pool_size: pool ? pool.size : null,
        versions: [version('2025-01-01', 0, components), version('2026-05-01', 1, changed)],
      };
    },
  );

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
      lines: fc.array(fc.record({ amount: units(3000), isOther: fc.boolean() }), {
        minLength: 1,
        maxLength: 3,
      }),
    }),
    { minLength: 1, maxLength: 4 },
  ),
});

type Beginning = typeof beginning extends fc.Arbitrary<infer Value> ? Value : never;

/** One that is there from the start, one without an agreement, one whose agreement starts later, one that ends. */
function partnersOf(name: string): Evidence['partners'] {
  return {
    [`${name}-P`]: { agreed: '2025-01-01', ended: null },
    [`${name}-N`]: { agreed: null, ended: null },
    [`${name}-R`]: { agreed: dateAt(60), ended: null },
    [`${name}-E`]: { agreed: '2025-01-01', ended: dateAt(90) },
  };
}

/** A rate every other week: half of the days have none that is young enough. */
export function ratesOfEuro(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 30 }, (_, week) => [dateAt(week * 14), week % 2 ? '1.1' : '0.93']));
}

/** The records of a beginning, under a name of its own; histories of one company share its rates. */
export function begin({ plan, deals, invoices }: Beginning, name: string, rates = ratesOfEuro()): World {
  return {
    name,
    plans: plan.versions.map((version) => ({ plan: `plan-${name}`, ...version })),
    partners: partnersOf(name),
    deals: Object.fromEntries(
      deals.map(({ account, closed, amount }, index) => [
        `${name}-D${index}`,
        {
          account: `${name}-A${account}`,
          closed: dateAt(closed),
          won: true,
          amount: BigInt(amount),
          currency: 'USD',
          sourced: plan.pool_size === null ? `${name}-P` : undefined,
          influenced: Object.keys(partnersOf(name)).slice(0, plan.pool_size ?? 0),
        },
      ]),
    ),
    merged: {},
    overrides: [],
    posted: [],
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
  | 'pay_several'
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
  | 'win'
  | 'bill'
  | 'take_back'
  | Ruling;
/** What changes who earns: evidence, people who overrule it, and the deal that an invoice is linked to. */
type Ruling = 'merge_deals' | 'relink' | 'source' | 'influence' | 'close' | 'override' | 'propose' | 'revoke';
export interface Happening {
  readonly verb: Verb;
  /** Picks the invoice, payment, deal or rate. */
  readonly pick: number;
  /** Days since 2026-01-01; a late record has an early one. */
  readonly at: number;
  /** Percent of what the event could be; above 100 is too much. */
  readonly part: number;
}

const records: Verb[] = [
  'pay',
  'pay_several',
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
  'bill',
];

const happeningOf = (verbs: readonly Verb[]): fc.Arbitrary<Happening> =>
  fc.record({
    verb: fc.constantFrom(...verbs),
    pick: fc.nat({ max: 50 }),
    at: fc.oneof({ arbitrary: fc.integer({ min: 0, max: LAST_DAY }), weight: 7 }, fc.constant(LAST_DAY)),
    part: fc.oneof({ arbitrary: fc.constant(100), weight: 2 }, fc.integer({ min: 1, max: 130 })),
  });
export const happening = happeningOf(records);
/** Money that comes after all that is known, most of it on lines of its own. */
export const growth = happeningOf(['bill', 'bill', 'bill', 'take_back']);
export const ruling = happeningOf([
  'relink',
  'relink',
  'relink',
  'source',
  'influence',
  'close',
  'override',
  'override',
  'propose',
  'revoke',
]);

/** Deals become one; the pure parts of the engine know no merges. */
export const merging = happeningOf(['merge_deals']);

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
      id: nextId(world),
      invoice: of,
      amount,
      of: payment_id,
    });
    return true;
  };
  switch (verb) {
    case 'pay':
      return invoice !== undefined && record('payment', invoice, share(totalOf(world, invoice)), '', START);
    case 'pay_several': {
      const names = Object.keys(world.invoices).filter((name) => totalOf(world, name) > 0n);
      const id = nextId(world);
      for (const name of names)
        world.events.push({
          ...{ date: dateAt(at), kind: 'payment', id, invoice: name, of: '' },
          amount: (totalOf(world, name) * BigInt(part)) / 100n,
        });
      return names.length > 0;
    }
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
    case 'bill':
      return addPaidInvoice(world, deal, at, BigInt(part));
    case 'take_back':
      return (
        payment !== undefined &&
        record('refund', payment.invoice, share(payment.amount), payment.id, afterAll(world, at))
      );
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
    case 'relink':
      if (invoice !== undefined) world.invoices[invoice]!.deal = pickFrom(Object.keys(world.deals), at)!;
      return invoice !== undefined;
    case 'merge_deals':
      return mergeDeals(world, deal, pickFrom(Object.keys(world.deals), at)!);
    default:
      return rule(world, { verb, deal, pick, at });
  }
}

/** The deal lives on in the survivor: its invoices, and all that was merged into it before. */
function mergeDeals({ deals, merged, invoices }: World, deal: string, survivor: string): boolean {
  if (deal === survivor) return false;
  delete deals[deal];
  for (const [alias, end] of [...Object.entries(merged), [deal, deal]] as const)
    if (end === deal) merged[alias] = survivor;
  for (const invoice of Object.values(invoices)) if (invoice.deal === deal) invoice.deal = survivor;
  return true;
}

/** Late evidence about a deal, or an override of it; the partner is any of the history, or nobody. */
function rule(
  { deals, partners, overrides }: World,
  { verb, deal, pick, at }: { verb: Exclude<Ruling, 'relink' | 'merge_deals'>; deal: string; pick: number; at: number },
): boolean {
  const records = deals[deal]!;
  const partner = pickFrom(Object.keys(partners), at)!;
  const standing = pickFrom(
    overrides.filter(({ is_revoked }) => !is_revoked),
    pick,
  );
  switch (verb) {
    case 'source':
      records.sourced = at % 5 === 4 ? undefined : partner;
      records.influenced = records.influenced.filter((name) => name !== records.sourced);
      return true;
    case 'influence':
      if (records.sourced === partner) return false;
      records.influenced = records.influenced.includes(partner)
        ? records.influenced.filter((name) => name !== partner)
        : [...records.influenced, partner];
      return true;
    case 'close':
      records.closed = dateAt(at % 200);
      return true;
    case 'override':
    case 'propose':
      overrides.push({ deal, partner, is_approved: verb === 'override', is_revoked: false });
      return true;
    case 'revoke':
      if (standing) standing.is_revoked = true;
      return standing !== undefined;
  }
}

function nextId(world: World): string {
  return `${world.name}-E${String(world.count++).padStart(3, '0')}`;
}

/** The day of the last event, or mostly the one after it. */
function afterAll({ events }: World, at: number): string {
  const last = events
    .map(({ date }) => date)
    .sort()
    .at(-1);
  return addDays(last ?? START, at % 7 ? 1 : 0);
}

function addPaidInvoice(world: World, deal: string, at: number, units: bigint): boolean {
  const last =
    world.events
      .map(({ date }) => date)
      .sort()
      .at(-1) ?? START;
  const date = addDays(last, at % 3);
  const invoice = `${world.name}-B${String(world.count).padStart(3, '0')}`;
  const lines = { [`${invoice}-L0`]: units * 30n, [`${invoice}-L1`]: units };
  const products = { [`${invoice}-L0`]: at % 2 ? 'core' : 'other', [`${invoice}-L1`]: 'core' };
  world.invoices[invoice] = { deal, currency: 'USD', issued: date, lines, products };
  const id = nextId(world);
  world.events.push({ date, kind: 'payment', id, invoice, amount: units * 31n, of: '' });
  return true;
}

function totalOf({ invoices }: World, invoice: string): bigint {
  return Object.values(invoices[invoice]!.lines).reduce((sum, amount) => sum + amount, 0n);
}

// ---- as a company ----

/** The records of some histories as one company. */
export function companyOf(worlds: readonly World[]): Company {
  const entries = <Value>(of: (world: World) => readonly (readonly [string, Value])[]) =>
    Object.fromEntries(worlds.flatMap((world) => [...of(world)]));
  return {
    as_of: AS_OF,
    plans: worlds.flatMap(({ plans }) => plans),
    partners: entries(({ partners }) =>
      Object.entries(partners).map(([name, { ended }]) => [name, ended === null ? {} : { ended }] as const),
    ),
    agreements: worlds.flatMap(({ name, partners }) =>
      Object.entries(partners).flatMap(([partner, { agreed }]) =>
        agreed === null ? [] : [`AG-${partner} ${partner} plan-${name} ${agreed}`],
      ),
    ),
    deals: entries(({ deals }) => Object.entries(deals)),
    merged: entries(({ merged }) => Object.entries(merged)),
    invoices: entries(({ invoices }) => Object.entries(invoices)),
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
