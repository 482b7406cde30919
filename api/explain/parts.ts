// What every explanation is made of: money, rules in words, and the records that lineage leads to.
import type { z } from 'zod';
import type { DecisionBook } from '../../core/decision.ts';
import { moneyAnswer } from '../faces.ts';
import { instantText } from '../lists.ts';
import type { DataRow, Release } from '../release-store.ts';
import type { Explanation } from '../schemas.ts';

export type Explained = Omit<z.infer<typeof Explanation>, 'release_id' | 'as_of'>;
export type Part = Explained['parts'][number];
export type ExplainedRecord = Explained['records'][number];

export interface ExplainContext {
  readonly release: Release;
  readonly decisions: DecisionBook;
  /** Raw records are shown to the company's own people only: they may hold what is another partner's. */
  readonly showPayload: boolean;
}

const RECORDS_MAX = 200;
export const PARTS_MAX = 1000;

/** What an explanation has when nothing is said otherwise. */
export const nothing = {
  figures: [],
  facts: [],
  rules: [],
  parts: [],
  parts_match: null,
  records: [],
  record_count: 0,
} satisfies Partial<Explained>;

/** Where records are looked for: by the lineage of a figure, in some roles or all, and by their keys. */
export interface RecordQuestion {
  readonly figure?: { readonly kind: string; readonly id: string; readonly role?: string };
  /** Record keys (`<stream>/<source>:<native key>`) with the role that each plays. */
  readonly keys?: Readonly<Record<string, string>>;
}

type Records = Pick<Explained, 'records' | 'record_count'>;

/** The records behind a figure, at most 200 of them, with how many there are. */
export async function recordsOf({ release, showPayload }: ExplainContext, question: RecordQuestion): Promise<Records> {
  const { figure, keys = {} } = question;
  const rows = await release.rows<
    Omit<ExplainedRecord, 'payload' | 'record'> & { payload: string | null; record: bigint | null; total: bigint }
  >(
    `WITH wanted AS (
       SELECT target_id AS record_key, role FROM lineage_edge
       WHERE target_kind = 'record' AND figure_kind = $kind AND figure_id = $id AND ($role = '' OR role = $role)
       UNION SELECT unnest(map_keys(keys)), unnest(map_values(keys)) FROM (SELECT CAST($keys::JSON AS MAP(VARCHAR, VARCHAR)) AS keys))
     SELECT record_key, source, stream, role, version_hash, ${instantText('loaded_at')} AS loaded_at, file, record,
       CAST(payload AS VARCHAR) AS payload, count(*) OVER () AS total
     FROM wanted JOIN lineage_record USING (record_key)
     ORDER BY stream, record_key, role LIMIT ${RECORDS_MAX}`,
    { kind: figure?.kind ?? '', id: figure?.id ?? '', role: figure?.role ?? '', keys: JSON.stringify(keys) },
  );
  return {
    record_count: Number(rows[0]?.total ?? 0n),
    records: rows.map(({ total: _, ...row }) => ({
      ...row,
      record: row.record === null ? null : Number(row.record),
      payload: showPayload ? parsed(row.payload) : null,
    })),
  };
}

function parsed(payload: string | null): Record<string, unknown> | null {
  if (payload === null) return null;
  try {
    const value: unknown = JSON.parse(payload);
    return typeof value === 'object' && value !== null ? { ...value } : { value };
  } catch {
    return { text: payload };
  }
}

/** Facts without the empty ones. */
export function facts(
  given: Readonly<Record<string, string | number | bigint | null | undefined>>,
): Explained['facts'] {
  return Object.entries(given)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([label, value]) => ({ label, value: String(value) }));
}

export function figure(label: string, amount_minor: bigint | null, currency: string): Explained['figures'] {
  return amount_minor === null ? [] : [{ label, amount: moneyAnswer(amount_minor, currency) }];
}

const sourcingRules: Readonly<Record<string, string>> = {
  deal_registration:
    'A registration submitted by the creation of the deal, approved by its close and inside its protection. The earliest submission wins.',
  partner_lead:
    "The partner's lead, submitted at most the window before the creation and not rejected. The earliest submission wins.",
  crm_field: "The deal's own partner field, from when that value was first observed.",
  first_touch: "The first touch of the journey is this partner's.",
  carry_forward:
    "No evidence of its own: inherited from the account's latest won deal that a partner sourced by evidence.",
  override: 'Decided by people: an approved override.',
};

export function sourcingRule(rule: string): Explained['rules'][number] {
  return { name: rule, text: sourcingRules[rule] ?? rule, source: 'sourced.yaml, attribution.sourcing' };
}

const bases: Readonly<Record<string, string>> = {
  pipeline: 'Open at the business clock, in the month of creation.',
  booked: 'Won amounts, in the month of the close.',
  invoiced: 'Line amounts net of tax at issue, less credit notes at their date.',
  paid: 'Money received net of tax; refunds and lost disputes by their own date.',
};

export function basisRule(basis: string): Explained['rules'][number] {
  return { name: basis, text: bases[basis] ?? basis, source: 'built in' };
}

const entryTypes: Readonly<Record<string, string>> = {
  accrual: 'Earned: the plan applied to the money event.',
  release: 'The hold has elapsed and the statement is approved: accrued becomes payable.',
  clawback: 'Money went back to the customer: the commission on it is taken back at its own rate.',
  true_up: 'A tier or a cap moved: the difference.',
  prior_period_adjustment: 'Evidence for a closed month arrived later: posted in the earliest open month.',
  dispute_hold: 'Disputed: out of payable until it is resolved.',
  dispute_release: 'The dispute is resolved.',
  payout: 'Paid to the partner.',
  amortisation: 'The month’s part of a capitalised contract cost.',
  write_off: 'Given up: it will not be recovered.',
};

export function entryRule(entry_type: string): Explained['rules'][number] {
  return { name: entry_type, text: entryTypes[entry_type] ?? entry_type, source: 'built in' };
}

export function planRule(plan: string, component: string | null): Explained['rules'][number] {
  const [position, kind] = component?.split(':') ?? [];
  const text = component === null ? `Plan ${plan}.` : `Component ${position} of plan ${plan}, ${kind}.`;
  return { name: plan, text, source: 'sourced.yaml, plans' };
}

/** The row of an id that is known to be there. */
export async function one(release: Release, sql: string, id: string): Promise<DataRow> {
  const [row] = await release.rows(sql, { id });
  if (!row) throw new Error(`${id} was there a moment ago`);
  return row;
}
