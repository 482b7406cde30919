// Ledger entries of a month, filtered, paged, and as CSV. Entries are only ever added: a correction is a line of its own.
import { html } from 'htl';
import type { EntryRow, List, PartnerRow } from './answers.js';
import { ask } from './api.js';
import { amountWithCurrency, explainHref } from './figure.js';
import { dayText, integerText, monthText, nativeId, nothing, sentence, words } from './format.js';
import { type Query, setQuery } from './query.js';
import { release } from './release.js';
import { focusRow, table } from './table.js';

const PAGE = 100;
const types = [
  'accrual',
  'clawback',
  'true_up',
  'prior_period_adjustment',
  'release',
  'payout',
  'dispute_hold',
  'dispute_release',
  'write_off',
  'amortisation',
];

export async function entriesPage(query: Query): Promise<Node> {
  const path = entriesPath(query);
  const place = html`<div></div>`;
  const items: EntryRow[] = [];
  let cursor: string | null = null;
  const load = async () => {
    const page: List<EntryRow> = await ask(
      `${path}&limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
    );
    const before = items.length;
    items.push(...page.items);
    cursor = page.next_cursor;
    place.replaceChildren(entryTable(items, query.month ?? ''), cursor ? rest(items.length, load) : '');
    if (before > 0) focusRow(place, before);
  };
  const [partners] = await Promise.all([ask<List<PartnerRow>>('/v1/partners?limit=1000'), load()]);
  return html`<div>${actions(query, path, partners.items)}${place}</div>`;
}

function entriesPath({ month = '', currency = '', type = '', partner_id = '' }: Query): string {
  const search = new URLSearchParams({ month });
  if (/^[A-Z]{3}$/.test(currency)) search.set('currency', currency);
  if (type) search.set('entry_type', type);
  if (partner_id) search.set('partner_id', partner_id);
  return `/v1/commissions/entries?${search}`;
}

function actions(query: Query, path: string, partners: readonly PartnerRow[]): Node {
  const select =
    html`<select aria-label="Entry type"><option value="">All types</option>${types.map((type) => html`<option value=${type} selected=${type === query.type}>${sentence(type)}</option>`)}</select>` as HTMLSelectElement;
  select.addEventListener('change', () => setQuery({ type: select.value || undefined }));
  const currency =
    html`<select aria-label="Currency"><option value="">All currencies</option>${release().currencies.map((code) => html`<option value=${code} selected=${code === query.currency}>${code}</option>`)}</select>` as HTMLSelectElement;
  currency.addEventListener('change', () => setQuery({ currency: currency.value || undefined }));
  const names = partners.toSorted((left, right) => left.name.localeCompare(right.name));
  const partner =
    html`<select aria-label="Partner"><option value="">All partners</option>${names.map(({ partner_id, name }) => html`<option value=${partner_id} selected=${partner_id === query.partner_id}>${name}</option>`)}</select>` as HTMLSelectElement;
  partner.addEventListener('change', () => setQuery({ partner_id: partner.value || undefined }));
  const save = html`<a class="choice" href=${`${path}&format=csv&limit=10000`} download=${`entries-${query.month}.csv`}>Save as CSV</a>`;
  const print = html`<button type="button" class="choice">Print</button>`;
  print.addEventListener('click', () => window.print());
  return html`<div class="actions">${partner}${select}${currency}${save}${print}</div>`;
}

/** There are more than are shown: on a screen a button, on paper a sentence. */
function rest(shown: number, load: () => Promise<void>): Node {
  const button = html`<button type="button" class="choice more">Show ${PAGE} more</button>`;
  button.addEventListener('click', load);
  return html.fragment`${button}<p class="paper">The first ${integerText(shown)}; the CSV has all.</p>`;
}

/** `1:percent` → `percent 1`: the kind of the component and where it stands in its plan. */
function componentText(component: string | null): string {
  const [position, kind] = component?.split(':') ?? [];
  return kind ? `${words(kind)} ${position}` : '';
}

function entryTable(entries: readonly EntryRow[], month: string): HTMLElement {
  const { time_zone } = release();
  return table({
    caption: `Ledger entries of ${monthText(month)}`,
    rows: entries,
    rowId: ({ entry_id }) => entry_id,
    empty: `No such entry stands in ${monthText(month)}. Choose another month, partner, type or currency.`,
    columns: [
      {
        label: 'Date',
        value: ({ effective_date }) => html`<span class="nowrap">${dayText(effective_date, time_zone)}</span>`,
      },
      { label: 'Type', value: ({ entry_type }) => sentence(entry_type) },
      { label: 'Partner', value: ({ partner_name, partner_id }) => partner_name ?? partner_id },
      { label: 'Debit', isWide: true, value: ({ debit_account }) => sentence(debit_account) },
      { label: 'Credit', isWide: true, value: ({ credit_account }) => sentence(credit_account) },
      {
        label: 'Plan',
        isWide: true,
        value: ({ plan, component }) =>
          html.fragment`${plan ?? nothing}<span class="aside">${componentText(component)}</span>`,
      },
      {
        label: 'Invoice',
        isWide: true,
        value: ({ invoice_id }) =>
          invoice_id ? html`<a href=${explainHref(invoice_id)}><code>${nativeId(invoice_id)}</code></a>` : nothing,
      },
      {
        label: 'Cause',
        isWide: true,
        value: ({ event_kind, event_id, entry_id, cause_id }) =>
          html`<a href=${explainHref(entry_id)}>${sentence(event_kind ?? 'unknown')} <code>${nativeId(event_id ?? cause_id ?? '')}</code></a>`,
      },
      { label: 'Amount', align: 'right', value: (row) => amountWithCurrency(row.amount, row.entry_id) },
    ],
  });
}
