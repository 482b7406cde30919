// Explains the commission: a ledger entry, a statement and its lines.
import { splitCanonicalId } from '../../core/ids.ts';
import { ApiProblem } from '../errors.ts';
import { moneyAnswer } from '../faces.ts';
import type { ListQuery } from '../lists.ts';
import type { DataRow, Parameters } from '../release-store.ts';
import { statements } from '../statements.ts';
import {
  type ExplainContext,
  type Explained,
  entryRule,
  facts,
  figure,
  nothing,
  one,
  PARTS_MAX,
  type Part,
  planRule,
  type RecordQuestion,
  recordsOf,
} from './parts.ts';

export async function ledger_entry(context: ExplainContext, id: string): Promise<Explained> {
  const { release } = context;
  const row = await one(
    release,
    `SELECT entry.* REPLACE (CAST(entry.effective_date AS VARCHAR) AS effective_date,
         strftime(posted_month, '%Y-%m') AS posted_month, strftime(origin_month, '%Y-%m') AS origin_month,
         CAST(entry.held_until AS VARCHAR) AS held_until),
       dim_partner.name, dim_deal.name AS deal_name, line.statement_id, line.description,
       strftime(statement.month, '%Y-%m') AS statement_month, sourcing.partner_id AS sourcing_partner_id
     FROM fct_commission_entry AS entry LEFT JOIN dim_partner USING (partner_id) LEFT JOIN dim_deal USING (deal_id)
     LEFT JOIN fct_deal_sourcing AS sourcing ON entry.deal_id = sourcing.deal_id
     LEFT JOIN fct_statement_line AS line USING (entry_id)
     LEFT JOIN fct_statement AS statement USING (statement_id) WHERE entry_id = $id`,
    id,
  );
  const text = (name: string) => row[name] as string | null;
  const amount = moneyAnswer(row.amount_minor as bigint, String(row.currency));
  const partner = text('name') ?? text('partner_id');
  return {
    ...nothing,
    id,
    kind: 'ledger_entry',
    title: `${text('entry_type')} for ${partner}`,
    statement: text('description') === null ? `${causeOf(row)}.` : `${text('description')}. ${causeOf(row)}.`,
    figures: [{ label: 'Amount', amount }],
    facts: facts({
      Partner: partner,
      Debit: text('debit_account'),
      Credit: text('credit_account'),
      'Posted in': text('posted_month'),
      'Belongs to': text('origin_month') === text('posted_month') ? null : text('origin_month'),
      'Held until': text('held_until'),
      Cause: text('cause_id'),
      'Invoice line': text('invoice_line_id'),
    }),
    rules: [
      entryRule(String(text('entry_type'))),
      ...(text('plan') === null
        ? []
        : [planRule(String(text('plan')), text('component')), ...earnerRules(context, row)]),
    ],
    parts: [
      ...link('invoice', text('invoice_id'), 'Its invoice', nativeOf(text('invoice_id'))),
      ...link('deal', text('deal_id'), 'Its deal', text('deal_name')),
      ...link('statement', text('statement_id'), 'Its statement of', text('statement_month')),
    ],
    ...(await recordsOf(context, entryRecords(row))),
  };
}

/** Why the partner earns on the deal, where that is not today's evidence. Only the company's own people read who decided it. */
function earnerRules({ decisions, showPayload }: ExplainContext, row: DataRow): Explained['rules'] {
  const { role, partner_id, sourcing_partner_id, pool_size, evidence_ids } = row;
  if (role === 'influenced')
    return [
      rule('influenced_pool', `An equal part of the pool of those who influenced the deal: one of ${pool_size}.`),
    ];
  const override = (JSON.parse(String(evidence_ids ?? '[]')) as string[]).find((id) => id.startsWith('decision-'));
  if (override !== undefined) {
    const decision = showPayload ? decisions.list().find(({ decision_id }) => decision_id === override) : undefined;
    const words = decision ? ` ${decision.person} proposed it: ${decision.reason}.` : '';
    return [rule('override', `An approved override says who sourced the deal.${words}`, `decision ${override}`)];
  }
  if (partner_id === sourcing_partner_id) return [];
  return [rule('locked', 'Locked by the first entry on the deal: only an approved override moves pay.')];
}

const rule = (name: string, text: string, source = 'built in') => ({ name, text, source });

function causeOf({ event_kind, event_id, cause_id, effective_date }: DataRow): string {
  const event = [String(event_kind ?? '').replaceAll('_', ' '), event_id].filter(Boolean).join(' ');
  return `Caused by ${event || cause_id}, effective ${effective_date}`;
}

const eventStreams: Readonly<Record<string, string>> = {
  payment: 'payments',
  refund: 'payment_adjustments',
  credit_note: 'payment_adjustments',
  dispute_opened: 'payment_adjustments',
  dispute_won: 'payment_adjustments',
  dispute_lost: 'payment_adjustments',
  write_off: 'payment_adjustments',
  payout: 'payouts',
  issue: 'invoices',
  close: 'deals',
};

/** The records that an entry names: its event, invoice, line, deal and partner, and the evidence where it made the deal the partner's. */
function entryRecords(row: DataRow): RecordQuestion {
  const { event_kind, event_id, invoice_id, invoice_line_id, deal_id, partner_id, sourcing_partner_id } = row;
  const keys: Record<string, string> = { [`partners/${partner_id}`]: 'partner' };
  if (deal_id !== null) keys[`deals/${deal_id}`] = 'deal';
  if (invoice_id !== null) keys[`invoices/${invoice_id}`] = 'invoice';
  if (invoice_line_id !== null) keys[`invoice_lines/${invoice_line_id}`] = 'line';
  const stream = eventStreams[String(event_kind)];
  if (stream !== undefined && event_id !== null) {
    // A payment is keyed together with the invoice it was applied to (contract §5).
    const applied =
      stream === 'payments' && invoice_id !== null ? `|${splitCanonicalId(String(invoice_id)).native_id}` : '';
    keys[`${stream}/${event_id}${applied}`] = String(event_kind);
  }
  return {
    keys,
    ...(deal_id === null || partner_id !== sourcing_partner_id
      ? {}
      : { figure: { kind: 'deal', id: String(deal_id), role: 'sourcing_evidence' } }),
  };
}

function nativeOf(id: string | null): string | null {
  return id && splitCanonicalId(id).native_id;
}

function link(kind: string, id: string | null, label: string, name: string | null = null): Part[] {
  return id === null ? [] : [{ id, kind, label: `${label} ${name ?? id}`, amount: null, explain_id: id }];
}

export async function statement({ release, decisions }: ExplainContext, id: string): Promise<Explained> {
  // As staff: whose statement it is was asked before, and no person is named here.
  const [row] = await release.rows<DataRow>(
    ...selected(await statements(release, decisions, { statement_id: id }, staffView)),
  );
  if (!row) throw new ApiProblem('not_found', `There is no statement ${id}.`);
  const currency = String(row.currency);
  const lines = await release.rows<{ line_id: string; description: string | null; amount: bigint }>(
    `SELECT line_id, description, amount_minor AS amount FROM fct_statement_line WHERE statement_id = $id
     ORDER BY coalesce(position, 0), line_id`,
    { id },
  );
  const total = row.total_minor as bigint;
  return {
    ...nothing,
    id,
    kind: 'statement',
    title: `Statement of ${row.partner_name ?? row.partner_id}, ${row.month}`,
    statement: `${lines.length === 1 ? 'One line' : `${lines.length} lines`}; ${row.state}: ${row.next_action}.`,
    figures: figure('Total', total, currency),
    facts: facts({ State: String(row.state), Month: String(row.month), Next: String(row.next_action) }),
    rules: [
      {
        name: 'statement',
        text: 'A partner’s earning entries of one month and currency. An approval binds the lines that were seen; what is approved and past its hold is payable.',
        source: 'built in',
      },
    ],
    parts: lines.slice(0, PARTS_MAX).map(({ line_id, description, amount }) => ({
      id: line_id,
      kind: 'statement_line',
      label: description ?? line_id,
      amount: moneyAnswer(amount, currency),
      explain_id: line_id,
    })),
    parts_match: lines.reduce((sum, { amount }) => sum + amount, 0n) === total,
  };
}

const staffView = { role: 'finance' } as const;

function selected({ sql, parameters }: ListQuery): [string, Parameters] {
  return [`SELECT answer.* REPLACE (strftime(month, '%Y-%m') AS month) FROM (${sql}) AS answer`, parameters ?? {}];
}

export async function statement_line(context: ExplainContext, id: string): Promise<Explained> {
  const row = await one(context.release, 'SELECT * FROM fct_statement_line WHERE line_id = $id', id);
  const entry_id = row.entry_id as string | null;
  const entry = entry_id === null ? nothing : await ledger_entry(context, entry_id);
  return {
    ...entry,
    id,
    kind: 'statement_line',
    title: `Line ${id} of statement ${row.statement_id}`,
    statement: `${row.description ?? `It stands for the ledger entry ${entry_id}`}.`,
    figures: figure('Amount', row.amount_minor as bigint, String(row.currency)),
    parts: [...link('ledger_entry', entry_id, 'Its ledger entry'), ...entry.parts],
  };
}
