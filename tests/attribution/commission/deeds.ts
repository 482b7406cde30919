// What people do about statements and balances of random histories: decisions of the books, and payouts.
import fc from 'fast-check';
import type { Desk } from './company.ts';
import type { Override } from './earners-model.ts';
import type { World } from './histories.ts';
import { type Line, statementOf } from './settlement-model.ts';

/** What somebody does about the statements and the balance of one partner of a history. */
export interface Deed {
  readonly verb: 'approve' | 'approve_other' | 'dispute' | 'dispute_line' | 'resolve' | 'resolve_line' | 'pay';
  readonly person: string;
  /** Picks the statement, and the line. */
  readonly pick: number;
  readonly line: number;
  /** Percent of the statement's total that is paid. */
  readonly part: number;
}

/** A history with what people do about it in each stage. */
export interface Acting {
  readonly world: World;
  readonly deeds: readonly (readonly Deed[])[];
  readonly payouts: string[];
}

export const deed: fc.Arbitrary<Deed> = fc.record({
  verb: fc.oneof(
    { arbitrary: fc.constant('approve' as const), weight: 6 },
    { arbitrary: fc.constantFrom('dispute_line' as const, 'pay' as const), weight: 4 },
    { arbitrary: fc.constantFrom('approve_other', 'dispute', 'resolve', 'resolve_line'), weight: 4 },
  ),
  person: fc.constantFrom('Dana', 'Erin'),
  pick: fc.nat({ max: 20 }),
  line: fc.nat({ max: 20 }),
  part: fc.oneof(fc.constant(100), fc.integer({ min: 1, max: 250 })),
});

export const signed = (entry: { debit_account: string; amount_minor: bigint }) =>
  entry.debit_account === 'commission_expense' || entry.debit_account === 'contract_cost_asset'
    ? entry.amount_minor
    : -entry.amount_minor;

export function entriesOf(desk: Desk) {
  return [...desk.books.ledger.entries()].filter(({ role }) => role !== null);
}

export function linesOf(desk: Desk): Line[] {
  return entriesOf(desk).map((entry) => ({
    ...entry,
    signed: signed(entry),
    group: entry.invoice_id ?? entry.deal_id!,
  }));
}

/** What people do after a stage: decisions go to the books at once, payouts to the records. */
export async function act(desk: Desk, histories: readonly Acting[], stage: number): Promise<void> {
  const digests = new Map(
    (await desk.warehouse.rows<Statement>('select statement_id, digest from ledger.statement')).map((one) => [
      one.statement_id,
      one.digest,
    ]),
  );
  const lines = Map.groupBy(linesOf(desk), ({ partner_id }) => partner_id.split('-')[0]!);
  for (const { world, deeds, payouts } of histories) {
    const statements = [...Map.groupBy(lines.get(world.name) ?? [], statementOf)];
    for (const one of statements.length ? deeds[stage]! : []) {
      const [subject_id, of] = statements[one.pick % statements.length]!;
      take(desk, one, { subject_id, lines: of, digest: digests.get(subject_id)!, payouts });
    }
  }
}

type Statement = { statement_id: string; digest: string };

interface Before {
  readonly subject_id: string;
  readonly lines: readonly Line[];
  readonly digest: string;
  readonly payouts: string[];
}

function take(desk: Desk, { verb, person, line, part }: Deed, { subject_id, lines, digest, payouts }: Before): void {
  const record = (kind: string, detail = {}) =>
    decide(desk, { kind, person, subject_kind: 'statement', subject_id, detail });
  const line_ids = [lines[line % lines.length]!.entry_id];
  const line_count = lines.length;
  if (verb === 'approve') record('statement_approve', { digest, line_count });
  if (verb === 'approve_other') record('statement_approve', { digest: 'other', line_count });
  if (verb === 'dispute') record('statement_dispute');
  if (verb === 'dispute_line') record('statement_dispute', { line_ids });
  if (verb === 'resolve') record('statement_resolve');
  if (verb === 'resolve_line') record('statement_resolve', { line_ids });
  const amount = (lines.reduce((sum, { signed }) => sum + signed, 0n) * BigInt(part)) / 100n;
  const { partner_id, currency } = lines[0]!;
  if (verb === 'pay' && amount > 0n)
    payouts.push(
      `2027-10-0${1 + (line % 9)} ${partner_id}-PO${payouts.length} ${partner_id} ${amount} ${currency} ${line % 3 ? subject_id : ''}`.trim(),
    );
}

export function decide(
  desk: Desk,
  decision: { kind: string; subject_kind: string; subject_id: string; person: string; detail?: object },
) {
  const detail = { ...decision.detail };
  return desk.books.decisions.record({ role: 'finance', reason: 'checked', ...decision, detail });
}

/** Overrides as decisions with maker and checker; where nobody else approved, their maker did, which does not count. */
export function recordOverrides(
  desk: Desk,
  histories: readonly Pick<Acting, 'world'>[],
  recorded: Map<Override, string>,
): void {
  for (const override of histories.flatMap(({ world }) => world.overrides)) {
    const { deal, partner, is_approved, is_revoked } = override;
    const about = (kind: string, person: string) =>
      decide(desk, { kind, person, subject_kind: 'override', subject_id: recorded.get(override)! });
    if (!recorded.has(override)) {
      const detail = { kind: 'deal_sourcing', object_id: partner };
      const added = { kind: 'override_add', person: 'Dana', subject_kind: 'deal', subject_id: deal, detail };
      recorded.set(override, decide(desk, added).decision_id);
      about('override_approve', is_approved ? 'Erin' : 'Dana');
    }
    if (is_revoked) about('override_revoke', 'Dana');
  }
}

/** What the models take from the ledger: who was posted for a deal before. */
export function notePosted(desk: Desk, histories: readonly Pick<Acting, 'world'>[]): void {
  const entries = Map.groupBy(entriesOf(desk), ({ partner_id }) => partner_id.split('-')[0]!);
  for (const { world } of histories)
    world.posted = (entries.get(world.name) ?? []).map((entry) => ({
      deal: entry.deal_id!,
      money: entry.invoice_id ?? entry.event_id!,
      partner: entry.partner_id,
      role: entry.role!,
      version: entry.plan_version!,
      pool: entry.pool_size,
      is_by_override: entry.evidence_ids.some((id) => id.startsWith('decision-')),
    }));
}
