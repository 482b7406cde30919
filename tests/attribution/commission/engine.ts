// The pure parts of the engine put together as the steps do it over the warehouse: invoices folded, movements in their order,
// each partner's targets. Thousands of histories go through here in the time of one run over tables.
import { fraction, one, times } from '../../../attribution/commission/fraction.ts';
import { effectOf } from '../../../attribution/commission/money-events.ts';
import { type PlanBook, planBook, versionOn } from '../../../attribution/commission/plan.ts';
import { newCalendar, partnerFold } from '../../../attribution/commission/target.ts';
import { foldInvoice } from '../../../attribution/money/billing.ts';
import { convert, fxTable } from '../../../attribution/money/fx.ts';
import { type EventKind, eventKinds } from '../../../attribution/money/types.ts';
import { dayNumber } from '../../../core/month.ts';
import { plan } from '../../../core/programme.ts';
import type { Company } from './company.ts';
import type { Earner } from './model.ts';

export interface Change {
  readonly partner: string;
  readonly line: string;
  readonly component: string;
  readonly type: string;
  readonly amount_minor: bigint;
}

interface Row {
  readonly deal: string;
  readonly invoice: string;
  readonly kind: number;
  readonly id: string;
  readonly own_day: number;
  readonly effective_day: number;
  readonly order: readonly [number, number, number];
  readonly moves: readonly { readonly line: string; readonly amount_minor: bigint }[];
}

/** Every change of a target, partner by partner, in order. */
export function changesOf(company: Company, earnersOf: (deal: string) => readonly Earner[]): Change[] {
  const book = planBook(company.plans.map((one) => plan.parse(one)));
  const parts = Object.entries(company.deals).flatMap(([deal, { won = true }]) =>
    won ? earnersOf(deal).map((earner) => ({ deal, earner })) : [],
  );
  return [...Map.groupBy(parts, ({ earner }) => earner.partner).values()].flatMap((of) =>
    partnerChanges(company, book, of),
  );
}

function partnerChanges(
  company: Company,
  book: PlanBook,
  parts: readonly { deal: string; earner: Earner }[],
): Change[] {
  const changes: Change[] = [];
  const partner = parts[0]!.earner.partner;
  const numbers = numbering();
  const fx = fxTable(
    (company.rates ?? []).map((row) => {
      const [date, base_currency, quote_currency, rate] = row.split(' ') as [string, string, string, string];
      return { rate_day: dayNumber(date), base_currency, quote_currency, provider: 'ecb', rate };
    }),
    { reporting_currency: 'USD', max_age_days: 7 },
  );
  const fold = partnerFold(newCalendar(1), (cell, _, type, amount_minor) => {
    changes.push({ partner, line: numbers.name(cell.line), component: cell.component.name, type, amount_minor });
  });
  const rows = parts.flatMap(({ deal, earner }, earning) => {
    const close_day = dayNumber(company.deals[deal]!.closed);
    const locked = versionOn(book.get(earner.plan)!, close_day);
    return locked
      ? rowsOf(company, deal, locked.trigger).map((row) => ({ row, earner, earning, close_day, locked }))
      : [];
  });
  rows.sort(({ row: a }, { row: b }) => compare([...a.order, a.id, a.invoice], [...b.order, b.id, b.invoice]));
  for (const { row, earner, earning, close_day, locked } of rows) {
    const isAtPayment = locked.rate_locked_at === 'payment' && row.kind < eventKinds.length;
    const version = isAtPayment ? (versionOn(book.get(earner.plan)!, row.effective_day) ?? locked) : locked;
    const currency = company.invoices[row.invoice]?.currency ?? company.deals[row.deal]!.currency ?? 'USD';
    const baseOf = (amount_minor: bigint) => {
      if (currency === version.currency) return amount_minor;
      const found = fx.find(currency, version.currency, row.own_day);
      return found ? convert(amount_minor, currency, version.currency, found.rate) : null;
    };
    fold({
      effect: effectOf(row.kind),
      effective_day: row.effective_day,
      invoice: numbers.of(`invoice ${row.invoice}`),
      earning: {
        earning,
        deal: numbers.of(`deal ${row.deal}`),
        customer: numbers.of(`customer ${company.deals[row.deal]!.account ?? row.deal}`),
        role: earner.role,
        share: earner.role === 'sourced' ? one : times(locked.pool_share ?? one, fraction(1n, BigInt(earner.pool))),
        close_day,
      },
      version,
      moves: row.moves.map(({ line, amount_minor }) => ({
        line: numbers.of(line),
        product: company.invoices[row.invoice] ? (company.invoices[row.invoice]!.products?.[line] ?? 'core') : null,
        amount_minor,
        base_minor: effectOf(row.kind) === 'earn' ? baseOf(amount_minor) : null,
      })),
    });
  }
  return changes;
}

function rowsOf(company: Company, deal: string, trigger: 'paid' | 'invoiced' | 'booked'): Row[] {
  const { closed, amount = 0n } = company.deals[deal]!;
  const close_day = dayNumber(closed);
  if (trigger === 'booked') {
    const close = {
      deal,
      invoice: '-',
      kind: eventKinds.length,
      id: deal,
      own_day: close_day,
      effective_day: close_day,
    };
    const order = [close_day * 10, 0, close_day * 10] as const;
    return amount === 0n ? [] : [{ ...close, order, moves: [{ line: deal, amount_minor: amount }] }];
  }
  return Object.keys(company.invoices)
    .filter((invoice) => company.invoices[invoice]!.deal === deal)
    .flatMap((invoice) => invoiceRows(company, invoice, trigger, close_day));
}

function invoiceRows(company: Company, invoice: string, trigger: 'paid' | 'invoiced', close_day: number): Row[] {
  const { deal, issued, lines } = company.invoices[invoice]!;
  const names = Object.keys(lines).sort();
  const events = [`${issued} issue ${invoice} ${invoice} 0`, ...company.events]
    .map((row) => row.split(' ') as [string, EventKind, string, string, string, string?])
    .filter(([, , , of]) => of === invoice)
    .map(([date, kind, id, , amount, of]) => {
      const rank = kind === 'issue' ? 0 : kind === 'payment' ? 1 : 2;
      return { day: dayNumber(date), kind, id, amount_minor: BigInt(amount), of, at: dayNumber(date) * 10 + rank };
    })
    .sort((a, b) => compare([a.at, a.id], [b.at, b.id]));
  const payments = numbering();
  const folded = foldInvoice(
    names.map((name) => ({ net_minor: lines[name]!, tax_minor: 0n })),
    events.map(({ kind, id, amount_minor, of }) => ({
      kind,
      amount_minor,
      payment: kind === 'payment' ? payments.of(id) : of ? payments.of(of) : -1,
    })),
  );
  return folded.changes
    .filter(({ basis }) => basis === trigger)
    .flatMap(({ event, cells }) => {
      const { day, kind, id, at } = events[event]!;
      const issue_day = trigger === 'invoiced' ? dayNumber(issued) : 0;
      const moves = names
        .map((line, index) => ({ line, amount_minor: cells[index * 2]! }))
        .filter((move) => move.amount_minor !== 0n);
      if (moves.length === 0) return [];
      const act = kind === 'issue' || kind === 'payment' ? 0 : 1;
      const order = [Math.max(at, close_day * 10, issue_day * 10), act, at] as const;
      const effective_day = Math.max(day, close_day, issue_day);
      return [{ deal, invoice, kind: eventKinds.indexOf(kind), id, own_day: day, effective_day, order, moves }];
    });
}

function compare(left: readonly (string | number)[], right: readonly (string | number)[]): number {
  const index = left.findIndex((value, place) => value !== right[place]);
  return index < 0 ? 0 : left[index]! < right[index]! ? -1 : 1;
}

function numbering() {
  const names: string[] = [];
  return {
    of: (name: string) => (names.includes(name) ? names.indexOf(name) : names.push(name) - 1),
    name: (number: number) => names[number]!,
  };
}

/** Σ of the changes: `partner line component` → minor units; what cancels out is left out. */
export function balancesOf(changes: readonly Change[]): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const { partner, line, component, amount_minor } of changes) {
    const key = `${partner} ${line} ${component}`;
    sums.set(key, (sums.get(key) ?? 0n) + amount_minor);
  }
  return new Map([...sums].filter(([, amount]) => amount !== 0n));
}
