// What is true of the company because it was made so: who sourced each deal, what was received, what is owed. Kept as sums
// while the data are written; nothing here reads them back.
import { divideHalfEven } from '../core/money.ts';
import { addMonths, type Day, dayOf, toMonth } from './calendar.ts';
import type { Rates } from './fx.ts';
import type { InvoiceLine, Movement } from './payments.ts';
import { type Terms, termsOf } from './programme.ts';
import type { Currency, Setting } from './setting.ts';
import type { Deal } from './world.ts';

export type Basis = 'booked' | 'invoiced' | 'paid';
export type RevenueSums = {
  total: bigint;
  sourced: bigint;
  influencedDistinct: bigint;
  partnerInvolved: bigint;
  unlinked: bigint;
  reportingTotal: bigint;
  reportingSourced: bigint;
};
export type PartnerSums = { sourced: bigint; reportingSourced: bigint };
export type CommissionDay = { accrued: bigint; clawedBack: bigint; paid: bigint };

export type InvoiceTruth = {
  /** Undefined: the invoice finds no deal. */
  readonly deal: Deal | undefined;
  readonly currency: Currency;
  readonly lines: readonly Pick<InvoiceLine, 'product' | 'net'>[];
  readonly paid: readonly Movement[];
  readonly invoiced: readonly Movement[];
};

/** One deal of the truth; ids are native. */
export type SourcingTruth = { dealId: string; partnerId?: string; rule?: string; evidenceId?: string };

export type Truth = {
  recordSourcing(row: SourcingTruth): void;
  recordInvoice(invoice: InvoiceTruth): void;
  recordBooking(deal: Deal, currency: Currency, amount: bigint): void;
  recordPayout(partnerId: string, currency: Currency, day: Day, amount: bigint): void;
  /** By `month|basis|currency`. */
  readonly revenue: ReadonlyMap<string, RevenueSums>;
  /** By `partner|month|basis|currency`. */
  readonly partnerRevenue: ReadonlyMap<string, PartnerSums>;
  /** By `partner|currency`, then by day. */
  readonly commission: ReadonlyMap<string, ReadonlyMap<Day, CommissionDay>>;
};

/** `recordSourcing` receives every deal as it is written: a company of a million deals is not kept in memory. */
export function createTruth(setting: Setting, rates: Rates, recordSourcing: Truth['recordSourcing']): Truth {
  const revenue = new Map<string, RevenueSums>();
  const partnerRevenue = new Map<string, PartnerSums>();
  const commission = new Map<string, Map<Day, CommissionDay>>();

  const add = (basis: Basis, deal: Deal | undefined, currency: Currency, day: Day, amount: bigint) => {
    const reporting = rates.convert(amount, currency, 'USD', day);
    const sums = entryOf(revenue, `${toMonth(day)}|${basis}|${currency}`, noRevenue);
    sums.total += amount;
    sums.reportingTotal += reporting;
    if (!deal) sums.unlinked += amount;
    const partner = deal?.sourcing?.partner;
    if (partner) {
      sums.sourced += amount;
      sums.reportingSourced += reporting;
      const own = entryOf(partnerRevenue, `${partner.id}|${toMonth(day)}|${basis}|${currency}`, noPartner);
      own.sourced += amount;
      own.reportingSourced += reporting;
    }
    const isInfluenced = deal !== undefined && deal.touchedBy.size > (partner && deal.touchedBy.has(partner) ? 1 : 0);
    if (isInfluenced) sums.influencedDistinct += amount;
    if (isInfluenced || partner) sums.partnerInvolved += amount;
  };

  const recordInvoice = (invoice: InvoiceTruth) => {
    const net = invoice.lines.reduce((sum, line) => sum + line.net, 0n);
    const { deal, currency } = invoice;
    for (const { day, quarters } of invoice.invoiced)
      add('invoiced', deal, currency, day, (net / 4n) * BigInt(quarters));
    for (const { day, quarters } of invoice.paid) add('paid', deal, currency, day, (net / 4n) * BigInt(quarters));
    const terms = deal && termsOf(setting, deal);
    if (!terms) return;
    const days = entryOf(
      commission,
      `${deal.sourcing!.partner.id}|${terms.currency}`,
      () => new Map<Day, CommissionDay>(),
    );
    const until = addMonths(dayOf(deal.closed!), terms.months);
    for (const line of invoice.lines)
      if (!terms.products || terms.products.includes(line.product))
        for (const { day, amount, isReturn } of lineCommission(rates, terms, until, currency, line.net, invoice.paid)) {
          const entry = entryOf(days, day, noCommission);
          if (isReturn) entry.clawedBack -= amount;
          else entry.accrued += amount;
        }
  };

  return {
    recordSourcing,
    recordInvoice,
    recordBooking: (deal, currency, amount) => add('booked', deal, currency, dayOf(deal.closed!), amount),
    recordPayout: (partnerId, currency, day, amount) => {
      const days = entryOf(commission, `${partnerId}|${currency}`, () => new Map<Day, CommissionDay>());
      entryOf(days, day, noCommission).paid += amount;
    },
    revenue,
    partnerRevenue,
    commission,
  };
}

/**
 * What one invoice line earns its partner at each movement. Payments before `until` earn; the commission stands on the sum of
 * what they brought, converted payment by payment; a return takes its part of the line's own quarters back.
 */
function* lineCommission(
  rates: Rates,
  terms: Terms,
  until: Day,
  currency: Currency,
  net: bigint,
  movements: readonly Movement[],
): Generator<{ day: Day; amount: bigint; isReturn: boolean }> {
  let base = 0n;
  let gross = 0;
  let kept = 0;
  let earned = 0n;
  let lastPayment = 0;
  for (const { day, quarters, kind } of movements) {
    if (kind === 'payment') {
      if (day >= until) continue;
      base += rates.convert((net / 4n) * BigInt(quarters), currency, terms.currency, day);
      gross += quarters;
      kept += quarters;
      lastPayment = day;
    } else {
      if (gross === 0) continue;
      const isTooLate =
        kind === 'return' && terms.clawbackDays !== undefined && day >= lastPayment + terms.clawbackDays;
      if (isTooLate) return;
      kept += quarters;
    }
    const full = divideHalfEven(base * terms.percent, 100n);
    const target = divideHalfEven(full * BigInt(kept), BigInt(gross));
    if (target !== earned) yield { day, amount: target - earned, isReturn: kind === 'return' };
    earned = target;
  }
}

function entryOf<K, V>(map: Map<K, V>, key: K, create: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = create();
    map.set(key, value);
  }
  return value;
}

const noRevenue = (): RevenueSums => ({
  total: 0n,
  sourced: 0n,
  influencedDistinct: 0n,
  partnerInvolved: 0n,
  unlinked: 0n,
  reportingTotal: 0n,
  reportingSourced: 0n,
});
const noPartner = (): PartnerSums => ({ sourced: 0n, reportingSourced: 0n });
const noCommission = (): CommissionDay => ({ accrued: 0n, clawedBack: 0n, paid: 0n });
