// Explains what has an id of its own. Deals and invoices are here, ledger entries and statements in ledger.ts.
import { dealDetail } from '../deal-detail.ts';
import { moneyAnswer } from '../faces.ts';
import { localTime } from '../local-time.ts';
import type { Release } from '../release-store.ts';
import { ledger_entry, statement, statement_line } from './ledger.ts';
import {
  basisRule,
  type ExplainContext,
  type Explained,
  facts,
  figure,
  nothing,
  one,
  PARTS_MAX,
  type Part,
  recordsOf,
  sourcingRule,
} from './parts.ts';
import { record, touchKey } from './source-record.ts';

export const recordKinds = ['deal', 'invoice', 'ledger_entry', 'statement', 'statement_line', 'record'] as const;
export type RecordKind = (typeof recordKinds)[number];

const idColumns: Readonly<Record<RecordKind, readonly [table: string, column: string]>> = {
  deal: ['dim_deal', 'deal_id'],
  invoice: ['fct_invoice', 'invoice_id'],
  ledger_entry: ['fct_commission_entry', 'entry_id'],
  statement: ['fct_statement', 'statement_id'],
  statement_line: ['fct_statement_line', 'line_id'],
  record: ['lineage_record', 'record_key'],
};

/** The kinds of thing that this id names in the release, in the order in which they are looked for. */
export async function kindsOf(release: Release, id: string): Promise<RecordKind[]> {
  const queries = recordKinds.map((kind, index) => {
    const [table, column] = idColumns[kind];
    return `SELECT ${index} AS position, '${kind}' AS kind WHERE EXISTS (FROM ${table} WHERE ${column} = $id)`;
  });
  const rows = await release.rows<{ kind: RecordKind }>(`${queries.join(' UNION ALL ')} ORDER BY position`, { id });
  return rows.map(({ kind }) => kind);
}

/** The partner that a ledger entry, statement or line belongs to; undefined for what is no partner's alone. */
export async function ownerOf(release: Release, kind: RecordKind, id: string): Promise<string | undefined> {
  const owners: Partial<Record<RecordKind, string>> = {
    ledger_entry: 'SELECT partner_id FROM fct_commission_entry WHERE entry_id = $id',
    statement: 'SELECT partner_id FROM fct_statement WHERE statement_id = $id',
    statement_line:
      'SELECT partner_id FROM fct_statement_line JOIN fct_statement USING (statement_id) WHERE line_id = $id',
  };
  const sql = owners[kind];
  const [row] = sql === undefined ? [] : await release.rows<{ partner_id: string }>(sql, { id });
  return row?.partner_id;
}

export function explainRecord(context: ExplainContext, kind: RecordKind, id: string): Promise<Explained> {
  const explain = { deal, invoice, ledger_entry, statement, statement_line, record }[kind];
  return explain(context, id);
}

async function deal(context: ExplainContext, id: string): Promise<Explained> {
  const { release } = context;
  const detail = await dealDetail(release, id);
  const { deal, influence, conflicts } = detail;
  const influencers = influence.map(({ partner_id, partner_name }) => partner_name ?? partner_id).join(', ');
  const who =
    deal.sourcing_partner_id === null
      ? 'No partner sourced this deal'
      : `Sourced by ${deal.sourcing_partner_name ?? deal.sourcing_partner_id} under the rule ${deal.sourcing_rule}, by ${deal.sourcing_evidence_id} of ${localTime(deal.sourcing_evidence_at, release.manifest.time_zone)}`;
  return {
    ...nothing,
    id,
    kind: 'deal',
    title: deal.name ?? id,
    statement: `${who}; ${influencers ? `influenced by ${influencers}` : 'influenced by nobody else'}.`,
    figures: [{ label: 'Amount', amount: deal.amount }, ...(await totalsOf(release, id))],
    facts: facts({
      Account: deal.account_name ?? deal.account_id,
      State: deal.state,
      Created: localTime(deal.created_at, release.manifest.time_zone),
      Closed: localTime(deal.closed_at, release.manifest.time_zone),
      'Registrations of other partners': deal.conflict_count,
    }),
    rules: [
      ...(deal.sourcing_rule === null ? [] : [sourcingRule(deal.sourcing_rule)]),
      ...conflicts.map(({ partner_name, partner_id, evidence_id, reason }) => ({
        name: 'lost_claim',
        text: `${partner_name ?? partner_id} claimed it with ${evidence_id} and lost: ${reason.replaceAll('_', ' ')}.`,
        source: 'built in',
      })),
      ...(await unearnedOf(release, id)),
    ],
    parts: [...(await invoicesOf(release, id)), ...(await entriesOf(release, { deal_id: id }))],
    ...(await recordsOf(context, { figure: { kind: 'deal', id }, keys: await touchKeys(release, id) })),
  };
}

/** Why a partner of the deal earns nothing on it. */
async function unearnedOf(release: Release, deal_id: string): Promise<Explained['rules']> {
  const rows = await release.rows<{ partner: string; role: string; reason: string }>(
    `SELECT coalesce(name, partner_id) AS partner, role, reason FROM fct_commission_zero
     LEFT JOIN dim_partner USING (partner_id) WHERE deal_id = $deal_id ORDER BY partner_id, role`,
    { deal_id },
  );
  return rows.map(({ partner, role, reason }) => ({
    name: 'no_commission',
    text: `${partner} (${role}) earns no commission: ${reason.replaceAll('_', ' ')}.`,
    source: 'built in',
  }));
}

/** Record keys of a deal's counted touches; a lead or registration that is a touch is its own record. */
async function touchKeys(release: Release, deal_id: string): Promise<Record<string, string>> {
  const rows = await release.rows<{ key: string }>(
    `SELECT ${touchKey('touchpoint_id')} AS key FROM fct_touchpoint
     WHERE deal_id = $deal_id AND is_counted ORDER BY occurred_at, touchpoint_id`,
    { deal_id },
  );
  return Object.fromEntries(rows.map(({ key }) => [key, 'touch']));
}

async function totalsOf(release: Release, deal_id: string): Promise<Explained['figures']> {
  const rows = await release.rows<{ basis: string; currency: string; amount: bigint }>(
    `SELECT basis, currency, CAST(sum(amount_minor) AS BIGINT) AS amount
     FROM fct_deal_money WHERE deal_id = $deal_id GROUP BY ALL ORDER BY ALL`,
    { deal_id },
  );
  return rows.map(({ basis, currency, amount }) => ({ label: basis, amount: moneyAnswer(amount, currency) }));
}

async function invoicesOf(release: Release, deal_id: string): Promise<Part[]> {
  const rows = await release.rows<{ invoice_id: string; currency: string; amount: bigint }>(
    `SELECT invoice_id, currency, CAST(sum(amount_minor) AS BIGINT) AS amount FROM fct_line_movement
     WHERE deal_id = $deal_id AND basis = 'paid' GROUP BY ALL ORDER BY ALL LIMIT ${PARTS_MAX}`,
    { deal_id },
  );
  return rows.map(({ invoice_id, currency, amount }) => ({
    id: invoice_id,
    kind: 'invoice',
    label: `Invoice ${invoice_id}, paid net of tax`,
    amount: moneyAnswer(amount, currency),
    explain_id: invoice_id,
  }));
}

async function entriesOf(release: Release, by: { deal_id: string } | { invoice_id: string }): Promise<Part[]> {
  const [column] = Object.keys(by);
  const rows = await release.rows<{
    entry_id: string;
    entry_type: string;
    date: string;
    currency: string;
    amount: bigint;
  }>(
    `SELECT entry_id, entry_type, CAST(effective_date AS VARCHAR) AS date, currency, amount_minor AS amount
     FROM fct_commission_entry WHERE ${column} = $${column} ORDER BY effective_date, entry_id LIMIT ${PARTS_MAX}`,
    by,
  );
  return rows.map(({ entry_id, entry_type, date, currency, amount }) => ({
    id: entry_id,
    kind: 'ledger_entry',
    label: `Commission ${entry_type} of ${date}`,
    amount: moneyAnswer(amount, currency),
    explain_id: entry_id,
  }));
}

async function invoice(context: ExplainContext, id: string): Promise<Explained> {
  const { release } = context;
  const row = await one(
    release,
    `SELECT fct_invoice.* REPLACE (CAST(issued_date AS VARCHAR) AS issued_date)
     FROM fct_invoice WHERE invoice_id = $id`,
    id,
  );
  const currency = String(row.currency);
  const movements = await release.rows<{
    basis: string;
    event_kind: string;
    event_id: string;
    date: string;
    amount: bigint;
  }>(
    `SELECT basis, event_kind, event_id, CAST(effective_date AS VARCHAR) AS date, CAST(sum(amount_minor) AS BIGINT) AS amount
     FROM fct_line_movement WHERE invoice_id = $id GROUP BY ALL ORDER BY basis, date, event_id LIMIT ${PARTS_MAX}`,
    { id },
  );
  const paid = movements.filter(({ basis }) => basis === 'paid').reduce((sum, { amount }) => sum + amount, 0n);
  const paid_net = row.paid_net_minor as bigint | null;
  return {
    ...nothing,
    id,
    kind: 'invoice',
    title: `Invoice ${id}`,
    statement:
      row.deal_id === null
        ? `No deal could be found for it: ${row.link_reason ?? 'unlinked'}.`
        : `It belongs to deal ${row.deal_id}, linked by ${row.link_method}.`,
    figures: [
      ...figure('Net', row.net_minor as bigint | null, currency),
      ...figure('Tax', row.tax_minor as bigint | null, currency),
      ...figure('Paid, net of tax', paid_net ?? paid, currency),
    ],
    facts: facts({
      Issued: row.issued_date as string | null,
      Status: row.status as string | null,
      Customer: row.customer_id as string | null,
      Account: row.account_id as string | null,
      Deal: row.deal_id as string | null,
    }),
    rules: [basisRule('invoiced'), basisRule('paid')],
    parts: [
      ...movements.map(({ basis, event_kind, event_id, date, amount }) => ({
        id: event_id,
        kind: event_kind,
        label: `${basis}: ${event_kind} ${event_id} of ${date}`,
        amount: moneyAnswer(amount, currency),
        explain_id: null,
      })),
      ...(await entriesOf(release, { invoice_id: id })),
    ],
    parts_match: paid_net === null ? null : paid === paid_net,
    ...(await recordsOf(context, { figure: { kind: 'invoice', id } })),
  };
}
