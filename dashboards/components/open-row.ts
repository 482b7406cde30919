// A row that opens to more rows below it, fetched when it is opened.
import { html } from 'htl';
import { orProblem } from './problem.js';

/** A button for the first cell of a row. */
export function openRow(label: Node | string, content: () => Promise<Node>): HTMLElement {
  const button = html`<button type="button" class="open-row" aria-expanded="false">${label}</button>`;
  button.addEventListener('click', () => toggle(button, content));
  return button;
}

async function toggle(button: HTMLElement, content: () => Promise<Node>): Promise<void> {
  const row = button.closest('tr') as HTMLTableRowElement;
  const isOpen = button.getAttribute('aria-expanded') === 'true';
  button.setAttribute('aria-expanded', String(!isOpen));
  if (isOpen) return row.nextElementSibling?.remove();
  const cell = html`<td colspan=${row.cells.length}><p class="empty">Loading</p></td>`;
  row.after(html`<tr class="opened">${cell}</tr>`);
  cell.replaceChildren(await orProblem(content));
}
