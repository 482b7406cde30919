// HubSpot's search as it behaves: filters, sorts, 200 a page, nothing beyond the 10,000th result, never an archived record.
import type { HubspotObject } from './hubspot-objects.ts';

type Filter = { propertyName: string; operator: string; value?: string; values?: string[]; highValue?: string };
export type SearchBody = {
  filterGroups?: { filters: Filter[] }[];
  sorts?: ({ propertyName: string; direction?: string } | string)[];
  properties?: string[];
  limit?: number;
  after?: string | number;
};
export type SearchResult = { total: number; page: HubspotObject[]; after?: string } | { problem: string };

const SEARCH_LIMIT = 200;
const SEARCH_CAP = 10_000;

export function search(objects: readonly HubspotObject[], body: SearchBody, pageLimit: number): SearchResult {
  const limit = body.limit ?? 10;
  const offset = Number(body.after ?? 0);
  if (limit > SEARCH_LIMIT) return { problem: `Invalid limit: ${limit}; must be at most ${SEARCH_LIMIT}` };
  if (!Number.isInteger(offset)) return { problem: `Invalid after: ${body.after}` };
  if (offset + limit > SEARCH_CAP) return { problem: `Paging past ${SEARCH_CAP} results is not supported` };
  const groups = body.filterGroups ?? [];
  const found = objects.filter(
    (object) => groups.length === 0 || groups.some(({ filters }) => filters.every((filter) => holds(object, filter))),
  );
  const [sort] = body.sorts ?? [];
  const name = typeof sort === 'string' ? sort : sort?.propertyName;
  const sign = typeof sort === 'object' && sort.direction === 'DESCENDING' ? -1 : 1;
  if (name) found.sort((left, right) => sign * compared(left.properties[name], right.properties[name]));
  const page = found.slice(offset, offset + Math.min(limit, pageLimit));
  const end = offset + page.length;
  return { total: found.length, page, ...(end < found.length ? { after: String(end) } : {}) };
}

function holds({ properties }: HubspotObject, { propertyName, operator, value, values, highValue }: Filter): boolean {
  const own = properties[propertyName] ?? null;
  switch (operator) {
    case 'EQ':
      return own !== null && compared(own, value) === 0;
    case 'NEQ':
      return own === null || compared(own, value) !== 0;
    case 'GT':
      return own !== null && compared(own, value) > 0;
    case 'GTE':
      return own !== null && compared(own, value) >= 0;
    case 'LT':
      return own !== null && compared(own, value) < 0;
    case 'LTE':
      return own !== null && compared(own, value) <= 0;
    case 'BETWEEN':
      return own !== null && compared(own, value) >= 0 && compared(own, highValue) <= 0;
    case 'IN':
      return own !== null && (values ?? []).includes(own);
    case 'HAS_PROPERTY':
      return own !== null;
    case 'NOT_HAS_PROPERTY':
      return own === null;
    default:
      return false;
  }
}

/** Numbers as numbers, times (epoch milliseconds or ISO text) as times, else text. */
function compared(left: string | null | undefined, right: string | null | undefined): number {
  const [one, two] = [measure(left), measure(right)];
  if (Number.isFinite(one) && Number.isFinite(two)) return one - two;
  return (left ?? '') < (right ?? '') ? -1 : (left ?? '') > (right ?? '') ? 1 : 0;
}

function measure(text: string | null | undefined): number {
  if (!text) return Number.NaN;
  const number = Number(text);
  return Number.isFinite(number) ? number : Date.parse(text);
}
