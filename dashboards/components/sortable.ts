// A table whose order its readers choose by the heads of its columns: drawn anew in its place, from what is there or asked again.
import { html } from 'htl';
import { orProblem } from './problem.js';

export interface Order<By extends string = string> {
  readonly by: By;
  sort(by: By): void;
}

/** Draws by the `first` order; the head that was pressed keeps the focus. */
export async function sortable<By extends string>(
  first: By,
  draw: (order: Order<By>) => Node | Promise<Node>,
): Promise<HTMLElement> {
  const place = html`<div></div>`;
  const show = async (by: By) => place.replaceChildren(await orProblem(async () => draw({ by, sort })));
  const sort = async (by: By) => {
    await show(by);
    place.querySelector<HTMLElement>(`[data-sort="${by}"]`)?.focus();
  };
  await show(first);
  return place;
}
