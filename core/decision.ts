// A person's decision: evidence like any record, written once with who and why (domain.md §9). What a kind of decision means is
// decided where it is taken; this is the shape that books, API and command line share.

export interface Decision {
  readonly sequence: bigint;
  readonly decision_id: string;
  /** RFC 3339, the moment it was written. */
  readonly decided_at: string;
  readonly person: string;
  readonly role: string;
  /** For instance statement_approve, statement_dispute, statement_resolve, sourcing_override, override_approve, quarantine_waive. */
  readonly kind: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly reason: string;
  /** Whatever the kind needs beside its subject, as plain JSON. */
  readonly detail: Readonly<Record<string, unknown>>;
  readonly hash: string;
}

export interface DecisionRequest
  extends Pick<Decision, 'person' | 'role' | 'kind' | 'subject_kind' | 'subject_id' | 'reason'> {
  readonly detail?: Readonly<Record<string, unknown>>;
  /** The same person and key give the first decision again; with other content the request is refused. */
  readonly idempotency_key?: string;
}

/** Refuses a request by throwing, seeing every decision about its subject, inside the transaction that writes it. */
export type Permit = (about: readonly Decision[]) => void;

/** Where decisions are written and read; the books implement it. */
export interface DecisionBook {
  /** Decisions in order of sequence. */
  list(): Decision[];
  /** The number of the last decision; 0 before the first. */
  last(): bigint;
  /** Decisions about a subject, in order. */
  about(subject_kind: string, subject_id: string): Decision[];
  /** Decisions about every subject of a kind that was decided on after `sequence`, in order, the earlier ones included. */
  aboutMoved(subject_kind: string, sequence: bigint): Decision[];
  /** The latest decisions that match, at most `limit`, in order. */
  latest(filter: DecisionFilter, limit: number): Decision[];
  /** Writes one; a repeated idempotency key gives the first again. `permit` refuses by throwing. Throws SourcedError or BusyError. */
  record(request: DecisionRequest, permit?: Permit): Decision;
}

export interface DecisionFilter {
  readonly kind?: string | undefined;
  readonly subject_kind?: string | undefined;
  readonly subject_id?: string | undefined;
  readonly person?: string | undefined;
}
