// What people overrule: the account of a billing customer, the partner that a deal's commission goes to, and the terms of a plan
// version that has entries (domain.md §2, §8).
// Pure: decisions of the books in, overrides out. They are recorded by the command line.
import type { Decision } from '../books-port.ts';

/** Kinds of override by name: what they decide about, what they name instead, and what follows with the next run. */
export const overrideKinds = {
  customer_account: {
    subject: 'billing customer',
    object: 'account',
    effect: 'links the customer to the account, where no explicit id does',
  },
  deal_sourcing: {
    subject: 'deal',
    object: 'partner',
    effect: 'pays the partner as the one that sourced the deal; published sourcing stays with its evidence',
  },
  plan_amendment: {
    subject: 'plan version',
    object: 'terms',
    effect: 'lets the edited terms of a version with entries stand; what they change is posted as differences',
  },
} as const;

export type OverrideKind = keyof typeof overrideKinds;

/** `superseded`: a later approval for the same subject stands in its place, for as long as that is not revoked. */
export type OverrideState = 'proposed' | 'in_force' | 'superseded' | 'revoked';

export interface Override {
  /** The decision that proposed it. */
  readonly override_id: string;
  readonly kind: OverrideKind;
  readonly subject_id: string;
  readonly object_id: string;
  readonly reason: string;
  readonly maker: string;
  readonly checker: string | null;
  readonly state: OverrideState;
}

/** Every override that was ever proposed, in that order. */
export function overridesOf(decisions: readonly Decision[]): Override[] {
  const about = Map.groupBy(decisions, ({ subject_id }) => subject_id);
  const found = decisions
    .filter(({ kind, detail }) => kind === 'override_add' && String(detail.kind) in overrideKinds)
    .map((added) => {
      const later = about.get(added.decision_id) ?? [];
      // The maker of an override is never its checker (domain.md §9), however the decision came into the books.
      const approval = later.find(({ kind, person }) => kind === 'override_approve' && person !== added.person);
      return { added, approval, is_revoked: later.some(({ kind }) => kind === 'override_revoke') };
    });
  const standing = new Map<string, Decision>();
  for (const { added, approval, is_revoked } of found) {
    const before = standing.get(placeOf(added));
    if (approval && !is_revoked && !(before && before.sequence > approval.sequence))
      standing.set(placeOf(added), approval);
  }
  return found.map(({ added, approval, is_revoked }) => ({
    override_id: added.decision_id,
    kind: added.detail.kind as OverrideKind,
    subject_id: added.subject_id,
    object_id: String(added.detail.object_id),
    reason: added.reason,
    maker: added.person,
    checker: approval?.person ?? null,
    state: is_revoked
      ? 'revoked'
      : !approval
        ? 'proposed'
        : standing.get(placeOf(added)) === approval
          ? 'in_force'
          : 'superseded',
  }));
}

function placeOf({ detail, subject_id }: Decision): string {
  return `${detail.kind} ${subject_id}`;
}

/** Overrides that a second person approved and nobody revoked; of one subject, the one approved last. */
export function overridesInForce(decisions: readonly Decision[]): Override[] {
  return overridesOf(decisions).filter(({ state }) => state === 'in_force');
}
