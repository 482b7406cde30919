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

export interface DecisionRequest {
  readonly person: string;
  readonly role: string;
  readonly kind: string;
  readonly subject_kind: string;
  readonly subject_id: string;
  readonly reason: string;
  readonly detail?: Readonly<Record<string, unknown>>;
  /** The same person and key give the first decision again; with other content the request is refused. */
  readonly idempotency_key?: string;
}

/** Refuses a request by throwing, seeing every decision about its subject, inside the transaction that writes it. */
export type Permit = (about: readonly Decision[]) => void;
