// What the page knows of its release: embedded in the HTML when the site was built, read once.

export interface ReleaseContext {
  readonly release_id: string;
  readonly company: string;
  readonly as_of: string;
  readonly reporting_currency: string;
  readonly time_zone: string;
  readonly months: readonly string[];
  readonly bases: readonly string[];
  readonly methods: readonly string[];
  readonly motions: readonly string[];
  readonly currencies: readonly string[];
}

export interface PageContext {
  readonly audience: string;
  readonly release: ReleaseContext;
  /** The filters' values when the URL names none. */
  readonly defaults: Readonly<Record<string, string>>;
  /** API paths of the page's answers, with `{filter}` in them. */
  readonly answers: Readonly<Record<string, string>>;
}

let known: PageContext | undefined;

/** The page's context; throws on a page that was built without one. */
export function context(): PageContext {
  const text = document.getElementById('context')?.textContent;
  if (!known && !text) throw new Error('This page was built without its release');
  known ??= JSON.parse(text as string) as PageContext;
  return known;
}

export const release = (): ReleaseContext => context().release;

/** Names the tab after what the page shows, where that is more than the page's own title. */
export function titleTab(subject: string): void {
  document.title = `${subject} | ${release().company}`;
}
