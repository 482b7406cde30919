// What a partner's balances should be at the business clock, from what was posted and what people decided (domain.md §9, fine-print
// 20 and 29): an independent model that shares no code with attribution/ or core/. It looks at the end alone, not at the days between.
import type { Company } from './company.ts';
import { rounded } from './model.ts';

/** A line of a statement: an entry that somebody earned. */
export interface Line {
  readonly entry_id: string;
  readonly partner_id: string;
  readonly currency: string;
  readonly posted_month: string;
  readonly entry_type: string;
  readonly signed: bigint;
  readonly effective_date: string;
  readonly plan: string | null;
  readonly plan_version: string | null;
  /** Invoice, or the deal where there is none. */
  readonly group: string;
  readonly event_kind: string;
  readonly event_id: string;
  readonly cause_id: string;
}

export interface Decided {
  readonly kind: string;
  readonly subject_id: string;
  readonly person: string;
  readonly date: string;
  readonly line_ids: readonly string[] | null;
  readonly line_count: number;
  /** The digest is that of the lines. */
  readonly is_true: boolean;
}

export interface Balances {
  held: bigint;
  payable: bigint;
  disputed: bigint;
  recoverable: bigint;
}

/** `partner currency` → balances; `lines` in the order of posting. */
export function expectedSettlement(
  company: Company,
  lines: readonly Line[],
  decisions: readonly Decided[],
): Map<string, Balances> {
  const as_of = company.as_of!;
  const approved = new Set<string>();
  // A correction is about what it corrects: a disputed line brings it along.
  const disputed = new Set<string>();
  const causeOf = ({ cause_id, entry_type }: Line) => `${cause_id} ${entry_type}`;
  for (const { lines: of, approved_count, isDisputed } of standings(as_of, lines, decisions)) {
    for (const { entry_id } of of.slice(0, approved_count)) approved.add(entry_id);
    for (const line of of) if (isDisputed(line)) disputed.add(causeOf(line));
  }
  const shares = payerShares(company);
  const paid = paidOut(company, ([, , partner, , currency]) => `${partner} ${currency}`);
  const keyOf = ({ partner_id, currency }: Line) => `${partner_id} ${currency}`;
  const balances = new Map<string, Balances>([...paid.keys()].map((key) => [key, settled(0n, 0n, 0n, paid.get(key)!)]));
  for (const [key, of] of Map.groupBy(lines, keyOf)) {
    let [held, inDispute, due] = [0n, 0n, 0n];
    for (const group of Map.groupBy(of, ({ group }) => group).values()) {
      const isDue = (line: Line) => approved.has(line.entry_id) && heldUntil(company, line) <= as_of;
      const one = invoiceBalances(group, { isDue, isDisputed: (line) => disputed.has(causeOf(line)), shares });
      held += one.held;
      inDispute += one.disputed;
      due += one.due;
    }
    balances.set(key, settled(held, inDispute, due, paid.get(key) ?? 0n));
  }
  return balances;
}

/** `statement` → its state, and what payouts that name it paid. */
export function expectedStatements(
  company: Company,
  lines: readonly Line[],
  decisions: readonly Decided[],
): Map<string, string> {
  const paid = paidOut(company, ([, , , , , statement]) => statement ?? '');
  return new Map(
    standings(company.as_of!, lines, decisions).map(({ statement, lines: of, approved_count, isDisputed }) => {
      const sum = paid.get(statement) ?? 0n;
      const state = of.some(isDisputed)
        ? 'disputed'
        : approved_count < of.length
          ? 'draft'
          : total(of) > 0n && sum >= total(of)
            ? 'paid'
            : 'approved';
      return [statement, `${state} ${sum}`];
    }),
  );
}

function standings(as_of: string, lines: readonly Line[], decisions: readonly Decided[]) {
  const inTime = decisions.filter(({ date }) => date <= as_of);
  const decided = Map.groupBy(inTime, ({ subject_id }) => subject_id);
  return [...Map.groupBy(lines, statementOf)].map(([statement, of]) => {
    const { count, isWhole, open } = standing(decided.get(statement) ?? []);
    const isDisputed = ({ entry_id }: Line) => isWhole || open.has(entry_id);
    return { statement, lines: of, approved_count: count, isDisputed };
  });
}

/** What is due and not paid is payable; what was paid and is not due is recoverable. */
function settled(held: bigint, disputed: bigint, due: bigint, paid: bigint): Balances {
  return { held, payable: most(0n, due - paid), disputed, recoverable: most(0n, paid - due) };
}

export function statementOf({ partner_id, posted_month, currency }: Line): string {
  return `statement:${partner_id}:${posted_month}:${currency}`;
}

/** The last decision that counts wins: how many lines are approved, and what is in dispute. */
function standing(decisions: readonly Decided[]) {
  const approvals: Decided[] = [];
  const resolvers = new Set<string>();
  const open = new Set<string>();
  let isWhole = false;
  for (const one of decisions) {
    const { kind, person, line_ids, line_count } = one;
    if (kind === 'statement_approve') {
      const isKnown = approvals.some((same) => same.line_count === line_count && same.is_true === one.is_true);
      if (!isWhole && open.size < line_count && !resolvers.has(person) && !isKnown) approvals.push(one);
    } else if (kind === 'statement_dispute' && !isWhole) {
      if (line_ids) for (const id of line_ids) open.add(id);
      else {
        isWhole = true;
        open.clear();
      }
    } else if (kind === 'statement_resolve') {
      const most = Math.max(0, ...approvals.map((approval) => approval.line_count));
      const isMaker = approvals.find((approval) => approval.line_count === most)?.person === person;
      const isThere = line_ids ? !isWhole && line_ids.some((id) => open.has(id)) : isWhole || open.size > 0;
      if (isMaker || !isThere) continue;
      resolvers.add(person);
      isWhole = false;
      for (const id of line_ids ?? [...open]) open.delete(id);
    }
  }
  return {
    isWhole,
    open,
    count: Math.max(0, ...approvals.filter(({ is_true }) => is_true).map((one) => one.line_count)),
  };
}

function heldUntil({ plans }: Company, { plan, plan_version, effective_date }: Line): string {
  const { hold_days = 0 } = plans.find((one) => one.plan === plan && one.starts_on === plan_version)!;
  return Temporal.PlainDate.from(effective_date)
    .add({ days: hold_days as number })
    .toString();
}

interface Known {
  readonly isDue: (line: Line) => boolean;
  readonly isDisputed: (line: Line) => boolean;
  readonly shares: ReadonlyMap<string, readonly [bigint, bigint]>;
}

const least = (left: bigint, right: bigint) => [left, right].toSorted((a, b) => Number(a - b))[0]!;
const most = (left: bigint, right: bigint) => -least(-left, -right);
const total = (lines: readonly Line[]) => lines.reduce((sum, { signed }) => sum + signed, 0n);

/** Clawbacks first take what waits; what waits is of the sign of what the invoice still earns, and no more; so is what is disputed. */
function invoiceBalances(lines: readonly Line[], { isDue, isDisputed, shares }: Known) {
  const earned = lines.filter(({ entry_type }) => entry_type !== 'clawback');
  const taken = total(earned) - total(lines);
  const owed = total(lines);
  let [free, questioned] = [0n, 0n];
  for (const [event, of] of Map.groupBy(
    earned,
    ({ group, event_kind, event_id }) => `${group} ${event_kind} ${event_id}`,
  )) {
    const [part, whole] = shares.get(event) ?? [0n, 1n];
    const inLines = total(of.filter(isDisputed));
    const approved = total(of.filter((line) => isDue(line) && !isDisputed(line)));
    free += approved - rounded([approved * part, whole]);
    questioned += inLines + rounded([(total(of) - inLines) * part, whole]);
  }
  let waits = total(earned) - free;
  if (waits > 0n) waits = most(0n, waits - most(0n, taken));
  waits = owed >= 0n ? least(most(0n, waits), owed) : most(least(0n, waits), owed);
  const inDispute = least(most(0n, questioned), most(0n, waits));
  return { held: waits - inDispute, disputed: inDispute, due: owed - waits };
}

/** Of each payment of an invoice, the part that its payer disputes: an open dispute ends with the next lost or won one of that payment. */
function payerShares({ events }: Company): Map<string, readonly [bigint, bigint]> {
  const rows = events.map((row) => row.split(' ') as [string, string, string, string, string, string?]);
  const shares = new Map<string, readonly [bigint, bigint]>();
  for (const [paid_on, kind, id, invoice, text] of rows) {
    if (kind !== 'payment') continue;
    const about = rows
      .filter(([, , , on, , of]) => of === id && on === invoice)
      .map(([date, what, , , amount]) => ({ date: [date, paid_on].toSorted()[1]!, what, amount: BigInt(amount) }));
    const ends = about.filter(({ what }) => what === 'dispute_won' || what === 'dispute_lost');
    const open = about.filter(({ what, date }) => what === 'dispute_opened' && !ends.some((end) => end.date >= date));
    const amount = BigInt(text);
    const inQuestion = open.reduce((sum, one) => sum + least(one.amount, amount), 0n);
    shares.set(`${invoice} payment ${id}`, [least(inQuestion, amount), amount]);
  }
  return shares;
}

function paidOut(
  { payouts = [] }: Company,
  keyOf: (row: readonly (string | undefined)[]) => string,
): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const row of payouts.map((text) => text.split(' ')))
    sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0n) + BigInt(row[3]!));
  return sums;
}
