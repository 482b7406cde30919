// What the commission step asks of the books, and the shape of a ledger entry (domain.md §9). The pipeline hands the books in.
import type { Decision } from '../../core/decision.ts';

export type { Decision };

export const accounts = [
  'commission_expense',
  'contract_cost_asset',
  'accrued',
  'payable',
  'disputed',
  'recoverable',
  'cash',
  'amortisation_expense',
  'write_off_expense',
] as const;
export type Account = (typeof accounts)[number];

export const entryTypes = [
  'accrual',
  'release',
  'clawback',
  'true_up',
  'prior_period_adjustment',
  'dispute_hold',
  'dispute_release',
  'payout',
  'amortisation',
  'write_off',
] as const;
export type EntryType = (typeof entryTypes)[number];

/** A ledger entry before the books give it a place. Amounts are positive minor units; the accounts carry the direction. */
export interface EntryDraft {
  /** Deterministic: the same cause and place within the cause give the same id on every machine. */
  readonly entry_id: string;
  readonly entry_type: EntryType;
  readonly debit_account: Account;
  readonly credit_account: Account;
  readonly partner_id: string;
  readonly amount_minor: bigint;
  readonly currency: string;
  /** The amount in the reporting currency at the rate of the posting, never changed later; null where no rate was known. */
  readonly reporting_amount_minor: bigint | null;
  readonly reporting_currency: string;
  /** YYYY-MM-DD, local date. */
  readonly effective_date: string;
  /** YYYY-MM: the month that the entry counts in, and the month it belongs to by its effective date. */
  readonly posted_month: string;
  readonly origin_month: string;
  readonly plan: string | null;
  /** `starts_on` of the plan version. */
  readonly plan_version: string | null;
  readonly component: string | null;
  /** What the partner earned as; null for what is not earned (payouts, releases). */
  readonly role: 'sourced' | 'influenced' | null;
  /** The number of partners that the influenced pool was divided by; null elsewhere. */
  readonly pool_size: number | null;
  readonly deal_id: string | null;
  readonly invoice_id: string | null;
  readonly invoice_line_id: string | null;
  /** The money event, payout, decision or month that caused the entry. */
  readonly event_kind: string;
  readonly event_id: string;
  readonly cause_id: string;
  /** 1 for the first entry of a cause, then counted up. */
  readonly cause_sequence: number;
  /** YYYY-MM-DD from which the amount may be released; null where nothing is held. */
  readonly held_until: string | null;
  /** The records that the amount rests on, canonical ids. */
  readonly evidence_ids: readonly string[];
  /** What the event moved on the line when this was posted, minor units; null where it moved others. A statement says it in words. */
  readonly event_amount_minor: bigint | null;
  /** The month of eligibility that the event came in, from 1; null where none ends. */
  readonly plan_month: number | null;
  /** The currency of the event's amount; null where it is the entry's own. */
  readonly event_currency: string | null;
  /** The event's amount converted into the entry's currency, minor units; null where nothing was converted. */
  readonly event_base_minor: bigint | null;
}

/** The columns of a draft in the order in which the books store and hash them. */
export const draftColumns = [
  'entry_id',
  'entry_type',
  'debit_account',
  'credit_account',
  'partner_id',
  'amount_minor',
  'currency',
  'reporting_amount_minor',
  'reporting_currency',
  'effective_date',
  'posted_month',
  'origin_month',
  'plan',
  'plan_version',
  'component',
  'role',
  'pool_size',
  'deal_id',
  'invoice_id',
  'invoice_line_id',
  'event_kind',
  'event_id',
  'cause_id',
  'cause_sequence',
  'held_until',
  'evidence_ids',
  'event_amount_minor',
  'plan_month',
  'event_currency',
  'event_base_minor',
] as const satisfies readonly (keyof EntryDraft)[];

/**
 * A draft as the books hash it: a JSON array of the values of `draftColumns`, each as text or null, as `JSON.stringify` writes
 * it. Millions of entries move as such texts, which cost a quarter of what row objects do.
 */
export type EntryText = string;

/** A posted entry: its place in the ledger and its link of the hash chain. */
export interface LedgerEntry extends EntryDraft {
  readonly sequence: bigint;
  readonly batch: bigint;
  readonly hash: string;
}

/** The end of the ledger; sequence 0 and the hash of nothing while it is empty. */
export interface LedgerHead {
  readonly sequence: bigint;
  readonly hash: string;
}

/** The terms of a plan version that entries are posted under. */
export interface PlanTerms {
  readonly plan: string;
  /** `starts_on` of the version. */
  readonly plan_version: string;
  /** Canonical JSON of the terms. */
  readonly terms: string;
}

/** Terms that the books keep: the first ones of a version, then each amendment, from the posting on that came under it. */
export interface PostedTerms extends PlanTerms {
  readonly first_batch: bigint;
}

export interface PostRequest {
  /** In the order in which they are to stand; read once. */
  readonly entries: Iterable<EntryDraft> | AsyncIterable<EntryDraft | readonly EntryText[]>;
  readonly entry_count: number;
  /** The versions that the entries rest on. */
  readonly plan_terms: readonly PlanTerms[];
  /** The head that the entries were computed against; posting is refused when the ledger has moved since. */
  readonly expected_head: LedgerHead;
  /** The business clock of the run, RFC 3339. */
  readonly as_of: string;
}

export interface BooksPort {
  readonly ledger: {
    head(): LedgerHead;
    /** The number of the last posting; 0 before the first. */
    lastBatch(): bigint;
    /** Posted entries in order of sequence, those after `after` (default: all). */
    entries(after?: bigint): Iterable<LedgerEntry>;
    /** The terms of every plan version that has entries, those of a version in the order in which they came. */
    planTerms(): PostedTerms[];
    /** One transaction: all of the entries or none. Gives the new head. */
    post(request: PostRequest): Promise<LedgerHead>;
  };
  readonly decisions: {
    /** Decisions in order of sequence. */
    list(): Decision[];
  };
}
