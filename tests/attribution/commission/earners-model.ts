// Who should earn on a deal, from domain.md §8 and fine-print 10, 22 and 27: an independent model that shares no code with
// attribution/. What is locked it takes from the entries that were posted.
import type { Earner } from './model.ts';

/** An entry that was posted for a partner's part in a deal, in the order of posting. */
export interface Posted {
  readonly deal: string;
  /** The invoice that it is of, or the deal whose close earned. */
  readonly money: string;
  readonly partner: string;
  readonly role: Earner['role'];
  /** `starts_on` of the plan version. */
  readonly version: string;
  readonly pool: number | null;
  /** It rests on an override. */
  readonly is_by_override: boolean;
}

export interface Override {
  readonly deal: string;
  readonly partner: string;
  /** By a second person. */
  readonly is_approved: boolean;
  is_revoked: boolean;
}

/** What a history knows about who did what. */
export interface Evidence {
  readonly name: string;
  readonly plans: readonly Record<string, unknown>[];
  /** The day from which an agreement is in force, and the day on which the partner ended. */
  readonly partners: Readonly<Record<string, { readonly agreed: string | null; readonly ended: string | null }>>;
  readonly deals: Readonly<
    Record<
      string,
      { readonly closed: string; readonly sourced: string | undefined; readonly influenced: readonly string[] }
    >
  >;
  /** Merged deals and the ones that they live on in. */
  readonly merged: Readonly<Record<string, string>>;
  readonly overrides: readonly Override[];
  readonly posted: readonly Posted[];
}

/**
 * Who earns on a money of a deal: an override, else the first entry that rests on evidence, else today's evidence; the pool keeps
 * the size it was paid with.
 */
export function earnersIn(world: Evidence): (deal: string, money: string) => readonly Earner[] {
  return (name, money) => {
    const { closed, sourced, influenced } = world.deals[name]!;
    const plan = `plan-${world.name}`;
    const posted = postedOf(world, name, money);
    const inPool = posted.filter(({ role }) => role === 'influenced');
    const override = overrideOf(world, name, posted);
    const paid = posted.find(({ role, is_by_override }) => role === 'sourced' && !is_by_override);
    const evidence = inPool.some(({ partner }) => partner === sourced) ? undefined : sourced;
    const partner = override?.partner ?? paid?.partner ?? evidence;

    const atClose = versionOn(world, closed);
    const known =
      override || paid ? posted.find((entry) => entry.role === 'sourced' && entry.partner === partner) : undefined;
    const isPaying =
      partner !== undefined && (known !== undefined || hasTerms(world, partner, closed, override !== undefined));
    const versionOf = (entry: Posted | undefined) =>
      !entry || (atClose.rate_locked_at === 'payment' && atClose.starts_on < entry.version)
        ? atClose.starts_on
        : entry.version;
    const sourcing: Earner[] = isPaying ? [{ partner, role: 'sourced', pool: 1, plan, version: versionOf(known) }] : [];

    const others = influenced.filter((one) => one !== sourcing[0]?.partner);
    const pool = inPool[0]?.pool ?? others.length;
    const earlier = new Map(inPool.toReversed().map((entry) => [entry.partner, entry]));
    const sharing = [...earlier.keys()].filter((one) => one !== sourcing[0]?.partner);
    const joining =
      pool === new Set([...sharing, ...others]).size && atClose.earns_on.influenced
        ? others.filter((one) => !earlier.has(one) && hasTerms(world, one, closed, false))
        : [];
    return [
      ...sourcing,
      ...[...sharing, ...joining].map(
        (one): Earner => ({ partner: one, role: 'influenced', pool, plan, version: versionOf(earlier.get(one)) }),
      ),
    ];
  };
}

/** A money of a deal that others were merged into stays with the deal that it was first posted on; what never was, with the deal itself. */
function postedOf({ posted, merged }: Evidence, name: string, money: string): readonly Posted[] {
  const all = posted.filter(({ deal }) => (merged[deal] ?? deal) === name);
  const firstOn = new Map<string, string>();
  for (const entry of all) if (!firstOn.has(entry.money)) firstOn.set(entry.money, entry.deal);
  const origins = [...new Set(firstOn.values())];
  const own = firstOn.get(money) ?? (origins.includes(name) ? name : origins[0]);
  return all.filter((entry) => firstOn.get(entry.money) === own);
}

/** The deal's own, else that of the merged deal that the money came to last; where nothing was posted, the latest of them. */
function overrideOf({ overrides, merged, posted }: Evidence, name: string, own: readonly Posted[]) {
  const inForce = overrides.filter(
    ({ deal, is_approved, is_revoked }) => (merged[deal] ?? deal) === name && is_approved && !is_revoked,
  );
  const of = (subject: string) => inForce.findLast(({ deal }) => deal === subject);
  if (of(name)) return of(name);
  if (!posted.some(({ deal }) => (merged[deal] ?? deal) === name)) return inForce.at(-1);
  const stood = new Set(own.map(({ deal }) => deal));
  return [...stood]
    .reverse()
    .map(of)
    .find((found) => found !== undefined);
}

type Version = {
  readonly starts_on: string;
  readonly rate_locked_at: string;
  readonly earns_on: { readonly influenced?: object };
};

function versionOn({ plans }: Evidence, date: string): Version {
  return (plans as readonly Version[]).findLast(({ starts_on }) => starts_on <= date)!;
}

/** An agreement is in force at the close, and the partner had not ended before it; an override looks away from the end. */
function hasTerms({ partners }: Evidence, partner: string, closed: string, isOverride: boolean): boolean {
  const { agreed, ended } = partners[partner]!;
  return agreed !== null && agreed <= closed && (isOverride || ended === null || ended >= closed);
}
