// Who earns on a won deal, under which plan version and with which share; what is locked and what contests it (domain.md §8).
import type { Rational } from '../../../core/money.ts';
import type { DayNumber } from '../../../core/month.ts';
import { fraction, lowestTerms, one, times } from '../fraction.ts';
import {
  type EarningRole,
  type PartnerTerms,
  type PlanBook,
  type PlanVersion,
  planFor,
  versionOn,
  type ZeroReason,
} from '../plans/plan.ts';
import type { Earning } from '../targets/target.ts';

/** What today's evidence says: a partner sourced a won deal or influenced it. */
export interface DealPart {
  readonly deal: number;
  readonly party: number;
  readonly role: EarningRole;
  readonly customer: number;
  readonly close_day: DayNumber;
  /** The partner's end lies before the close. */
  readonly has_ended: boolean;
  readonly is_self_referral: boolean;
  /** The partner resells this deal. */
  readonly is_reseller: boolean;
}

/** What the deal's first posted entry locked. */
export interface Lock {
  readonly deal: number;
  readonly party: number;
  readonly role: EarningRole;
  readonly customer: number;
  readonly close_day: DayNumber;
  readonly version: PlanVersion;
  /** Of the influenced pool; null for the sourcing partner. */
  readonly pool_size: number | null;
  /** Every entry rests on an override: once that is revoked, nothing is locked. */
  readonly is_by_override: boolean;
}

/** A partner that earns on a deal. */
export interface EarningPart extends Omit<Earning, 'earning'> {
  readonly party: number;
  readonly version: PlanVersion;
  readonly pool_size: number | null;
}

export interface ZeroPart {
  readonly deal: number;
  readonly party: number;
  readonly role: EarningRole;
  readonly reason: ZeroReason;
}

export const lockChanges = [
  'another partner sourced the deal',
  'no partner sourced the deal any more',
  'another plan version applies',
  'the influence is gone',
  'only for its influence: it sourced the deal',
  'no plan pays for it any more',
] as const;
export type LockChange = (typeof lockChanges)[number];

/** Evidence that came after the lock and would move pay: only an approved override does. */
export interface SourcingChange {
  readonly deal: number;
  readonly locked_party: number;
  /** −1: today's evidence names nobody. */
  readonly evidence_party: number;
  readonly detail: LockChange;
}

export interface Earners {
  readonly earning: readonly EarningPart[];
  readonly zero: readonly ZeroPart[];
  readonly changes: readonly SourcingChange[];
}

export interface DealEvidence {
  readonly parts: readonly DealPart[];
  /** In the order of posting: the first one of a deal is its lock, the others were moved to by an override. */
  readonly locks: readonly Lock[];
  /** The part of the partner that an approved override pays as sourcing partner; undefined without one. */
  readonly override: DealPart | undefined;
}

/** Decides one deal. `terms` gives a party's terms. */
export function earnersOf(known: DealEvidence, terms: (party: number) => PartnerTerms, book: PlanBook): Earners {
  const evidence = { ...known, locks: known.locks.map((lock) => ({ ...lock, version: decidingVersion(lock, book) })) };
  const sourced = sourcedEarner(evidence, terms, book);
  const pool = pooledEarners(evidence, sourced.earning[0]?.party, terms, book);
  return {
    earning: [...sourced.earning, ...pool.earning],
    zero: [...sourced.zero, ...pool.zero],
    changes: [...sourced.changes, ...pool.changes],
  };
}

/** Where the rate locks at the payment, an entry names the payment's version; who earns was decided by the one at the close. */
function decidingVersion({ version, close_day }: Lock, book: PlanBook): PlanVersion {
  const closing = versionOn(book.get(version.plan) ?? [], close_day);
  return closing?.rate_locked_at === 'payment' && closing.starts_day < version.starts_day ? closing : version;
}

function sourcedEarner(
  { parts, locks, override }: DealEvidence,
  terms: (party: number) => PartnerTerms,
  book: PlanBook,
): Earners {
  const found = parts.find(({ role }) => role === 'sourced');
  const lock = locks.find(
    ({ role, party, is_by_override }) => role === 'sourced' && (override ? party === override.party : !is_by_override),
  );
  if (lock && override) return { ...nothing, earning: [{ ...lock, share: one }] };
  if (lock) return lockedEarner(lock, found, terms, book);
  const part = override ?? found;
  if (!part) return nothing;
  const isPaidForInfluence = locks.some(({ role, party }) => role === 'influenced' && party === part.party);
  return isPaidForInfluence && !override ? influenceLocked(part) : decided(part, one, null, terms, book);
}

const nothing: Earners = { earning: [], zero: [], changes: [] };

function lockedEarner(
  lock: Lock,
  found: DealPart | undefined,
  terms: (party: number) => PartnerTerms,
  book: PlanBook,
): Earners {
  const earning = [{ ...lock, share: one }];
  const change = (detail: SourcingChange['detail']): Earners => ({
    earning,
    zero: found && found.party !== lock.party ? [{ ...found, reason: 'sourcing_locked' }] : [],
    changes: [{ deal: lock.deal, locked_party: lock.party, evidence_party: found?.party ?? -1, detail }],
  });
  if (!found) return change('no partner sourced the deal any more');
  if (found.party !== lock.party) return change('another partner sourced the deal');
  const { version } = planFor(found, terms(found.party), book);
  if (version !== lock.version)
    return change(version ? 'another plan version applies' : 'no plan pays for it any more');
  return { earning, zero: [], changes: [] };
}

/** A partner earns on a deal as the sourcing partner or from the pool, never as both. */
function influenceLocked({ deal, party, role }: DealPart): Earners {
  const detail = 'only for its influence: it sourced the deal';
  return {
    earning: [],
    zero: [{ deal, party, role, reason: 'influence_locked' }],
    changes: [{ deal, locked_party: party, evidence_party: party, detail }],
  };
}

/** The pool divides by all influencing partners, with or without a plan (fine-print 27). */
function pooledEarners(
  { parts, locks }: DealEvidence,
  sourcing_party: number | undefined,
  terms: (party: number) => PartnerTerms,
  book: PlanBook,
): Earners {
  const found = parts.filter(({ role, party }) => role === 'influenced' && party !== sourcing_party);
  const paid = locks.filter(({ role }) => role === 'influenced');
  const locked = paid.filter(({ party }) => party !== sourcing_party);
  const pool_size = paid[0]?.pool_size ?? found.length;
  const open = found.filter(({ party }) => !locked.some((lock) => lock.party === party));
  const isLockedOut = pool_size !== locked.length + open.length;
  const decisions = open.map(
    (part): Earners =>
      isLockedOut
        ? { ...nothing, zero: [{ ...part, reason: 'pool_locked' }] }
        : decided(part, fraction(1n, BigInt(pool_size)), pool_size, terms, book),
  );
  const gone = locked.filter((lock) => !parts.some(({ party }) => party === lock.party));
  return {
    earning: [
      ...locked.map((lock) => ({ ...lock, share: poolShare(lock.version, fraction(1n, BigInt(pool_size))) })),
      ...decisions.flatMap(({ earning }) => earning),
    ],
    zero: decisions.flatMap(({ zero }) => zero),
    changes: gone.map(({ deal, party }) => ({
      deal,
      locked_party: party,
      evidence_party: -1,
      detail: 'the influence is gone',
    })),
  };
}

function decided(
  part: DealPart,
  share: Rational,
  pool_size: number | null,
  terms: (party: number) => PartnerTerms,
  book: PlanBook,
): Earners {
  const { version, reason } = planFor(part, terms(part.party), book);
  if (!version) return { ...nothing, zero: [{ ...part, reason }] };
  const { deal, party, role, customer, close_day } = part;
  const whole = role === 'sourced' ? share : poolShare(version, share);
  return { ...nothing, earning: [{ deal, party, role, customer, close_day, share: whole, version, pool_size }] };
}

function poolShare({ pool_share }: PlanVersion, part: Rational): Rational {
  return pool_share ? lowestTerms(times(pool_share, part)) : part;
}
