// The four figures of leadership's month, each with its change to last month and to last year.
import { html } from 'htl';
import type { LiabilityTotal } from './answers.js';
import { amount, change } from './figure.js';
import { type Money, monthOf, percentText, perMille, shiftMonth, shortMonth } from './format.js';
import { geometry, minor } from './money.js';
import { release } from './release.js';
import type { MonthRevenue } from './revenue.js';
import { sparkline } from './spark.js';

export interface MonthFiguresOptions {
  readonly months: readonly MonthRevenue[];
  readonly liability: readonly LiabilityTotal[];
  readonly month: string;
  readonly basis: string;
}

export function monthFigures({ months, liability, month, basis }: MonthFiguresOptions): Node[] {
  const { as_of, time_zone } = release();
  const at = (when: string) => months.find((row) => row.month === when);
  const owed = (when: string) => liability.find((row) => row.month === when);
  const earlier = shiftMonth(month, -1);
  const lastYear = shiftMonth(month, -12);
  const compare = (pick: (when: string) => Money | undefined, more: 'good' | 'neither' = 'good') =>
    html`<p>${change(pick(month), pick(earlier), shortMonth(earlier), more)} · ${change(pick(month), pick(lastYear), shortMonth(lastYear, { year: true }), more)}</p>`;
  const recent = months.filter((row) => row.month <= month).slice(-24);
  const revenueId = `revenue/${month}/${basis}`;
  return [
    tile(
      'Sourced by partners',
      money(
        at(month)?.sourced,
        revenueId,
        recent.map((row) => geometry(row.sourced)),
      ),
      compare((when) => at(when)?.sourced),
    ),
    tile(
      'Influenced, each deal once',
      money(
        at(month)?.influenced,
        revenueId,
        recent.map((row) => geometry(row.influenced)),
      ),
      compare((when) => at(when)?.influenced),
    ),
    shareTile({ now: at(month), earlier: at(earlier), lastYear: at(lastYear), month, basis, recent }),
    tile(
      monthOf(as_of, time_zone) > month ? 'Commission owed at month end' : 'Commission owed so far',
      money(
        owed(month)?.closing,
        `liability/${month}`,
        liability.filter((row) => row.month <= month).map((row) => geometry(row.closing)),
      ),
      compare((when) => owed(when)?.closing, 'neither'),
    ),
  ];
}

function shareTile({
  now,
  earlier,
  lastYear,
  month,
  basis,
  recent,
}: {
  now: MonthRevenue | undefined;
  earlier: MonthRevenue | undefined;
  lastYear: MonthRevenue | undefined;
  month: string;
  basis: string;
  recent: readonly MonthRevenue[];
}): Node {
  const share = (row: MonthRevenue | undefined) => (row ? perMille(minor(row.involved), minor(row.total)) : null);
  const figure = html`<span class="large" data-figure="share">${percentText(share(now))}${sparkline(
    recent.map((row) => share(row) ?? 0),
    { width: 64, height: 22 },
  )}</span>`;
  const before = [earlier, lastYear]
    .map(share)
    .map((tenths) => percentText(tenths))
    .join(', ');
  return tile(
    `Partner share of ${basis} revenue`,
    figure,
    html`<p>of ${amount(now?.total, now && `revenue/${month}/${basis}`)} · was ${before}</p>`,
  );
}

function money(figure: Money | undefined, explain_id: string, series: readonly number[]): Node {
  return html`<span class="large"><small>${figure?.currency ?? ''}</small>${amount(figure, explain_id)}${sparkline(series, { width: 64, height: 22 })}</span>`;
}

function tile(label: string, figure: Node, note: Node): Node {
  return html`<div><h2>${label}</h2>${figure}${note}</div>`;
}
