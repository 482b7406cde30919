// The filters live in the URL: read them, change them, hear of changes. The selects in the header are drawn by the frame.
import { clearNotice, notice } from './notice.js';
import { context } from './release.js';

export type Query = Readonly<Record<string, string>>;

const listeners = new Set<(query: Query) => void>();

/** The URL's values over the defaults; a filter that names what this release does not have is its default. */
export function readQuery(): Query {
  const given = Object.entries(Object.fromEntries(new URLSearchParams(location.search)));
  return { ...context().defaults, ...Object.fromEntries(given.filter(([name, value]) => isOffered(name, value))) };
}

function isOffered(name: string, value: string): boolean {
  const select = selectOf(name);
  return !select || [...select.options].some((option) => option.value === value);
}

function selectOf(name: string): HTMLSelectElement | null {
  return document.querySelector(`[data-filters-form] select[name="${CSS.escape(name)}"]`);
}

/** Says which filters of the URL were not followed, and takes them out of it. */
function refuseUnknown(): void {
  const unknown = [...new URLSearchParams(location.search)].filter(([name, value]) => !isOffered(name, value));
  if (unknown.length === 0) return;
  history.replaceState(null, '', hrefWith(Object.fromEntries(unknown.map(([name]) => [name, undefined]))));
  const said = unknown.map(([name, value]) => {
    const select = selectOf(name);
    const shown = [...(select?.options ?? [])].find((option) => option.value === context().defaults[name])?.text;
    return `This release has no ${name} “${value}”${shown ? `: ${shown} is shown` : ''}.`;
  });
  notice(said.join(' '));
}

/** Changes some values, keeps the others, and adds one step to the browser's history. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  history.pushState(null, '', hrefWith(changes));
  announce();
}

/** The present page with some values changed. A value that is the default leaves the URL. */
export function hrefWith(changes: Readonly<Record<string, string | undefined>>): string {
  const search = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === context().defaults[name]) search.delete(name);
    else search.set(name, value);
  }
  const text = search.toString();
  return text ? `?${text}` : location.pathname;
}

/** For `Generators.observe`: the query now and after each change. */
export function observeQuery(notify: (query: Query) => void): () => void {
  listeners.add(notify);
  notify(readQuery());
  return () => listeners.delete(notify);
}

/** Makes the header's selects follow the URL and the URL follow them. */
export function bindFilters(form: HTMLFormElement): void {
  const show = () => {
    const query = readQuery();
    for (const select of form.querySelectorAll('select')) select.value = query[select.name] ?? '';
    carryFilters();
  };
  form.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLSelectElement) setQuery({ [target.name]: target.value });
  });
  form.addEventListener('submit', (event) => event.preventDefault());
  addEventListener('popstate', announce);
  listeners.add(show);
  refuseUnknown();
  show();
}

/** Navigation keeps the month and the basis that the reader chose. */
function carryFilters(): void {
  const chosen = new URLSearchParams(location.search);
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a[data-filters]')) {
    const kept = new URLSearchParams();
    for (const name of link.dataset.filters?.split(' ') ?? []) {
      const value = chosen.get(name);
      if (value) kept.set(name, value);
    }
    link.search = kept.toString();
  }
}

function announce(): void {
  clearNotice();
  const query = readQuery();
  for (const listener of listeners) listener(query);
}
