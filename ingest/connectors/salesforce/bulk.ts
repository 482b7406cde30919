// Bulk API 2.0: a query job, polled until it is done, its CSV turned into the JSON that the REST API would have given.
import { SourceError } from '../../../core/errors.ts';
import type { World } from '../../connector.ts';
import type { Connection } from './connection.ts';

/** A part's records as lines of JSON, and where the next part begins. */
export type BulkPart = { readonly lines: string; readonly locator: string | undefined };

const partRecords = 20_000;
const firstPoll_ms = 1_000;
const maxPoll_ms = 30_000;
const maxPolls = 500;

/** Starts a job over all records, deleted ones too; gives its id. */
export async function startJob(connection: Connection, query: string): Promise<string> {
  const answer = await connection.post('/jobs/query', { operation: 'queryAll', query });
  return answer.json<{ id: string }>().id;
}

/** Waits until a job is complete. False: Salesforce does not know it any more (results are kept for seven days). */
export async function awaitJob(connection: Connection, world: World, job: string, origin: string): Promise<boolean> {
  for (let poll = 0; poll < maxPolls; poll++) {
    const answer = await connection.get(`/jobs/query/${job}`, { accept: [404] });
    if (answer.status === 404) return false;
    const { state, errorMessage } = answer.json<{ state?: string; errorMessage?: string }>();
    if (state === 'JobComplete') return true;
    if (state === 'Failed' || state === 'Aborted')
      throw new SourceError(
        `${origin}: Salesforce's bulk job ended ${state}${errorMessage ? `: ${errorMessage}` : ''}`,
        {
          transient: true,
          hint: 'run again later; raise `bulk_above` of this source in sourced.yaml to read without bulk jobs',
        },
      );
    await world.sleep(Math.min(maxPoll_ms, firstPoll_ms * 2 ** poll));
  }
  throw new SourceError(`${origin}: Salesforce's bulk job does not end`, { transient: true, hint: 'run again later' });
}

/** One part of a job's result. `types` are the fields' types by name. */
export async function readPart(
  connection: Connection,
  {
    job,
    locator,
    object,
    types,
    version,
  }: { job: string; locator: string | undefined; object: string; types: ReadonlyMap<string, string>; version: string },
): Promise<BulkPart> {
  const answer = await connection.get(`/jobs/query/${job}/results`, {
    query: { maxRecords: partRecords, locator },
    headers: { accept: 'text/csv' },
  });
  const [header = [], ...rows] = csvRows(answer.text());
  const next = answer.headers['sforce-locator'];
  return {
    lines: rows.map((row) => JSON.stringify(recordOf({ header, row, object, types, version }))).join('\n'),
    locator: next && next !== 'null' ? next : undefined,
  };
}

/** The record as a query answers it: its type and address first, null for nothing, a parent as a record inside (whose address Bulk does not tell). */
function recordOf({
  header,
  row,
  object,
  types,
  version,
}: {
  header: readonly string[];
  row: readonly string[];
  object: string;
  types: ReadonlyMap<string, string>;
  version: string;
}): Record<string, unknown> {
  const id = row[header.indexOf('Id')];
  const record: Record<string, unknown> = {
    attributes: { type: object, url: `/services/data/v${version}/sobjects/${object}/${id}` },
  };
  for (const [index, name] of header.entries()) {
    const [parent = '', child] = name.split('.');
    const text = row[index] ?? '';
    if (!child) record[parent] = cellValue(text, types.get(name));
    else if (text !== '') record[parent] = { ...(record[parent] as object | undefined), [child]: text };
    else record[parent] ??= null;
  }
  return record;
}

const numbers = new Set(['double', 'currency', 'int', 'percent']);

/** A number that JavaScript would write otherwise keeps its digits as text. */
function cellValue(text: string, type: string | undefined): string | number | boolean | null {
  if (text === '') return null;
  if (type === 'boolean') return text === 'true';
  if (numbers.has(type ?? '')) return String(Number(text)) === text ? Number(text) : text;
  return type === 'datetime' ? text.replace(/Z$/, '+0000') : text;
}

/** Rows of a CSV text (RFC 4180). */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let place = 0;
  while (place < text.length) {
    let cell = '';
    if (text[place] === '"') {
      let end = text.indexOf('"', place + 1);
      while (text[end + 1] === '"') end = text.indexOf('"', end + 2);
      cell = text.slice(place + 1, end).replaceAll('""', '"');
      place = end + 1;
    } else {
      let end = place;
      while (end < text.length && text[end] !== ',' && text[end] !== '\n' && text[end] !== '\r') end++;
      cell = text.slice(place, end);
      place = end;
    }
    row.push(cell);
    if (text[place] === ',') {
      place++;
      if (place === text.length) row.push('');
      continue;
    }
    rows.push(row);
    row = [];
    if (text[place] === '\r') place++;
    place++;
  }
  return rows;
}
