// The tables of a deal: weights under every method, money by basis and month, commission.
import { html } from 'htl';
import type { DealAnswer } from './answers.js';
import { amount, amountWithCurrency } from './figure.js';
import { monthText, percentText, perMille, sentence, words } from './format.js';
import { release } from './release.js';
import { table } from './table.js';

const WHOLE = 1_000_000_000n;

type PartyWeights = DealAnswer['weights'][number];

export function weightTable({ weights, credits, deal }: DealAnswer, method: string): HTMLElement {
  const { methods, reporting_currency } = release();
  const paid = (party: PartyWeights) =>
    credits.find(
      (credit) =>
        credit.basis === 'paid' &&
        credit.method === method &&
        credit.party_id === party.party_id &&
        credit.party_kind === party.party_kind,
    )?.amount;
  return html`<section><h2>Credit under each method</h2><p class="subtitle">share of the deal; the last column is what was paid, split by ${words(method)}</p>${table(
    {
      caption: 'Weights of each party under each method',
      rows: weights,
      rowId: ({ party_id }) => party_id,
      empty:
        'Nobody touched this deal within its window: its credit is unattributed. Check that CRM activities are loaded.',
      columns: [
        {
          label: 'Party',
          value: ({ party_name, party_id, party_kind }) => partyName(party_name ?? party_id, party_kind),
        },
        ...methods.map((name) => ({
          label: sentence(name),
          align: 'right' as const,
          isWide: name !== method,
          value: (party: PartyWeights) => percentText(perMille(BigInt(party.weights[name] ?? 0), WHOLE)),
        })),
        {
          label: `Paid, ${reporting_currency}`,
          align: 'right',
          value: (party) => amount(paid(party), deal.explain_id),
        },
      ],
    },
  )}</section>`;
}

export function partyName(name: string, kind: string): Node {
  if (kind === 'unattributed') return html`<span>Nobody</span>`;
  return html`<span><i class=${`dot ${kind === 'partner' ? 'partner' : 'channel'}`}></i>${kind === 'partner' ? name : sentence(name)}</span>`;
}

export function moneyTable({ money, deal }: DealAnswer): HTMLElement {
  return html`<section><h2>What it brought</h2>${table({
    caption: 'Money of this deal by basis and month',
    rows: money,
    first: 12,
    empty:
      deal.state === 'lost'
        ? 'Nothing: the deal was lost.'
        : 'No money yet: the deal is open, or nothing was invoiced.',
    columns: [
      { label: 'Month', value: ({ month }) => monthText(month) },
      { label: 'Basis', value: ({ basis }) => sentence(basis) },
      { label: 'Amount', align: 'right', value: (row) => amountWithCurrency(row.amount, deal.explain_id) },
      {
        label: `In ${release().reporting_currency}`,
        align: 'right',
        value: (row) => amount(row.reporting_amount, deal.explain_id),
      },
    ],
  })}</section>`;
}

export function commissionTable({ commission, deal }: DealAnswer): HTMLElement {
  return html`<section><h2>Commission</h2>${table({
    caption: 'Commission earned on this deal',
    rows: commission,
    empty: 'No commission was earned on this deal.',
    columns: [
      { label: 'Partner', value: ({ partner_name, partner_id }) => partner_name ?? partner_id },
      { label: 'Plan', value: ({ plan }) => plan ?? '' },
      { label: 'Earned', align: 'right', value: (row) => amountWithCurrency(row.amount, deal.explain_id) },
    ],
  })}</section>`;
}
