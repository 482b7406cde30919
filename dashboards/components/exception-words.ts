// What every list of exceptions says alike: how old one is, since when, and where its record is followed.
import { html } from 'htl';
import type { ExceptionRow } from './answers.js';
import { explainHref } from './figure.js';
import { dayText, integerText, nothing } from './format.js';
import { release } from './release.js';

/** Days at the business clock, with the day since when it is so where there is room. */
export function ageOf(age_days: number | null, since_at: string | null): Node {
  if (age_days === null) return html`<span class="nothing" title="its records have no date">${nothing}</span>`;
  return html`<span class="nowrap" data-days=${age_days}>${integerText(age_days)} d</span><span class="aside wide">since ${dayText(since_at, release().time_zone)}</span>`;
}

/** Streams whose records stand behind no figure: a release does not hold them. */
const withoutRecord = ['contacts', 'account_overlaps'];

/** Where a record is followed. The key of a payment names its invoice too; one that is not applied has none. */
export function recordHref({ kind, stream, record_id }: ExceptionRow): string {
  if (withoutRecord.includes(stream)) return '/trust/';
  if (stream === 'payments') return kind === 'unapplied_payment' ? explainHref(`payments/${record_id}|`) : '/trust/';
  return explainHref(stream === 'deals' || stream === 'invoices' ? record_id : `${stream}/${record_id}`);
}
