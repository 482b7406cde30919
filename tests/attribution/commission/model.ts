// What a company's lines should have earned, worked out the long way from domain.md §8 and fine-print 19–27: an independent
// model that shares no code with attribution/. It recomputes everything from the records at hand and keeps no state.
import type { Company, CompanyDeal } from './company.ts';

/** A partner's part in a deal: the whole (1/1), or its part of a pool. */
export interface Earner {
  readonly partner: string;
  readonly role: 'sourced' | 'influenced';
  /** Number of influencing partners; 1 for the sourcing one. */
  readonly pool: number;
  /** Name of the plan. */
  readonly plan: string;
  /** `starts_on` of the version that decides: the one locked, else the one at the close. */
  readonly version: string;
}

type Plan = {
  readonly plan: string;
  readonly starts_on: string;
  readonly currency: string;
  readonly trigger?: 'paid' | 'invoiced' | 'booked';
  readonly earns_on?: { readonly influenced?: { readonly share: string } };
  readonly components: readonly Component[];
  readonly products?: readonly string[];
  readonly cap?: { readonly per: string; readonly amount: string };
  readonly clawback_days?: number | null;
  readonly rate_locked_at?: 'close' | 'payment';
};
type Component = {
  readonly kind: 'percent' | 'flat';
  readonly rate?: string;
  readonly tiers?: Tiers;
  readonly months?: number | null;
  readonly amount?: string;
  readonly once_per?: 'customer' | 'deal';
};

type Tiers = {
  readonly mode: 'marginal' | 'cliff';
  readonly per: string;
  readonly bands: readonly { readonly from: string; readonly rate: string }[];
};

type Ratio = readonly [bigint, bigint];
const ratio = (top: bigint, bottom = 1n): Ratio => [top, bottom];
const add = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * d + c * b, b * d];
const multiply = ([a, b]: Ratio, [c, d]: Ratio): Ratio => [a * c, b * d];
const less = ([a, b]: Ratio, [c, d]: Ratio) => a * d < c * b;
const decimal = (text: string): Ratio => {
  const [whole, part = ''] = text.split('.') as [string, string?];
  return [BigInt(whole + part), 10n ** BigInt(part.length)];
};
const cents = (text: string) => {
  const [top, bottom] = decimal(text);
  return (top * 100n) / bottom;
};

/** Half to even, of either sign. */
export function rounded([top, bottom]: Ratio): bigint {
  const [a, b] = bottom < 0n ? [-top, -bottom] : [top, bottom];
  const size = a < 0n ? -a : a;
  const down = size / b;
  const rest = 2n * (size % b);
  const up = rest > b || (rest === b && down % 2n === 1n) ? down + 1n : down;
  return a < 0n ? -up : up;
}

const day = (date: string) => Math.round(Date.parse(`${date}T00:00:00Z`) / 86_400_000);
const plusMonths = (date: string, months: number) => Temporal.PlainDate.from(date).add({ months }).toString();

function periodOf(date: string, per: string): string {
  if (per === 'lifetime') return 'ever';
  if (per === 'month') return date.slice(0, 7);
  if (per === 'quarter') return `${date.slice(0, 4)}-Q${Math.ceil(Number(date.slice(5, 7)) / 3)}`;
  return date.slice(0, 4);
}

/** One event of one deal as a plan sees it. */
interface Moved {
  readonly deal: string;
  readonly invoice: string;
  readonly kind: string;
  readonly id: string;
  readonly own: string;
  readonly effective: string;
  /** Sorts events: instant of effect, payments first, own instant, id. */
  readonly order: readonly [number, number, number, string];
  readonly lines: readonly { readonly line: string; readonly amount: bigint }[];
}

const RANK: Record<string, number> = { issue: 0, payment: 1 };
const instant = (date: string, rank: number) => day(date) * 10 + rank;

/** Largest remainders of a positive amount over cells that are not negative. */
function spread(amount: bigint, cells: readonly bigint[]): bigint[] {
  const total = cells.reduce((sum, cell) => sum + cell, 0n);
  if (total === 0n) return cells.map(() => 0n);
  const parts = cells.map((cell) => (amount * cell) / total);
  let left = amount - parts.reduce((sum, part) => sum + part, 0n);
  const byRest = cells
    .map((cell, index) => ({ index, rest: (amount * cell) % total }))
    .sort((a, b) => (a.rest === b.rest ? a.index - b.index : a.rest < b.rest ? 1 : -1));
  for (const { index } of byRest) {
    if (left === 0n) break;
    parts[index]! += 1n;
    left -= 1n;
  }
  return parts;
}

const least = (a: bigint, b: bigint) => (a < b ? a : b);
const most = (a: bigint, b: bigint) => (a > b ? a : b);

/** What each event of an invoice moved, line by line (fine-print 19, 20). */
function movesOf(company: Company, invoice: string, trigger: 'paid' | 'invoiced'): Moved[] {
  const { deal, issued, lines } = company.invoices[invoice]!;
  const { closed } = company.deals[deal]!;
  const names = Object.keys(lines).sort();
  const cells = names.map((name) => lines[name]!);
  const total = cells.reduce((sum, cell) => sum + cell, 0n);
  const events = [
    { date: issued, kind: 'issue', id: invoice, amount: 0n, of: '' },
    ...company.events.map((row) => {
      const [date, kind, id, name, amount, of = ''] = row.split(' ') as [
        string,
        string,
        string,
        string,
        string,
        string?,
      ];
      return { date, kind, id, name, amount: BigInt(amount), of };
    }),
  ]
    .filter((event) => !('name' in event) || event.name === invoice)
    .map((event) => ({ ...event, at: instant(event.date, RANK[event.kind] ?? 2) }))
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  const paid = new Map<string, { paid: bigint; refunded: bigint; disputed: bigint }>();
  let credited = 0n;
  let isIssued = false;
  let before = cells.map(() => 0n);
  const moved: Moved[] = [];
  for (const { date, kind, id, amount, of, at } of events) {
    const slot = kind === 'payment' ? id : of;
    const state = paid.get(slot) ?? { paid: 0n, refunded: 0n, disputed: 0n };
    if (kind === 'payment') state.paid += amount;
    if (kind === 'refund') state.refunded += amount;
    if (kind === 'dispute_lost') state.disputed += amount;
    if (kind === 'dispute_won') state.disputed = most(0n, state.disputed - amount);
    if (kind === 'credit_note') credited += amount;
    else paid.set(slot, state);
    isIssued ||= kind === 'issue';
    const noted = least(total, credited);
    const cash = [...paid.values()].reduce(
      (sum, one) => sum + one.paid - least(one.paid, one.refunded + one.disputed),
      0n,
    );
    const position = most(0n, least(cash, total - noted));
    const issuedCells = isIssued ? spread(noted, cells).map((part, index) => cells[index]! - part) : before;
    const after = trigger === 'paid' ? spread(position, cells) : issuedCells;
    const effective = [date, closed, ...(trigger === 'invoiced' ? [issued] : [])].sort().at(-1)!;
    const act = kind === 'issue' || kind === 'payment' ? 0 : 1;
    const effectAt = Math.max(at, instant(closed, 0), trigger === 'invoiced' ? instant(issued, 0) : 0);
    moved.push({
      deal,
      invoice,
      kind,
      id,
      own: date,
      effective,
      order: [effectAt, act, at, id],
      lines: names
        .map((line, index) => ({ line, amount: after[index]! - before[index]! }))
        .filter((one) => one.amount !== 0n),
    });
    before = after;
  }
  return moved.filter((one) => one.lines.length > 0);
}

/** An event with all its lines, by name, over the invoices that it was for; what it moved at another time (a close) stands apart. */
function wholeEvents(events: readonly Moved[]) {
  const groups = Map.groupBy(events, ({ kind, id, order }) => `${kind} ${id} ${order[0]}`);
  return [...groups.values()].map((group) =>
    group
      .flatMap((event) => event.lines.map((moved) => ({ event, ...moved })))
      .sort((a, b) => (a.line < b.line ? -1 : 1)),
  );
}

function inOrder(a: Moved, b: Moved): number {
  for (let index = 0; index < a.order.length; index++) {
    const [left, right] = [a.order[index]!, b.order[index]!];
    if (left !== right) return left < right ? -1 : 1;
  }
  return a.invoice < b.invoice ? -1 : 1;
}

interface Cell {
  readonly line: string;
  readonly name: string;
  readonly component: Component;
  /** It has accrued more than nothing; from then on it has the scope of its cap. */
  is_placed: boolean;
  pool: string | null;
  readonly cap: Plan['cap'];
  readonly plan: string;
  readonly customer: string;
  earned: Ratio;
  added: Ratio;
}
interface Line {
  gross: bigint;
  returned: bigint;
  late: bigint;
  readonly cells: Cell[];
}

/** A partner's part in a money of a deal: an invoice, or the close, under the deal's name. */
interface Part {
  readonly earner: Earner;
  readonly deal: string;
  readonly money: string;
}

/** What every line and component has earned: `partner line component` → minor units. `earnersOf` says who earns on a money of a deal. */
export function expectedBalances(
  company: Company,
  earnersOf: (deal: string, money: string) => readonly Earner[],
): Map<string, bigint> {
  const plans = company.plans as unknown as readonly Plan[];
  const moneys = [
    ...Object.keys(company.deals).map((deal) => ({ deal, money: deal })),
    ...Object.entries(company.invoices).map(([money, { deal }]) => ({ deal, money })),
  ].filter(({ deal }) => company.deals[deal]!.won ?? true);
  const parts = moneys.flatMap((of): Part[] => earnersOf(of.deal, of.money).map((earner) => ({ ...of, earner })));
  const partners = Map.groupBy(parts, ({ earner }) => earner.partner);
  const balances = new Map<string, bigint>();
  for (const [partner, parts] of partners)
    for (const [key, amount] of partnerBalances(company, plans, parts)) balances.set(`${partner} ${key}`, amount);
  return balances;
}

function partnerBalances(company: Company, plans: readonly Plan[], parts: readonly Part[]) {
  const partOf = new Map(parts.map((part) => [part.money, part]));
  const versionOn = (name: string, date: string) =>
    plans
      .filter(({ plan, starts_on }) => plan === name && starts_on <= date)
      .sort((a, b) => (a.starts_on < b.starts_on ? -1 : 1))
      .at(-1);
  const atClose = ({ earner }: Part) => versionOn(earner.plan, earner.version);
  const events = parts
    .filter(atClose)
    .flatMap((part) => eventsOf(company, part, atClose(part)!.trigger ?? 'paid'))
    .sort(inOrder);
  const lines = new Map<string, Line>();
  /** Lines in the order of their first accrual of more than nothing, with its date. */
  const accrued = new Map<string, string>();
  const place = (cells: Iterable<Cell>, effective: string) => {
    for (const cell of cells) {
      if (cell.is_placed || targetOf(cell, lines) === 0n) continue;
      cell.is_placed = true;
      if (!accrued.has(cell.line)) accrued.set(cell.line, effective);
      if (cell.cap) cell.pool = poolOf(cell, cell.cap.per, accrued.get(cell.line)!);
    }
  };
  const flats = new Set<string>();
  const totals = new Map<string, Ratio>();
  const slices = new Map<string, { cell: Cell; tiers: Tiers; amount: Ratio; rate: Ratio | null }[]>();
  const lastPaid = new Map<string, { date: string; version: Plan }>();

  const termsOf = (event: Moved) => {
    const part = partOf.get(event.kind === 'close' ? event.deal : event.invoice)!;
    const closing = atClose(part)!;
    const version =
      closing.rate_locked_at === 'payment' && event.kind !== 'close'
        ? (versionOn(closing.plan, event.effective) ?? closing)
        : closing;
    return { earner: part.earner, closing, version };
  };

  for (const whole of wholeEvents(events)) {
    const { effective } = whole[0]!.event;
    const reached = new Set<string>();
    for (const { event, line, amount } of whole) {
      const deal = company.deals[event.deal]!;
      const { earner, closing, version } = termsOf(event);
      // A pool's share is that of the version at the close, which decided that the partner earns.
      const share =
        earner.role === 'sourced'
          ? ratio(1n)
          : multiply(decimal(closing.earns_on?.influenced?.share ?? '1'), [1n, BigInt(earner.pool)]);
      const isEarned = ['payment', 'issue', 'close'].includes(event.kind);
      if (isEarned) {
        const state = lines.get(line) ?? { gross: 0n, returned: 0n, late: 0n, cells: [] };
        lines.set(line, state);
        state.gross += amount;
        if (version.products && !version.products.includes(productOf(company, event.invoice, line) ?? '')) continue;
        const base = based(company, event, amount, version.currency);
        for (const [index, component] of version.components.entries()) {
          const name = `${index + 1}:${component.kind}`;
          const cellOf = () => {
            const known = state.cells.find((cell) => cell.name === name);
            if (known) return known;
            const cell = newCell(version, component, { line, name, customer: customerOf(deal, event.deal) });
            state.cells.push(cell);
            return cell;
          };
          if (component.kind === 'flat') {
            const key =
              component.once_per === 'deal' ? `deal ${event.deal}` : `customer ${customerOf(deal, event.deal)}`;
            if (amount <= 0n || earner.role !== 'sourced' || flats.has(key)) continue;
            flats.add(key);
            cellOf().earned = ratio(cents(component.amount!));
            continue;
          }
          if (base === null) continue;
          if (component.months != null && event.effective >= plusMonths(deal.closed, component.months)) continue;
          const cell = cellOf();
          const value = multiply(ratio(base), share);
          if (component.rate !== undefined) {
            cell.earned = add(cell.earned, multiply(value, decimal(component.rate)));
            continue;
          }
          const tiers = component.tiers!;
          const key = `${version.plan} ${name} ${periodOf(event.effective, tiers.per)}`;
          const total = totals.get(key) ?? ratio(0n);
          totals.set(key, add(total, value));
          reached.add(key);
          cell.added = add(cell.added, value);
          if (tiers.mode === 'marginal') {
            const difference = add(marginal(tiers, totals.get(key)!), multiply(ratio(-1n), marginal(tiers, total)));
            cell.earned = add(cell.earned, difference);
          } else {
            slices.set(key, [...(slices.get(key) ?? []), { cell, tiers, amount: value, rate: null }]);
          }
        }
        continue;
      }
      const state = lines.get(line);
      if (!state) continue;
      const last = lastPaid.get(event.invoice) ?? { date: event.effective, version };
      let counted = 0n;
      if (event.kind === 'dispute_won') {
        const undone = least(amount, -state.late);
        state.late += undone;
        counted = amount - undone;
      } else {
        const limit = last.version.clawback_days ?? null;
        if (limit === null || day(event.effective) <= day(last.date) + limit) counted = amount;
        else state.late += amount;
      }
      state.returned += counted;
      for (const cell of state.cells)
        if (cell.component.tiers && counted !== 0n && state.gross !== 0n) {
          const key = `${version.plan} ${cell.name} ${periodOf(event.effective, cell.component.tiers.per)}`;
          totals.set(key, add(totals.get(key) ?? ratio(0n), multiply([counted, state.gross], cell.added)));
          reached.add(key);
        }
    }
    for (const { event } of whole)
      if (['payment', 'issue', 'close'].includes(event.kind))
        lastPaid.set(event.invoice, { date: effective, version: termsOf(event).version });
    const price = (isPriced: boolean) => {
      const cells = new Set<Cell>();
      for (const key of reached) {
        for (const slice of slices.get(key) ?? []) {
          const rate = rateAt(slice.tiers, totals.get(key)!);
          if ((slice.rate !== null) !== isPriced || (slice.rate !== null && !less(slice.rate, rate))) continue;
          const more = add(rate, multiply(ratio(-1n), slice.rate ?? ratio(0n)));
          slice.cell.earned = add(slice.cell.earned, multiply(slice.amount, more));
          slice.rate = rate;
          cells.add(slice.cell);
        }
      }
      return cells;
    };
    price(false);
    place(
      whole.flatMap(({ line }) => lines.get(line)?.cells ?? []),
      effective,
    );
    place(price(true), effective);
  }
  const inOrderOfAccrual = [...accrued.keys()].flatMap((line) =>
    lines
      .get(line)!
      .cells.filter(({ is_placed }) => is_placed)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  return capped(inOrderOfAccrual, lines);
}

function eventsOf(company: Company, { deal, money }: Part, trigger: 'paid' | 'invoiced' | 'booked'): Moved[] {
  if ((trigger === 'booked') !== (money === deal)) return [];
  if (trigger !== 'booked') return movesOf(company, money, trigger);
  const { closed, amount = 0n } = company.deals[deal]!;
  const at = instant(closed, 0);
  if (amount === 0n) return [];
  return [
    {
      deal,
      invoice: '-',
      kind: 'close',
      id: deal,
      own: closed,
      effective: closed,
      order: [at, 0, at, deal],
      lines: [{ line: deal, amount }],
    },
  ];
}

function customerOf({ account }: CompanyDeal, deal: string): string {
  return account ?? deal;
}

function productOf(company: Company, invoice: string, line: string): string | undefined {
  if (invoice === '-') return undefined;
  return company.invoices[invoice]!.products?.[line] ?? 'core';
}

function newCell(
  { cap, plan }: Plan,
  component: Component,
  of: { line: string; name: string; customer: string },
): Cell {
  return { ...of, component, plan, cap, is_placed: false, pool: null, earned: ratio(0n), added: ratio(0n) };
}

function poolOf({ plan, customer }: Cell, per: string, effective: string): string {
  return `${plan} ${per} ${per === 'customer' ? customer : periodOf(effective, per)}`;
}

/** The movement in the plan's currency, half to even. */
function based(company: Company, { invoice, own, deal }: Moved, amount: bigint, currency: string): bigint | null {
  const from = (invoice === '-' ? company.deals[deal]!.currency : company.invoices[invoice]!.currency) ?? 'USD';
  return converted(company, amount, { from, to: currency, date: own });
}

/** By the latest direct rate of the last seven days, else the latest inverse; null without one. */
export function converted(
  { rates = [] }: Company,
  amount: bigint,
  { from, to, date }: { readonly from: string; readonly to: string; readonly date: string },
): bigint | null {
  if (from === to) return amount;
  const latest = (base: string, quote: string) =>
    rates
      .map((row) => row.split(' ') as [string, string, string, string])
      .filter(([on, left, right]) => left === base && right === quote && on <= date && day(on) >= day(date) - 7)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .at(-1)?.[3];
  const [direct, inverse] = [latest(from, to), latest(to, from)];
  if (direct !== undefined) return rounded(multiply(ratio(amount), decimal(direct)));
  if (inverse === undefined) return null;
  const [top, bottom] = decimal(inverse);
  return rounded(multiply(ratio(amount), [bottom, top]));
}

function marginal({ bands }: Tiers, total: Ratio): Ratio {
  let earned = ratio(0n);
  for (const [index, band] of bands.entries()) {
    const from = index === 0 ? null : ratio(cents(band.from));
    const to = index + 1 < bands.length ? ratio(cents(bands[index + 1]!.from)) : null;
    if (from && less(total, from)) break;
    const upper = to && less(to, total) ? to : total;
    earned = add(earned, multiply(decimal(band.rate), from ? add(upper, multiply(ratio(-1n), from)) : upper));
  }
  return earned;
}

function rateAt({ bands }: Tiers, total: Ratio): Ratio {
  let rate = decimal(bands[0]!.rate);
  for (const band of bands.slice(1)) if (!less(total, ratio(cents(band.from)))) rate = decimal(band.rate);
  return rate;
}

function targetOf({ line, earned }: Cell, lines: ReadonlyMap<string, Line>): bigint {
  const { gross, returned } = lines.get(line)!;
  return gross === 0n ? 0n : rounded([rounded(earned) * (gross + returned), gross]);
}

/** `cells` in the order in which they take room: line by line, a line's components in their order. */
function capped(cells: Iterable<Cell>, lines: ReadonlyMap<string, Line>): Map<string, bigint> {
  const used = new Map<string, bigint>();
  const balances = new Map<string, bigint>();
  for (const cell of cells) {
    const target = targetOf(cell, lines);
    let part = target;
    if (cell.pool !== null && cell.cap) {
      const room = most(0n, cents(cell.cap.amount) - (used.get(cell.pool) ?? 0n));
      if (target > 0n) part = least(target, room);
      used.set(cell.pool, (used.get(cell.pool) ?? 0n) + part);
    }
    if (part !== 0n) balances.set(`${cell.line} ${cell.name}`, part);
  }
  return balances;
}
