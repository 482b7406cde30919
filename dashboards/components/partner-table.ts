// The ten partners that brought most in the month, with their last twelve months.
import { html } from 'htl';
import type { PartnerMonthRow, PartnerRow } from './answers.js';
import { amount, explainHref } from './figure.js';
import {
  dayText,
  integerText,
  type Money,
  monthText,
  motionText,
  nothing,
  percentText,
  perMille,
  shiftMonth,
} from './format.js';
import { geometry, minor } from './money.js';
import { release } from './release.js';
import { sparkline } from './spark.js';
import { table } from './table.js';

export interface PartnerTableOptions {
  readonly partners: readonly PartnerRow[];
  readonly trend: readonly PartnerMonthRow[];
  readonly month: string;
  readonly basis: string;
  /** All partners' sourced revenue of the month. */
  readonly total: Money | undefined;
}

export function partnerTable({ partners, trend, month, basis, total }: PartnerTableOptions): HTMLElement {
  const { reporting_currency, time_zone } = release();
  const rows = partners.filter(
    ({ sourced, influenced_gross }) => minor(sourced) !== 0n || minor(influenced_gross) !== 0n,
  );
  const share = ({ sourced }: PartnerRow) => percentText(total ? perMille(minor(sourced), minor(total)) : null);
  return table({
    caption: `Top partners in ${monthText(month)}, ${basis} revenue in ${reporting_currency}`,
    rows,
    rowId: ({ partner_id }) => partner_id,
    empty: `No partner sourced or influenced ${basis} revenue in ${monthText(month)}. Choose another month, or see on the trust page whether partner records arrived.`,
    columns: [
      {
        label: 'Partner',
        value: ({ name, motion, explain_id }) =>
          html.fragment`<a href=${explainHref(explain_id)}>${name}</a><span class="aside">${motionText(motion)}</span>`,
      },
      {
        label: `Sourced, ${reporting_currency}`,
        align: 'right',
        value: ({ sourced, explain_id }) => amount(sourced, explain_id),
      },
      { label: 'Share', align: 'right', value: share },
      {
        label: '12 months',
        align: 'right',
        isWide: true,
        value: ({ partner_id }) => trendOf(trend, partner_id, month),
      },
      {
        label: 'Influenced',
        align: 'right',
        value: ({ influenced_gross, explain_id }) => amount(influenced_gross, explain_id),
      },
      { label: 'Deals', align: 'right', isWide: true, value: ({ deal_count }) => integerText(deal_count) },
      { label: 'Owed', align: 'right', isWide: true, value: ({ owed, explain_id }) => amount(owed, explain_id) },
      {
        label: 'Last activity',
        align: 'right',
        isWide: true,
        value: ({ last_activity_at }) => dayText(last_activity_at, time_zone),
      },
    ],
  });
}

/** Twelve months up to the chosen one; a month without a row is zero. */
function series(trend: readonly PartnerMonthRow[], partner_id: string, month: string): number[] {
  const own = trend.filter((row) => row.partner_id === partner_id);
  if (own.length === 0) return [];
  return Array.from({ length: 12 }, (_, index) => {
    const at = shiftMonth(month, index - 11);
    return own.filter((row) => row.month === at).reduce((total, row) => total + geometry(row.reporting_sourced), 0);
  });
}

/** A dash for a partner that is not among those whose trend the page knows. */
function trendOf(trend: readonly PartnerMonthRow[], partner_id: string, month: string): Node | string {
  const values = series(trend, partner_id, month);
  return values.length ? sparkline(values) : html`<span class="nothing">${nothing}</span>`;
}
