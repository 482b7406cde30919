// The three numbers of influence, always together, the credit under the chosen method, and the proof that nothing is lost.
import { html } from 'htl';
import type { PartnerMonthRow } from './answers.js';
import type { MethodTotals } from './credit.js';
import { amount } from './figure.js';
import { type Money, percentText, perMille, words } from './format.js';
import { exponentOf, minor, sum, toMoney } from './money.js';
import type { MonthRevenue } from './revenue.js';

/** As many partners as the page is published with (pages.ts): the sum says so where there are more. */
const GROSS_MAX = 100;

export interface AttributionFiguresOptions {
  readonly company: MonthRevenue | undefined;
  readonly gross: readonly PartnerMonthRow[];
  readonly totals: readonly MethodTotals[];
  readonly method: string;
  readonly month: string;
  readonly basis: string;
}

export function attributionFigures({
  company,
  gross,
  totals,
  method,
  month,
  basis,
}: AttributionFiguresOptions): Node[] {
  const id = `revenue/${month}/${basis}`;
  const chosen = totals.find((total) => total.method === method);
  const share = company && chosen?.partners ? perMille(minor(chosen.partners), minor(company.total)) : null;
  const grossTotal = sum(gross.map((row) => row.reporting_influenced_gross));
  return [
    tile('Sourced by partners', company?.sourced, id, 'each deal has at most one sourcing partner'),
    tile('Influenced, each deal once', company?.influenced, id, 'deals that any other partner touched'),
    tile(
      gross.length < GROSS_MAX ? 'Influenced, added over partners' : `Influenced, added over ${GROSS_MAX} partners`,
      grossTotal,
      id,
      'more than the distinct figure, by design',
    ),
    tile(`Credit to partners, ${words(method)}`, chosen?.partners, id, `${percentText(share)} of everything ${basis}`),
  ];
}

function tile(label: string, figure: Money | undefined, explain_id: string, note: string): Node {
  return html`<div><h2>${label}</h2><span class="large"><small>${figure?.currency ?? ''}</small>${amount(figure, figure && explain_id)}</span><p>${note}</p></div>`;
}

export interface AttributionProofOptions {
  readonly company: MonthRevenue | undefined;
  readonly totals: readonly MethodTotals[];
  readonly method: string;
  readonly explain_id: string;
}

/** Σ credit + unattributed + unlinked = total, to the minor unit, said in a sentence with the figures. */
export function attributionProof({ company, totals, method, explain_id }: AttributionProofOptions): Node {
  const chosen = totals.find((total) => total.method === method);
  if (!company || !chosen) return html`<p class="proof">Nothing to prove: there is no money in this month.</p>`;
  const { total, unlinked } = company;
  const given = [chosen.partners, chosen.channels, chosen.unattributed, unlinked];
  const difference = minor(total) - given.reduce((sum, part) => sum + minor(part), 0n);
  const off = amount(toMoney(difference, total.currency, exponentOf(total)), explain_id);
  const mark =
    difference === 0n
      ? html`<span class="holds">nothing is lost</span>`
      : html`<span class="fails">${off} differs</span>`;
  const figure = (money: Money | undefined) => amount(money, explain_id);
  return html`<p class="proof" data-difference=${difference.toString()}>${mark}: partners ${figure(chosen.partners)} + other channels ${figure(chosen.channels)} + nobody ${figure(chosen.unattributed)} + unlinked ${figure(unlinked)} = total ${figure(total)}</p>`;
}
