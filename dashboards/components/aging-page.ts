// What is owed as of any date, by what it waits for, per currency and partner; and that it ties to entries, statements and billing.
import { html } from 'htl';
import type { AgingList, AgingRow, LiabilityList, List, ReconciliationRow } from './answers.js';
import { ask } from './api.js';
import { amount, amountWithCurrency, convertedFrom } from './figure.js';
import { dayText, integerText, type Money, monthOf, monthText } from './format.js';
import { geometry, minor } from './money.js';
import { hrefWith, type Query, setQuery } from './query.js';
import { release } from './release.js';
import { emptyState, table } from './table.js';
import { tiesTable } from './ties-table.js';

const LIMIT = 500;

const parts = [
  { name: 'held', label: 'Held', note: 'earned; the hold is not over' },
  { name: 'awaiting', label: 'Awaiting approval', note: 'the hold is over, the statement is not approved' },
  { name: 'payable', label: 'Payable', note: 'approved and due' },
  { name: 'disputed', label: 'Disputed', note: 'waits for a resolution' },
  { name: 'recoverable', label: 'Recoverable', note: 'paid and taken back: nets the next commission' },
] as const;

type Part = (typeof parts)[number]['name'] | 'overdue' | 'closing';
type Totals = Readonly<Record<Part, Money>>;

export async function agingPage(query: Query): Promise<Node> {
  const { as_of = '', currency = '' } = query;
  const search = new URLSearchParams({ limit: String(LIMIT) });
  if (as_of) search.set('as_of', as_of);
  if (/^[A-Z]{3}$/.test(currency)) search.set('currency', currency);
  const aging = await ask<AgingList>(`/v1/commissions/aging?${search}`);
  const roll = new URLSearchParams({ as_of: aging.as_of_date, limit: '1' });
  const [liability, ties] = await Promise.all([
    ask<LiabilityList>(`/v1/commissions/liability?${roll}`),
    ask<List<ReconciliationRow>>('/v1/quality/reconciliation?limit=500'),
  ]);
  const groups = groupsOf(aging, currency);
  return html`<div>${dateForm(aging)}${ahead(aging)}${waits(aging, currency)}
    <div class="gap columns"><div>${groups.length ? groups.map((group) => bars(group, aging)) : emptyState(nobody(aging))}</div>
    <div>${tiesTable(aging, liability, ties.items)}${outside()}</div></div>
    <div class="gap">${partnerTable(aging, currency)}</div></div>`;
}

/** What is expected is no part of what is owed. */
function outside(): Node {
  const { as_of, time_zone } = release();
  const month = monthOf(as_of, time_zone);
  return html`<p class="proof">Not in it: commission that is expected on unpaid invoices, beside the <a href=${`/finance/?month=${month}`}>liability of ${monthText(month)}</a>.</p>`;
}

function nobody({ as_of_date }: AgingList): string {
  return `Nobody is owed anything as of ${dayText(as_of_date, release().time_zone)}. Choose a later date, or check that agreements and payments were loaded.`;
}

interface Group {
  readonly currency: string;
  readonly totals: Totals;
}

function isConverted({ totals, reporting_total }: AgingList, currency: string): boolean {
  return currency === '' && reporting_total !== null && totals.length > 0;
}

/** One group converted, or one per currency. */
function groupsOf(aging: AgingList, currency: string): Group[] {
  const { totals, reporting_total } = aging;
  if (reporting_total && isConverted(aging, currency))
    return [{ currency: release().reporting_currency, totals: reporting_total }];
  return totals.map((total) => ({ currency: total.currency, totals: total }));
}

function dateForm({ as_of_date }: AgingList): Node {
  const input =
    html`<input type="date" id="as-of" value=${as_of_date} max=${release().as_of.slice(0, 10)}>` as HTMLInputElement;
  input.addEventListener('change', () => setQuery({ as_of: input.value || undefined }));
  const csv = html`<a class="choice" href=${`/v1/commissions/aging?as_of=${as_of_date}&format=csv&limit=10000`} download=${`aging-${as_of_date}.csv`}>Save as CSV</a>`;
  const print = html`<button type="button" class="choice">Print</button>`;
  print.addEventListener('click', () => window.print());
  return html`<div class="actions as-of"><label for="as-of">As of the end of</label>${input}${csv}${print}</div>`;
}

/** Of a later day only the holds that end by then are known. */
function ahead({ as_of_date }: AgingList): Node | string {
  const { as_of, time_zone } = release();
  if (as_of_date <= as_of.slice(0, 10)) return '';
  return html`<p class="proof warning">After ${dayText(as_of, time_zone)}, the business clock of this release: as if nothing is earned, approved or paid until then.</p>`;
}

/** Why the page is not in one currency although that was asked for. */
function waits({ totals, reporting_total, as_of_date }: AgingList, currency: string): Node | string {
  if (currency !== '' || reporting_total || totals.length === 0) return '';
  const { reporting_currency } = release();
  const end = `${as_of_date.slice(0, 7)}-${String(lastDay(as_of_date)).padStart(2, '0')}`;
  const later =
    end <= release().as_of.slice(0, 10) ? html` or <a href=${hrefWith({ as_of: end })}>that month's own end</a>` : '';
  return html`<p class="proof">Each currency on its own: there is no ${reporting_currency} rate for all of it on this date. Deliver it (fx_rates), or choose <a href=${hrefWith({ as_of: monthEndBefore(as_of_date) })}>the month end before</a>${later}.</p>`;
}

function lastDay(date: string): number {
  return new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)), 0)).getUTCDate();
}

function monthEndBefore(date: string): string {
  return new Date(Date.UTC(Number(date.slice(0, 4)), Number(date.slice(5, 7)) - 1, 0)).toISOString().slice(0, 10);
}

function bars({ currency, totals }: Group, { as_of_date, items, overdue_days }: AgingList): Node {
  const largest = Math.max(...parts.map(({ name }) => Math.abs(geometry(totals[name]))), 1);
  const explain_id = `liability/${as_of_date.slice(0, 7)}`;
  const held_until = items
    .flatMap((row) => (row.currency === currency || !isNative(items, currency) ? (row.held_until ?? []) : []))
    .sort()
    .at(-1);
  const rows = parts.map(({ name, label, note }) => {
    const width = (Math.abs(geometry(totals[name])) / largest) * 100;
    const text =
      name === 'held' && held_until ? `until ${dayText(held_until, release().time_zone)} at the latest` : note;
    return html`<li class=${name}><span class="name">${label}<span class="aside">${text}</span></span><span class="bar" aria-hidden="true">${width > 0 ? html`<i style=${`width:${width}%`}></i>` : ''}</span><span class="value">${amount(totals[name], explain_id)}</span></li>`;
  });
  const overdue = minor(totals.overdue)
    ? html`<p class="proof warning">Overdue: ${amountWithCurrency(totals.overdue, explain_id)} of awaiting and payable is due for more than ${overdue_days} days.</p>`
    : html`<p class="proof holds">nothing is due for more than ${overdue_days} days</p>`;
  return html`<section class="aging"><h2>What ${currency} ${amount(totals.closing, explain_id)} waits for</h2><p class="subtitle">held + awaiting + payable + disputed − recoverable, as of ${dayText(as_of_date, release().time_zone)}</p><ul class="aging-bars">${rows}</ul>${overdue}</section>`;
}

function isNative(items: readonly AgingRow[], currency: string): boolean {
  return items.some((row) => row.currency === currency);
}

/** A line of the table: a partner in a currency, or all of them. */
interface Line {
  readonly key: string;
  readonly label: string;
  readonly currency: string;
  readonly held_until: string | null;
  readonly explain_id: string;
  readonly totals: Partial<Totals>;
}

function partnerTable(aging: AgingList, currency: string): Node {
  const { items, next_cursor, as_of_date } = aging;
  const { time_zone, reporting_currency } = release();
  const isReporting = isConverted(aging, currency);
  const column = (name: Part, label: string, isWide = true) => ({
    label,
    align: 'right' as const,
    isWide,
    value: ({ totals, explain_id }: Line) => amount(zeroAsNone(totals[name]), explain_id),
  });
  const body = table<Line>({
    caption: `What is owed to each partner as of ${dayText(as_of_date, time_zone)}`,
    rows: items.map((row) => lineOf(row, isReporting)),
    totals: groupsOf(aging, currency).map((group) => totalLine(group, as_of_date)),
    first: 60,
    rowId: ({ key }) => key,
    empty: 'No partner is owed anything as of this date.',
    columns: [
      {
        label: 'Partner',
        value: (line) =>
          html.fragment`${line.label}<span class="aside">${isReporting ? convertedFrom(line.currency) : line.currency}</span>`,
      },
      column('held', 'Held'),
      {
        label: 'Until',
        isWide: true,
        value: ({ held_until }) =>
          html`<span class="nowrap">${held_until ? dayText(held_until, time_zone) : ''}</span>`,
      },
      column('awaiting', 'Awaiting approval'),
      column('payable', 'Payable', false),
      column('disputed', 'Disputed'),
      column('recoverable', 'Recoverable'),
      column('overdue', 'Overdue'),
      column('closing', 'Owed', false),
    ],
  });
  const more = next_cursor
    ? html`<p class="proof">The first ${integerText(items.length)}, with the totals of all; the CSV has the rest.</p>`
    : '';
  return html`<section><h2>By partner${isReporting ? `, ${reporting_currency}` : ' and currency'}</h2><p class="subtitle">overdue is part of awaiting and payable; each figure opens its roll-forward</p>${body}${more}</section>`;
}

function lineOf(row: AgingRow, isReporting: boolean): Line {
  const { partner_id, partner_name, currency, held_until, explain_id } = row;
  const pick = (name: Part) => row[isReporting ? (`reporting_${name}` as const) : name] ?? undefined;
  const names: readonly Part[] = [...parts.map(({ name }) => name), 'overdue', 'closing'];
  return {
    key: `${partner_id}/${currency}`,
    label: partner_name ?? partner_id,
    currency,
    held_until,
    explain_id,
    totals: Object.fromEntries(names.map((name) => [name, pick(name)])),
  };
}

function totalLine({ currency, totals }: Group, as_of_date: string): Line {
  const explain_id = `liability/${as_of_date.slice(0, 7)}`;
  return { key: `total/${currency}`, label: 'All partners', currency, held_until: null, explain_id, totals };
}

function zeroAsNone(money: Money | null | undefined): Money | null {
  return money && minor(money) !== 0n ? money : null;
}
