// Record ids as a CRM with numeric ids has them: D-1001 is 1001 wherever a row names a deal. Order within a kind is kept.
import { type StreamName, streams } from '../../core/streams.ts';
import type { Company, CompanyRow } from './company.ts';

/** What a CRM holds, and so names by numbers of its own. */
const crmStreams: readonly StreamName[] = [
  'accounts',
  'contacts',
  'deals',
  'leads',
  'deal_registrations',
  'touchpoints',
];

/** `D-1001` as `1001`; an id that does not end in digits alone (`D-X2`) gets a number above all others. */
export function numericId(id: string): string {
  const [, letters = '', digits = ''] = /^[A-Z]+-([A-Z]*)(\d+)$/.exec(id) ?? [];
  if (!digits) return id;
  return letters ? `99${letters.charCodeAt(0)}${digits}` : digits;
}

/** The same company with numeric ids of accounts, contacts, deals, leads, registrations and touches, wherever they are named. */
export function numericCrmIds(company: Company): Company {
  return withCrmIds(company, (_, id) => numericId(id));
}

/** The same company with other ids of what the CRM holds, wherever they are named. `idOf` gets the stream that an id is of. */
export function withCrmIds(company: Company, idOf: (stream: StreamName, id: string) => string): Company {
  const cache = new Map<StreamName, readonly CompanyRow[]>();
  return {
    asOf: company.asOf,
    rows(stream) {
      const known = cache.get(stream);
      if (known) return known;
      const named = streams[stream].columns.flatMap(({ name, references }) => {
        const of = references ?? (isOwnKey(stream, name) ? stream : undefined);
        return of && crmStreams.includes(of) ? [{ name, of }] : [];
      });
      const rows = company.rows(stream).map((row) => {
        const changed = named.filter(({ name }) => row[name]).map(({ name, of }) => [name, idOf(of, row[name]!)]);
        return changed.length ? { ...row, ...Object.fromEntries(changed) } : row;
      });
      cache.set(stream, rows);
      return rows;
    },
  };
}

function isOwnKey(stream: StreamName, name: string): boolean {
  return streams[stream].key.length === 1 && streams[stream].key[0] === name;
}
