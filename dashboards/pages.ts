// The pages: who they are for, what they are called and which API answers each is published with. One new page is one
// Markdown file and one line here. `pipeline/site.ts` writes the answers, the frame draws the navigation from this list.
import type { Audience } from '../api/access.ts';

/** The filters a page may offer; they live in the URL under these names. */
export type FilterName = 'month' | 'basis' | 'method' | 'motion' | 'currency';

export interface Page {
  readonly audience: Audience;
  /** File below `dashboards/`, without `.md`. */
  readonly path: string;
  /** Its `<h1>`. */
  readonly title: string;
  /** Its name in the navigation; a page without one is reached through links. */
  readonly label?: string;
  /** The page of the navigation that leads to it, where it is not in the navigation itself. */
  readonly within?: string;
  readonly filters?: readonly FilterName[];
  /**
   * API answers the page opens with, by name. `{month}` and the other filters stand for the values in the URL, `{month-11}`
   * for the month eleven earlier. The answer to the default values is published as `data/<audience>/<name>.json`; any other
   * is asked of the API when it is needed.
   */
  readonly answers?: Readonly<Record<string, string>>;
}

export const pages: readonly Page[] = [
  {
    audience: 'leadership',
    path: 'leadership/index',
    title: 'Partner revenue',
    label: 'This month',
    filters: ['month', 'basis'],
    answers: {
      revenue: '/v1/revenue/monthly?basis={basis}&from={month-24}&to={month}&currency=reporting',
      partners: '/v1/partners?month={month}&basis={basis}&limit=10',
      trend: '/v1/revenue/partners?basis={basis}&from={month-11}&to={month}&currency=reporting&top=40&limit=480',
      liability: '/v1/commissions/liability?from={month-24}&to={month}&limit=1',
      activation: '/v1/activation?limit=500',
      quality: '/v1/quality',
    },
  },
  {
    audience: 'revops',
    path: 'revops/index',
    title: 'Attribution',
    label: 'Attribution',
    filters: ['month', 'basis', 'method', 'motion'],
    answers: {
      credit:
        '/v1/attribution?month={month}&basis={basis}&motion={motion}&party_kind=partner&group_by=month,party&currency=reporting&top=60&limit=2000',
      channels:
        '/v1/attribution?month={month}&basis={basis}&party_kind=channel&group_by=month,party&currency=reporting',
      kinds: '/v1/attribution?month={month}&basis={basis}&group_by=party_kind&currency=reporting',
      gross: '/v1/revenue/partners?month={month}&basis={basis}&currency=reporting&top=100',
      revenue: '/v1/revenue/monthly?month={month}&basis={basis}&currency=reporting',
    },
  },
  { audience: 'revops', path: 'revops/deal', title: 'Deals', label: 'Deals', filters: ['method'] },
  {
    audience: 'revops',
    path: 'revops/conflicts',
    title: 'Conflicts and gaps',
    label: 'Conflicts and gaps',
    answers: { conflicts: '/v1/conflicts?limit=500', quality: '/v1/quality' },
  },
  {
    audience: 'revops',
    path: 'revops/windows',
    title: 'Window sensitivity',
    label: 'Window sensitivity',
    filters: ['month', 'basis'],
    answers: { windows: '/v1/window-sensitivity?from={month-11}&to={month}&basis={basis}&currency=reporting' },
  },
  {
    audience: 'revops',
    path: 'revops/leads',
    title: 'Speed to lead',
    label: 'Speed to lead',
    answers: {
      response: '/v1/leads/response?limit=2000',
      bands: '/v1/leads/distribution',
      waiting: '/v1/leads?waiting=true&limit=50',
      health: '/v1/registrations/health?from={month-11}&to={month}&limit=2000',
      decisions: '/v1/registrations/decisions?from={month-11}&to={month}&limit=2000',
    },
  },
  {
    audience: 'revops',
    path: 'revops/programme',
    title: 'Activation and overlap',
    label: 'Programme',
    answers: {
      activation: '/v1/activation?limit=2000',
      overlaps: '/v1/overlaps?limit=2000',
      matrix: '/v1/overlaps/summary',
    },
  },
  {
    audience: 'finance',
    path: 'finance/index',
    title: 'Commission liability',
    label: 'Liability',
    filters: ['month', 'currency'],
    answers: {
      liability: '/v1/commissions/liability?month={month}&currency={currency}&limit=200',
      history: '/v1/commissions/liability?from={month-11}&to={month}&currency={currency}&limit=1',
    },
  },
  { audience: 'finance', path: 'finance/aging', title: 'Aging', label: 'Aging', filters: ['currency'] },
  {
    audience: 'finance',
    path: 'finance/statements',
    title: 'Statements',
    label: 'Statements',
    filters: ['month'],
  },
  { audience: 'finance', path: 'finance/statement', title: 'Statement', within: 'finance/statements' },
  {
    audience: 'finance',
    path: 'finance/entries',
    title: 'Ledger entries',
    label: 'Entries',
    filters: ['month'],
  },
  {
    audience: 'finance',
    path: 'finance/reconciliation',
    title: 'Reconciliation',
    label: 'Reconciliation',
    answers: {
      reconciliation:
        '/v1/quality/reconciliation?check=cash_to_paid,paid_position,invoiced_position,lines_to_revenue,unlinked,targets_to_ledger,commission_without_rate,ledger_to_statements,payouts_to_ledger,ledger_to_liability&limit=1000',
    },
  },
  { audience: 'finance', path: 'finance/work', title: 'Work list', label: 'Work list' },
  {
    audience: 'trust',
    path: 'trust/index',
    title: 'Sources and audits',
    label: 'Sources and audits',
    answers: { quality: '/v1/quality' },
  },
  { audience: 'trust', path: 'trust/explain', title: 'Where a figure comes from', label: 'Explain a figure' },
  { audience: 'trust', path: 'trust/decisions', title: 'Decisions', label: 'Decisions' },
  { audience: 'partner', path: 'partner/index', title: 'Our deals and commission', label: 'Overview' },
  { audience: 'partner', path: 'partner/statement', title: 'Statement', within: 'partner/index' },
  { audience: 'partner', path: 'partner/explain', title: 'Where a figure comes from', within: 'partner/index' },
];

/** Names of the audiences in the navigation, in its order. */
export const audienceLabels: Readonly<Record<Audience, string>> = {
  leadership: 'Leadership',
  revops: 'RevOps',
  finance: 'Finance',
  trust: 'Trust',
  partner: 'Partner',
};
