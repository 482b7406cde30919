// One deal: what it brought, who sourced it and why, the claims that lost, its journey, and its weights under every method.
import { html } from 'htl';
import type { DealAnswer, JourneyAnswer } from './answers.js';
import { ask } from './api.js';
import { lossText } from './claim-words.js';
import { commissionTable, moneyTable, weightTable } from './deal-tables.js';
import { amount, amountWithCurrency, explainHref } from './figure.js';
import { capitalised, countText, dayText, nothing, sentence, words } from './format.js';
import { journeyChart, touchTable } from './journey.js';
import { release } from './release.js';

const TOUCHES_MAX = 200;

export async function dealPage(deal_id: string, method: string): Promise<Node> {
  const path = `/v1/deals/${encodeURIComponent(deal_id)}`;
  const [detail, journey] = await Promise.all([
    ask<DealAnswer>(path),
    ask<JourneyAnswer>(`${path}/journey?limit=${TOUCHES_MAX}`),
  ]);
  return html`<div class="deal">
    ${head(detail)}
    <div class="figures" style="--count:4">${figures(detail)}</div>
    ${journeyChart(journey, method)}
    <div class="gap">${weightTable(detail, method)}</div>
    <div class="columns even gap">
      <div>${claims(detail, journey)}<section class="gap"><h2>Touches in order</h2><p class="subtitle">${journey.next_cursor ? `the first ${TOUCHES_MAX} of more; ` : ''}share of the deal under ${words(method)}; each opens its record; <a href=${`${path}/journey?format=csv&limit=10000`} download>all as CSV</a></p>${touchTable(journey, method)}</section></div>
      <div>${moneyTable(detail)}<div class="gap">${commissionTable(detail)}${toDo(detail)}</div></div>
    </div></div>`;
}

function toDo({ exceptions }: DealAnswer): Node | string {
  if (exceptions.length === 0) return '';
  const items = exceptions.map(
    ({ detail, next_action, amount: at_stake }) =>
      html`<li><span>${capitalised(detail)}. ${capitalised(next_action)}.</span><span>${at_stake ? amountWithCurrency(at_stake) : ''}</span></li>`,
  );
  return html`<section class="gap"><h2>What needs somebody</h2><ul class="sentences">${items}</ul></section>`;
}

function head({ deal }: DealAnswer): Node {
  const { time_zone } = release();
  const facts = [deal.account_name ?? deal.account_id, deal.kind, deal.product, deal.owner && `owner ${deal.owner}`];
  const dates = `created ${dayText(deal.created_at, time_zone)}, ${deal.state === 'open' ? 'open' : `${deal.state} ${dayText(deal.closed_at, time_zone)}`}`;
  return html`<p class="deal-head"><strong>${deal.name ?? deal.deal_id}</strong> ${[...facts, dates].filter(Boolean).join(' · ')} · <code>${deal.deal_id}</code></p>`;
}

function figures({ deal }: DealAnswer): Node[] {
  const winner = deal.sourcing_partner_name ?? deal.sourcing_partner_id;
  return [
    tile(
      'Amount',
      html.fragment`<small>${deal.currency}</small>${amount(deal.amount, deal.explain_id)}`,
      sentence(deal.state),
    ),
    tile(
      'Paid so far',
      html.fragment`<small>${deal.paid.currency}</small>${amount(deal.paid, deal.explain_id)}`,
      'net of tax and refunds',
    ),
    tile(
      'Sourced by',
      html`<span class="named">${winner ?? nothing}</span>`,
      deal.sourcing_rule ? `rule: ${words(deal.sourcing_rule)}` : 'no partner has evidence',
    ),
    tile(
      'Contested by',
      html`<span>${deal.conflict_count}</span>`,
      `${countText(deal.conflict_count, 'registration')} of others; ${countText(deal.influence_count, 'other partner')} influenced it`,
    ),
  ];
}

function tile(label: string, figure: Node, note: string): Node {
  return html`<div><h2>${label}</h2><span class="large">${figure}</span><p>${note}</p></div>`;
}

function claims({ conflicts }: DealAnswer, { sourcing }: JourneyAnswer): Node {
  const { time_zone } = release();
  const won = sourcing
    ? html`<li><span><span class="tag partner">won</span> ${sourcing.partner_name ?? sourcing.partner_id}: ${words(sourcing.rule)} <a href=${explainHref(sourcing.evidence_explain_id)}><code>${sourcing.evidence_id}</code></a></span><span>${dayText(sourcing.evidence_at, time_zone)}</span></li>`
    : html`<li><span>Nobody sourced this deal: no rule found evidence of a partner.</span></li>`;
  const lost = conflicts.map(
    ({ partner_name, partner_id, evidence_id, evidence_explain_id, reason }) =>
      html`<li><span><span class="tag">lost</span> <span class="lost">${partner_name ?? partner_id} <a href=${explainHref(evidence_explain_id)}><code>${evidence_id}</code></a></span></span><span>${lossText(reason)}</span></li>`,
  );
  return html`<section><h2>Who sourced it</h2><p class="subtitle">the winning evidence, and every claim that lost with its reason</p><ul class="sentences">${won}${lost}</ul></section>`;
}
