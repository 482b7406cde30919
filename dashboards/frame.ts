// The frame around every page, drawn when the site of a release is built: navigation by audience, title, filters, release stamp.
import { dayText, instantText, integerText, monthText, motionText, sentence } from './components/format.ts';
import type { ReleaseContext } from './components/release.ts';
import { audienceLabels, type FilterName, type Page, pages } from './pages.ts';

/** What the frame knows: the release of this build, the filters' defaults and which roles see which audience. */
export interface Site {
  readonly release: ReleaseContext & {
    readonly audits: {
      readonly total: number;
      readonly passed: number;
      readonly warned: number;
      readonly failed: number;
    };
    readonly oldest_load_at: string | null;
  };
  readonly last_complete_month: string;
  readonly defaults: Readonly<Record<FilterName, string>>;
  readonly audienceRoles: Readonly<Record<string, readonly string[]>>;
}

const filterLabels: Readonly<Record<FilterName, string>> = {
  month: 'Month',
  basis: 'Basis',
  method: 'Method',
  motion: 'Motion',
  currency: 'Currency',
};

/** The header of a page. */
export function header(page: Page, site: Site): string {
  return [
    '<a class="skip" href="#observablehq-main">Skip to content</a>',
    navigation(page, site),
    `<div class="page-head"><h1>${escaped(page.title)}</h1>${filters(page, site)}${stamp(page, site)}</div>`,
    contextScript(page, site),
  ].join('\n');
}

function navigation(current: Page, site: Site): string {
  const shown = Object.entries(audienceLabels).filter(([audience]) => belongsTogether(audience, current.audience));
  const sections = shown.map(([audience, label]) => {
    const links = pages
      .filter((page) => page.audience === audience && page.label)
      .map((page) => navigationLink(page, current));
    const seenBy = (site.audienceRoles[audience] ?? []).join(' ');
    return `<div class="audience" data-roles="${seenBy}"><h2>${label}</h2><ul>${links.join('')}</ul></div>`;
  });
  const leave = '<button type="button" class="leave" data-leave>Sign out</button>';
  return `<nav aria-label="Main"><b>${escaped(site.release.company)}</b>${sections.join('')}${leave}</nav>`;
}

/** A partner's navigation names nothing of the company's own, and the reverse. */
function belongsTogether(audience: string, current: string): boolean {
  return (audience === 'partner') === (current === 'partner');
}

function navigationLink({ path, label, filters: kept = [] }: Page, current: Page): string {
  const href = linkTo(path);
  const mark = path === current.path ? ' aria-current="page"' : path === current.within ? ' aria-current="true"' : '';
  return `<li><a href="${href}" data-filters="${kept.join(' ')}"${mark}>${escaped(label ?? '')}</a></li>`;
}

/** Pages lie one folder below the site, which may be served from any address. */
function linkTo(path: string): string {
  return `../${path.replace(/index$/, '')}`;
}

function filters({ filters: names = [] }: Page, site: Site): string {
  const selects = names.map((name) => {
    const options = filterOptions(name, site).map(([value, text]) => {
      const selected = value === site.defaults[name] ? ' selected' : '';
      return `<option value="${escaped(value)}"${selected}>${escaped(text)}</option>`;
    });
    return `<label><span class="only-read">${filterLabels[name]}</span><select name="${name}">${options.join('')}</select></label>`;
  });
  return `<form class="filters" data-filters-form aria-label="Filters">${selects.join('')}</form>`;
}

function filterOptions(
  name: FilterName,
  { release, last_complete_month, defaults }: Site,
): [value: string, text: string][] {
  switch (name) {
    case 'month':
      return (release.months.length ? release.months : [defaults.month])
        .toReversed()
        .map((month) => [month, monthText(month) + (month > last_complete_month ? ', so far' : '')]);
    case 'basis':
      return release.bases.map((basis) => [basis, sentence(basis)]);
    case 'method':
      return release.methods.map((method) => [method, sentence(method)]);
    case 'motion':
      return [
        ['', 'All motions'],
        ...release.motions.map((motion): [string, string] => [motion, sentence(motionText(motion))]),
      ];
    case 'currency':
      return [
        ['', `In ${release.reporting_currency}, converted`],
        ['native', 'Each in its own'],
        ...release.currencies.map((currency): [string, string] => [currency, `Only ${currency}`]),
      ];
  }
}

function stamp({ audience }: Page, { release }: Site): string {
  const { audits, oldest_load_at, as_of, time_zone, release_id } = release;
  const at = `<span>as of <time datetime="${as_of}">${instantText(as_of, time_zone)}</time></span>`;
  const id = `<span>release <code>${release_id.slice(0, 7)}</code></span>`;
  const newer = '<button type="button" class="newer" data-newer hidden>A newer release is out: reload</button>';
  if (audience === 'partner') return `<p class="stamp">${at}${id}${newer}</p>`;
  const state = audits.failed > 0 ? 'fails' : audits.warned > 0 ? 'warns' : 'holds';
  const rest = audits.failed > 0 ? `${audits.failed} fail` : audits.warned > 0 ? `${audits.warned} warn` : '';
  const held = `${integerText(audits.passed)} of ${integerText(audits.total)} audits hold${rest ? `, ${rest}` : ''}`;
  const load = oldest_load_at ? `<span>oldest load ${dayText(oldest_load_at, time_zone)}</span>` : '';
  return `<p class="stamp"><a href="${linkTo('trust/index')}"><span class="${state}">${held}</span>${at}${load}${id}</a>${newer}</p>`;
}

/** What the page's code needs, as JSON in the page. A partner's page says nothing that is not the partner's to know. */
function contextScript(page: Page, { release, defaults }: Site): string {
  const { release_id, company, as_of, reporting_currency, time_zone, months, bases, methods, motions, currencies } =
    release;
  const common = { release_id, company, as_of, reporting_currency, time_zone, months, bases, methods };
  const inner =
    page.audience === 'partner' ? { ...common, motions: [], currencies: [] } : { ...common, motions, currencies };
  const context = { audience: page.audience, release: inner, defaults, answers: page.answers ?? {} };
  return `<script type="application/json" id="context">${JSON.stringify(context).replaceAll('<', '\\u003c')}</script>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
