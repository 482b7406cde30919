// What a page shows where an answer did not come: what happened and what to do, in place of the figures.
import { html } from 'htl';
import { ApiProblem } from './api.js';

/** The content, or in its place what went wrong. Bugs of ours still reach the console. */
export async function orProblem(content: () => Promise<Node>): Promise<Node> {
  try {
    return await content();
  } catch (error) {
    if (!(error instanceof ApiProblem)) throw error;
    return html`<p class="empty refused" role="alert">${error.message} <code>${error.code}</code></p>`;
  }
}

/** Asks for an id where the page was opened without one. */
export function askForId(label: string, help: string, value = ''): HTMLElement {
  const form = html`<form class="ask-id"><label for="asked-id">${label}</label>
    <span><input id="asked-id" name="id" required value=${value} autocomplete="off" spellcheck="false" aria-describedby="asked-help"><button type="submit">Show</button></span>
    <p id="asked-help">${help}</p></form>`;
  return form;
}
