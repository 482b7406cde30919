// What concerns the whole page, said below its title: a filter that names nothing here, or figures that did not come.
import { html } from 'htl';

/** A sentence to read beside the figures. */
export function notice(text: string): void {
  place(html`<p class="notice" role="status">${text}</p>`);
}

/** Stands in place of the figures: the style hides the page while it is there. */
export function problemNotice(text: string, code: string): void {
  place(html`<p class="notice refused" role="alert">${text} <code>${code}</code></p>`);
}

export function clearNotice(): void {
  document.querySelector('.notice')?.remove();
}

function place(said: Node): void {
  clearNotice();
  document.querySelector('.page-head')?.append(said);
}
