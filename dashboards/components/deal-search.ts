// Finds a deal by a part of its name, its account's name or its id; without one, the largest are listed.
import { html } from 'htl';
import type { DealRow, List } from './answers.js';
import { ask } from './api.js';
import { dealTable } from './deal-list.js';

const LIMIT = 25;

export function dealSearch(search = ''): HTMLElement {
  return html`<form class="ask-id" role="search"><label for="search">Find a deal</label>
    <span><input id="search" type="search" name="search" value=${search} autocomplete="off" spellcheck="false" aria-describedby="search-help"><button type="submit">Find</button></span>
    <p id="search-help">Part of the deal’s name, its account’s name or its id.</p></form>`;
}

/** The deals that match, largest paid revenue first. */
export async function foundDeals(search = ''): Promise<Node> {
  const wanted = search.trim();
  const parameters = new URLSearchParams({ limit: String(LIMIT), ...(wanted ? { search: wanted } : {}) });
  const { items, next_cursor } = await ask<List<DealRow>>(`/v1/deals?${parameters}`);
  const caption = wanted ? `Deals that match “${wanted}”` : 'Deals with the most paid revenue';
  const more = next_cursor
    ? html`<p class="proof">The ${LIMIT} with the most paid revenue. Search for any other.</p>`
    : '';
  const empty = `No deal, account or id contains “${wanted}”. Try a shorter part of the name.`;
  return html`<section><h2>${caption}</h2>${dealTable(items, caption, { empty })}${more}</section>`;
}
