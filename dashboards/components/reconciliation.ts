// Two sides that must agree, to the minor unit, with every difference named: all of them for trust, and for finance the way of
// the money from billing to the ledger, the statements and what is owed.
import { html } from 'htl';
import type { ExceptionRow, List, ReconciliationRow, UnlinkedRow } from './answers.js';
import { ask } from './api.js';
import { queryOf } from './audit-query.js';
import { recordHref } from './exception-words.js';
import { amountWithCurrency, digits } from './figure.js';
import { integerText, monthText, nothing, sentence, words } from './format.js';
import { toMoney } from './money.js';
import { openRow } from './open-row.js';
import { section } from './quality-tables.js';
import { type Column, emptyState, table } from './table.js';

type Check = ReconciliationRow;

interface Stage {
  readonly title: string;
  readonly sides: readonly [left: string, right: string];
  readonly checks: readonly string[];
}

const stages: readonly Stage[] = [
  { title: 'Payments and paid revenue', sides: ['Billing', 'Attribution'], checks: ['cash_to_paid', 'paid_position'] },
  {
    title: 'Invoices, revenue and deals',
    sides: ['Billing', 'Attribution'],
    checks: ['invoiced_position', 'lines_to_revenue', 'unlinked'],
  },
  {
    title: 'Plans and the ledger',
    sides: ['Plans', 'Ledger'],
    checks: ['targets_to_ledger', 'commission_without_rate'],
  },
  { title: 'The ledger and statements', sides: ['Ledger', 'Statements'], checks: ['ledger_to_statements'] },
  { title: 'Payouts and the ledger', sides: ['Payouts', 'Ledger'], checks: ['payouts_to_ledger'] },
  { title: 'The ledger and what is owed', sides: ['Ledger', 'Liability'], checks: ['ledger_to_liability'] },
];

const empty = 'Nothing was compared. Publish again: sourced publish.';

/** From billing to what is owed, stage by stage; a line opens to its records, or to the query that compares. */
export function reconciliationStages(checks: readonly Check[]): Node {
  const shown = stages.flatMap((stage) => {
    const rows = stage.checks.flatMap((name) => checks.filter(({ check }) => check === name));
    return rows.length ? [stageTable(stage, rows)] : [];
  });
  return shown.length ? html`<div class="stages">${shown}</div>` : emptyState(empty);
}

function stageTable({ title, sides, checks }: Stage, rows: readonly Check[]): Node {
  const apart = rows.filter(({ is_exact, difference }) => is_exact && difference !== '0');
  const state = apart.length
    ? html`<span class="fails">${integerText(apart.length)} ${apart.length === 1 ? 'differs' : 'differ'}</span>`
    : html`<span class="holds">agree</span>`;
  return html`<section class="gap" id=${checks[0]}><h2>${title} ${state}</h2>${table({
    caption: title,
    rows,
    rowId,
    empty,
    columns: [
      {
        label: 'Compared',
        value: (row) =>
          html.fragment`${openRow(nameOf(row), () => behind(row))}<span class="narrow wrap soft">${whyOf(row)}</span>`,
      },
      { label: 'Currency', value: ({ currency }) => currency ?? nothing },
      { label: sides[0], align: 'right', value: (row) => figure(row, row.left) },
      {
        label: sides[1],
        align: 'right',
        isWide: true,
        value: (row) => (row.is_exact ? figure(row, row.right) : nothing),
      },
      { label: 'Difference', align: 'right', value: (row) => (row.is_exact ? differenceOf(row) : nothing) },
      why,
    ],
  })}</section>`;
}

/** Why an invoice has no deal (models/core/invoice_deal_link.sql). */
const unlinkedReasons: Readonly<Record<string, string>> = {
  unknown_deal: 'the invoice names a deal that no source delivers',
  no_won_deal: 'the account of its customer has no deal that was won by then',
  customer_ambiguous: 'several accounts fit its customer: none is linked by guess',
  customer_unknown_account: 'its customer names an account that no source delivers',
  customer_no_candidate: 'no account fits its customer',
};

/** `scope` of unlinked money is a basis and a reason. */
function unlinkedOf({ scope }: Check): { basis: string; reason: string } {
  const [basis = '', reason = ''] = (scope ?? '').split(' ');
  return { basis, reason };
}

function nameOf(row: Check): string {
  const { check, scope, is_exact } = row;
  if (is_exact) return sentence(scope ?? check);
  return check === 'unlinked' ? `of which ${unlinkedOf(row).basis} without a deal` : `of which ${words(scope)}`;
}

function whyOf(row: Check): string {
  const reason = row.check === 'unlinked' ? unlinkedReasons[unlinkedOf(row).reason] : undefined;
  return reason ?? words(row.explanation);
}

const why: Column<Check> = {
  label: 'Why',
  isWide: true,
  value: (row) => html`<span class="wrap">${whyOf(row)}</span>`,
};

const rowId = ({ check, scope, currency }: Check) => [check, scope, currency].join('/');

/** The records of a named difference, where there is a list of them; else how it is compared. */
function behind(row: Check): Promise<Node> {
  const { check, scope, currency } = row;
  if (check === 'unlinked') return unlinkedInvoices(row);
  if (check === 'commission_without_rate') return exceptions('commission_rate_missing', currency);
  if (scope === 'payments without an invoice') return exceptions('unapplied_payment', currency);
  return queryOf(`reconciliation_${check}`);
}

const LIMIT = 1000;

async function unlinkedInvoices(row: Check): Promise<Node> {
  const search = new URLSearchParams({ ...unlinkedOf(row), limit: String(LIMIT) });
  const { items } = await ask<List<UnlinkedRow>>(`/v1/revenue/unlinked?${search}`);
  return table({
    caption: 'Invoices without a deal',
    rows: items.filter(({ currency }) => currency === row.currency),
    first: 20,
    rowId: ({ invoice_id, month }) => `${invoice_id}/${month}`,
    empty: 'No invoice of this kind is left.',
    columns: [
      { label: 'Invoice', value: ({ invoice_id }) => html`<code>${invoice_id}</code>` },
      { label: 'Month', value: ({ month }) => monthText(month) },
      { label: 'Amount', align: 'right', value: (row) => amountWithCurrency(row.amount, row.explain_id) },
    ],
  });
}

async function exceptions(kind: string, wanted: string | null): Promise<Node> {
  const { items } = await ask<List<ExceptionRow>>(`/v1/exceptions?kind=${kind}&limit=${LIMIT}`);
  return table({
    caption: sentence(kind),
    rows: items.filter(({ currency }) => currency === wanted),
    first: 20,
    rowId: ({ record_id }) => record_id,
    empty: 'No record of this kind is left.',
    columns: [
      { label: 'Record', value: ({ record_id }) => html`<code>${record_id}</code>` },
      { label: 'What to do', value: ({ next_action }) => html`<span class="wrap">${next_action ?? nothing}</span>` },
      {
        label: 'Amount',
        align: 'right',
        value: (row) => html`<a href=${recordHref(row)}>${amountWithCurrency(row.amount)}</a>`,
      },
    ],
  });
}

/** Every comparison of the release, those that differ first. */
export function reconciliationTable(checks: readonly Check[]): HTMLElement {
  const apart = checks.filter(({ difference }) => difference !== '0').length;
  return section(
    apart === 0
      ? 'Both sides agree everywhere'
      : `${apart} of ${checks.length} comparisons ${apart === 1 ? 'differs' : 'differ'}, each with its reason`,
    'billing against attribution against ledger, to the minor unit; a line opens to its records or its query',
    table({
      caption: 'Reconciliation',
      rows: checks.toSorted((left, right) => Number(left.difference === '0') - Number(right.difference === '0')),
      first: 12,
      rowId,
      empty,
      columns: [
        {
          label: 'Compared',
          value: (row) =>
            html.fragment`${openRow(sentence(row.check), () => behind(row))}<span class="aside">${row.scope ?? ''}</span>`,
        },
        { label: 'Currency', value: ({ currency }) => currency ?? nothing },
        { label: 'Left', align: 'right', isWide: true, value: (row) => figure(row, row.left) },
        { label: 'Right', align: 'right', isWide: true, value: (row) => figure(row, row.right) },
        { label: 'Difference', align: 'right', value: differenceOf },
        why,
      ],
    }),
  );
}

function differenceOf(row: Check): Node {
  return html`<span class=${row.difference === '0' ? '' : 'warning'}>${figure(row, row.difference)}</span>`;
}

/** A side of a comparison: money where it has a currency, else a count. */
function figure({ currency }: Check, minor: string): Node | string {
  if (!currency) return html`<span class="digits" data-minor=${minor}>${integerText(Number(minor))}</span>`;
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return digits(toMoney(BigInt(minor), currency, maximumFractionDigits));
}
