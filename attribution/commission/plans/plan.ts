// Which agreement, plan and version pay a partner for a won deal, or the reason why none does (fine-print 22).
import { exponentOf } from '../../../core/currency.ts';
import { parseAmount, parseDecimal, type Rational } from '../../../core/money.ts';
import { addMonths, type DayNumber, dateOfDay, dayNumber, type Period } from '../../../core/month.ts';
import type { Component, Plan, Tiers } from '../../../core/programme.ts';

export interface Band {
  /** Inclusive lower end in minor units of the plan's currency; the first band is open below. */
  readonly from_minor: bigint;
  readonly rate: Rational;
}

export interface TierTable {
  readonly mode: Tiers['mode'];
  readonly per: Period;
  readonly bands: readonly Band[];
}

export interface PercentComponent {
  readonly kind: 'percent';
  /** `<position>:<kind>`, position from 1 (fine-print 30). */
  readonly name: string;
  /** null where the component has tiers. */
  readonly rate: Rational | null;
  readonly tiers: TierTable | null;
  readonly months: number | null;
  readonly contract_cost: Component['contract_cost'];
}

export interface FlatComponent {
  readonly kind: 'flat';
  readonly name: string;
  readonly amount_minor: bigint;
  readonly once_per: 'customer' | 'deal';
  readonly contract_cost: Component['contract_cost'];
}

/** One version of a plan with its texts parsed; amounts in minor units of `currency`. */
export interface PlanVersion {
  readonly plan: string;
  readonly starts_on: string;
  readonly starts_day: DayNumber;
  readonly currency: string;
  readonly trigger: Plan['trigger'];
  readonly is_sourced_paid: boolean;
  /** The share that a pool of influencing partners divides; null where influence earns nothing. */
  readonly pool_share: Rational | null;
  /** null: every product. */
  readonly products: ReadonlySet<string> | null;
  readonly components: readonly (PercentComponent | FlatComponent)[];
  readonly cap: { readonly per: 'customer' | Exclude<Period, 'lifetime'>; readonly amount_minor: bigint } | null;
  readonly hold_days: number;
  readonly clawback_days: number | null;
  readonly rate_locked_at: Plan['rate_locked_at'];
}

/** A version with its amounts as minor units of the plan's currency and its rates as fractions. Throws MoneyError for a text that core/programme.ts would refuse. */
export function planVersion(plan: Plan): PlanVersion {
  const minor = (text: string) => parseAmount(text, exponentOf(plan.currency) ?? 0);
  const component = (part: Component, index: number): PercentComponent | FlatComponent => {
    const name = `${index + 1}:${part.kind}`;
    const { contract_cost } = part;
    if (part.kind === 'flat')
      return { kind: 'flat', name, amount_minor: minor(part.amount), once_per: part.once_per, contract_cost };
    return {
      kind: 'percent',
      name,
      rate: part.rate === undefined ? null : parseDecimal(part.rate),
      tiers: part.tiers ? tierTable(part.tiers, minor) : null,
      months: part.months,
      contract_cost,
    };
  };
  return {
    plan: plan.plan,
    starts_on: plan.starts_on,
    starts_day: dayNumber(plan.starts_on),
    currency: plan.currency,
    trigger: plan.trigger,
    is_sourced_paid: plan.earns_on.sourced,
    pool_share: plan.earns_on.influenced ? parseDecimal(plan.earns_on.influenced.share) : null,
    products: plan.products ? new Set(plan.products) : null,
    components: plan.components.map(component),
    cap: plan.cap ? { per: plan.cap.per, amount_minor: minor(plan.cap.amount) } : null,
    hold_days: plan.hold_days,
    clawback_days: plan.clawback_days,
    rate_locked_at: plan.rate_locked_at,
  };
}

function tierTable({ mode, per, bands }: Tiers, minor: (text: string) => bigint): TierTable {
  return { mode, per, bands: bands.map(({ from, rate }) => ({ from_minor: minor(from), rate: parseDecimal(rate) })) };
}

/** The versions of every plan, the earliest first. */
export type PlanBook = ReadonlyMap<string, readonly PlanVersion[]>;

/** The versions by plan. Throws like `planVersion`. */
export function planBook(plans: readonly Plan[]): PlanBook {
  const book = Map.groupBy(plans.map(planVersion), ({ plan }) => plan);
  for (const versions of book.values()) versions.sort((left, right) => left.starts_day - right.starts_day);
  return book;
}

/** The version of a plan in force on a day; undefined before its first. */
export function versionOn(versions: readonly PlanVersion[], day: DayNumber): PlanVersion | undefined {
  return versions.findLast(({ starts_day }) => starts_day <= day);
}

export interface Agreement {
  readonly agreement_id: string;
  readonly plan: string;
  readonly starts_day: DayNumber;
  /** Inclusive; null while it has no end. */
  readonly ends_day: DayNumber | null;
}

/** What is known of a partner where its pay is decided. */
export interface PartnerTerms {
  readonly partner_id: string;
  /** Margin instead of commission (a reseller that takes control). */
  readonly is_margin: boolean;
  /** The motion's plan, where no agreement is in force. */
  readonly default_plan: string | null;
  readonly agreements: readonly Agreement[];
}

/** Two agreements of one partner that are in force on the same day: a configuration error (domain.md §8). */
export function overlapOf(agreements: readonly Agreement[]): readonly [Agreement, Agreement] | undefined {
  const ordered = agreements
    .filter(({ starts_day, ends_day }) => ends_day === null || ends_day >= starts_day) // others are never in force
    .sort((left, right) => left.starts_day - right.starts_day);
  for (const [index, next] of ordered.entries()) {
    const earlier = ordered.slice(0, index).find(({ ends_day }) => ends_day === null || ends_day >= next.starts_day);
    if (earlier) return [earlier, next];
  }
  return undefined;
}

/** Why a partner earns nothing on a won deal, in words; the first that applies is told (DECISIONS.md). */
export const zeroReasons = {
  reseller_margin: 'the partner resells: its discount is margin, not commission',
  partner_ended: 'the partner had ended before the deal closed',
  self_referral: 'partner and buyer share a corporate domain',
  no_agreement: 'no agreement was in force at the close and the motion has no default plan',
  unknown_plan: 'the agreement names a plan that sourced.yaml does not have',
  no_plan_version: 'no version of the plan was in force at the close',
  plan_does_not_earn_on_this: 'the plan does not pay for what the partner did on this deal',
  sourcing_locked: 'another partner has been paid for the deal: only an approved override moves pay',
  influence_locked: 'the partner has been paid for its influence on the deal: only an approved override moves pay',
  pool_locked: 'the influenced pool was divided and paid before this partner joined it',
} as const;
export type ZeroReason = keyof typeof zeroReasons;

export type EarningRole = 'sourced' | 'influenced';

/** A partner's part in a won deal. */
export interface Part {
  readonly role: EarningRole;
  readonly close_day: DayNumber;
  /** The partner's end lies before the close. */
  readonly has_ended: boolean;
  readonly is_self_referral: boolean;
  readonly is_reseller: boolean;
}

export type PlanDecision =
  | { readonly version: PlanVersion; readonly reason?: undefined }
  | { readonly version?: undefined; readonly reason: ZeroReason };

/** The plan version at the close, or why nothing is earned; the first reason that applies. */
export function planFor(part: Part, terms: PartnerTerms, book: PlanBook): PlanDecision {
  if (terms.is_margin || part.is_reseller) return { reason: 'reseller_margin' };
  if (part.has_ended) return { reason: 'partner_ended' };
  if (part.is_self_referral) return { reason: 'self_referral' };
  const plan = agreementOn(terms.agreements, part.close_day)?.plan ?? terms.default_plan;
  if (plan === null) return { reason: 'no_agreement' };
  const versions = book.get(plan);
  if (!versions) return { reason: 'unknown_plan' };
  const version = versionOn(versions, part.close_day);
  if (!version) return { reason: 'no_plan_version' };
  const earns = part.role === 'sourced' ? version.is_sourced_paid : version.pool_share !== null;
  return earns ? { version } : { reason: 'plan_does_not_earn_on_this' };
}

function agreementOn(agreements: readonly Agreement[], day: DayNumber): Agreement | undefined {
  return agreements.find(({ starts_day, ends_day }) => starts_day <= day && (ends_day === null || day <= ends_day));
}

/** The first day on which a component no longer earns: its months counted from the close (fine-print 3, 22). */
export function eligibilityEnd(close_day: DayNumber, months: number): DayNumber {
  return dayNumber(addMonths(dateOfDay(close_day), months));
}
