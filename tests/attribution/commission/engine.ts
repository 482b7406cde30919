// The pure parts of the engine put together as the steps do it over the warehouse: invoices folded, movements in their order,
// each partner's targets. Thousands of histories go through here in the time of one run over tables.
import {
  type DealEvidence,
  type DealPart,
  type EarningPart,
  earnersOf,
} from '../../../attribution/commission/earners/earners.ts';
import { overridesInForce } from '../../../attribution/commission/earners/overrides.ts';
import { newCalendar } from '../../../attribution/commission/plans/calendar.ts';
import { type PartnerTerms, type PlanBook, planBook, versionOn } from '../../../attribution/commission/plans/plan.ts';
import { newFoldState } from '../../../attribution/commission/targets/fold-state.ts';
import { effectOf } from '../../../attribution/commission/targets/money-events.ts';
import { partnerFold } from '../../../attribution/commission/targets/target.ts';
import { foldInvoice } from '../../../attribution/money/billing.ts';
import { convert, fxTable } from '../../../attribution/money/fx.ts';
import { type EventKind, eventKinds } from '../../../attribution/money/types.ts';
import type { Decision } from '../../../core/decision.ts';
import { dayNumber } from '../../../core/month.ts';
import { type Plan, plan } from '../../../core/programme.ts';
import type { Company } from './company.ts';
import type { Override, Posted } from './earners-model.ts';

export interface Change {
  readonly partner: string;
  readonly deal: string;
  readonly money: string;
  readonly role: EarningPart['role'];
  readonly pool: number | null;
  readonly version: string;
  readonly line: string;
  readonly component: string;
  readonly event: string;
  readonly type: string;
  readonly effective_day: number;
  readonly amount_minor: bigint;
}

/** What the books know: entries, and decisions about deals. */
export interface Recorded {
  readonly posted: readonly Posted[];
  readonly overrides: readonly Override[];
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

/** The plans of a history stay: they are parsed once. */
const parsed = new WeakMap<object, Plan>();

/** Every change of a target, partner by partner, in order. */
export function changesOf(company: Company, recorded: Recorded): Change[] {
  const book = planBook(company.plans.map((one) => parsed.getOrInsertComputed(one, () => plan.parse(one))));
  const partners = Object.keys(company.partners).sort();
  const termsOf = (party: number): PartnerTerms => ({
    partner_id: partners[party]!,
    is_margin: false,
    default_plan: null,
    agreements: company
      .agreements!.map((row) => row.split(' ') as [string, string, string, string])
      .filter(([, partner]) => partner === partners[party])
      .map(([agreement_id, , plan, starts]) => ({ agreement_id, plan, starts_day: dayNumber(starts), ends_day: null })),
  });
  const customers = numbering();
  const parts = Object.keys(company.deals).flatMap((deal, number) => {
    const { won = true, account = deal } = company.deals[deal]!;
    if (!won) return [];
    const evidence = evidenceOf(company, recorded, { deal, number, customer: customers.of(account), partners, book });
    return earnersOf(evidence, termsOf, book).earning.map((part) => ({ deal, part }));
  });
  return [...Map.groupBy(parts, ({ part }) => part.party).values()].flatMap((of) =>
    partnerChanges(company, partners[of[0]!.part.party]!, book, of),
  );
}

interface Place {
  readonly deal: string;
  readonly number: number;
  readonly customer: number;
  readonly partners: readonly string[];
  readonly book: PlanBook;
}

/** A deal's evidence, locks and override, as `inputs.ts` reads them from the warehouse. */
function evidenceOf(company: Company, { posted, overrides }: Recorded, place: Place): DealEvidence {
  const { deal, number, customer, partners, book } = place;
  const { closed, sourced, influenced = [] } = company.deals[deal]!;
  const partOf = (name: string, role: DealPart['role']) => {
    const { ended } = company.partners[name]!;
    const has_ended = ended !== undefined && ended < closed;
    const close_day = dayNumber(closed);
    return {
      deal: number,
      party: partners.indexOf(name),
      role,
      customer,
      close_day,
      has_ended,
      is_self_referral: false,
      is_reseller: false,
    };
  };
  const of = posted.filter((entry) => entry.deal === deal);
  const groups = [...Map.groupBy(of, ({ partner, role }) => `${role} ${partner}`).values()];
  const byEvidence = (group: readonly Posted[]) => {
    const first = group.find(({ is_by_override }) => !is_by_override);
    return first ? of.indexOf(first) : Number.POSITIVE_INFINITY;
  };
  const override = overridesInForce(decisionsOf(overrides)).find(({ subject_id }) => subject_id === deal);
  return {
    parts: [...(sourced ? [partOf(sourced, 'sourced')] : []), ...influenced.map((name) => partOf(name, 'influenced'))],
    locks: groups
      .sort((left, right) => byEvidence(left) - byEvidence(right) || 0)
      .map((group) => {
        const { partner, role, version, pool } = group[0]!;
        const versions = [...book.values()].flat();
        return {
          ...partOf(partner, role),
          version: versions.find(({ starts_on }) => starts_on === version)!,
          pool_size: pool,
          is_by_override: group.every(({ is_by_override }) => is_by_override),
        };
      }),
    override: override && { ...partOf(override.object_id, 'sourced'), has_ended: false },
  };
}

/** The decisions that make overrides: proposed by one person, approved by another or by the same one, which does not count. */
export function decisionsOf(overrides: readonly Override[]): Decision[] {
  const decisions = overrides.flatMap(({ deal, partner, is_approved, is_revoked }, index) => {
    const added = { person: 'Dana', kind: 'override_add', subject_id: deal, decision_id: `override-${index}` };
    const about = { subject_id: added.decision_id, decision_id: '' };
    return [
      { ...added, detail: { kind: 'deal_sourcing', object_id: partner } },
      { ...about, person: is_approved ? 'Erin' : 'Dana', kind: 'override_approve', detail: {} },
      ...(is_revoked ? [{ ...about, person: 'Dana', kind: 'override_revoke', detail: {} }] : []),
    ];
  });
  const common = { role: 'finance', subject_kind: '', reason: '', decided_at: '', hash: '' };
  return decisions.map((decision, index) => ({ ...common, ...decision, sequence: BigInt(index + 1) }));
}

/** What the ledger gets for the changes: a cause whose target differs from what was posted gets one entry a type. */
export interface Entry extends Posted {
  readonly cause: string;
  readonly amount_minor: bigint;
}

export function entriesOf(changes: readonly Change[], entries: readonly Entry[], recorded: Recorded): Entry[] {
  const inForce = overridesInForce(decisionsOf(recorded.overrides));
  const causeOf = ({ partner, line, component, event, type }: Change) =>
    [partner, line, component, event, type].join(' ');
  const targets = Map.groupBy(
    changes.toSorted((left, right) => left.effective_day - right.effective_day),
    causeOf,
  );
  const posted = Map.groupBy(entries, ({ cause }) => cause);
  const sum = (rows: readonly { readonly amount_minor: bigint }[] = []) =>
    rows.reduce((total, { amount_minor }) => total + amount_minor, 0n);
  return [...new Set([...targets.keys(), ...posted.keys()])].flatMap((cause) => {
    const amount_minor = sum(targets.get(cause)) - sum(posted.get(cause));
    if (amount_minor === 0n) return [];
    const target = targets.get(cause)?.[0];
    if (!target) return [{ ...posted.get(cause)![0]!, amount_minor }];
    const { deal, money, partner, role, pool, version } = target;
    const is_by_override =
      role === 'sourced' && inForce.some(({ subject_id, object_id }) => subject_id === deal && object_id === partner);
    return [{ deal, money, partner, role, pool, version, cause, amount_minor, is_by_override }];
  });
}

function partnerChanges(
  company: Company,
  partner: string,
  book: PlanBook,
  parts: readonly { deal: string; part: EarningPart }[],
): Change[] {
  const changes: Change[] = [];
  const numbers = numbering();
  let cause: Row;
  const fx = fxTable(
    (company.rates ?? []).map((row) => {
      const [date, base_currency, quote_currency, rate] = row.split(' ') as [string, string, string, string];
      return { rate_day: dayNumber(date), base_currency, quote_currency, provider: 'ecb', rate };
    }),
    { reporting_currency: 'USD', max_age_days: 7 },
  );
  const fold = partnerFold(newFoldState(newCalendar(1)), (cell, _, type, amount_minor) => {
    const { deal, part } = parts[cell.earning.earning]!;
    changes.push({
      partner,
      deal,
      money: moneyOf.get(numbers.name(cell.line))!,
      role: part.role,
      pool: part.pool_size,
      version: cell.version.starts_on,
      line: numbers.name(cell.line),
      component: cell.component.name,
      event: `${cause.kind} ${cause.id}`,
      type,
      effective_day: cause.effective_day,
      amount_minor,
    });
  });
  const rows = parts.flatMap(({ deal, part }, earning) =>
    rowsOf(company, deal, part.version.trigger).map((row) => ({ row, part, earning })),
  );
  rows.sort(({ row: a }, { row: b }) => compare([...a.order, a.id, a.invoice], [...b.order, b.id, b.invoice]));
  const moneyOf = new Map(
    rows.flatMap(({ row: { deal, invoice, moves } }) =>
      moves.map(({ line }) => [line, line === deal ? deal : invoice] as const),
    ),
  );
  const movesOf = ({ row, part, earning }: (typeof rows)[number]) => {
    const isAtPayment = part.version.rate_locked_at === 'payment' && row.kind < eventKinds.length;
    const version = isAtPayment
      ? (versionOn(book.get(part.version.plan)!, row.effective_day) ?? part.version)
      : part.version;
    const currency = company.invoices[row.invoice]?.currency ?? company.deals[row.deal]!.currency ?? 'USD';
    const baseOf = (amount_minor: bigint) => {
      if (currency === version.currency) return amount_minor;
      const found = fx.find(currency, version.currency, row.own_day);
      return (found && convert(amount_minor, currency, version.currency, found.rate)) ?? null;
    };
    const of = { invoice: numbers.of(`invoice ${row.invoice}`), earning: { ...part, earning }, version };
    return row.moves.map(({ line, amount_minor }) => ({
      part: of,
      line: numbers.of(line),
      product: company.invoices[row.invoice] ? (company.invoices[row.invoice]!.products?.[line] ?? 'core') : null,
      amount_minor,
      base_minor: effectOf(row.kind) === 'earn' ? baseOf(amount_minor) : null,
    }));
  };
  const byEvent = Map.groupBy(rows, ({ row }) => `${row.kind} ${row.id} ${row.order[0]}`);
  for (const of of byEvent.values()) {
    cause = of[0]!.row;
    const moves = of.flatMap(movesOf).sort((a, b) => (numbers.name(a.line) < numbers.name(b.line) ? -1 : 1));
    fold({ effect: effectOf(cause.kind), effective_day: cause.effective_day, moves });
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
