// Bulk API 2.0 query jobs: created, polled, and their result as CSV with a locator for the next part.

import type { FieldType } from './salesforce-fields.ts';
import type { ObjectName } from './salesforce-ids.ts';
import { SalesforceError } from './salesforce-query.ts';
import type { Soql, SoqlRecord } from './salesforce-soql.ts';
import type { Answer } from './server.ts';

type Job = {
  readonly id: string;
  readonly operation: string;
  readonly query: string;
  readonly object: string;
  readonly soql: Soql;
  readonly records: readonly SoqlRecord[];
  polls: number;
  readonly fails: boolean;
};

/** A job is done at this poll. */
const POLLS = 2;

export function createBulkJobs({
  run,
  part: largest,
  fields,
  fails,
}: {
  readonly run: (
    soql: string,
    withDeleted: boolean,
  ) => { readonly soql: Soql; readonly records: readonly SoqlRecord[] };
  /** Records of a part at most. */
  readonly part: number;
  readonly fields: (object: ObjectName) => Readonly<Record<string, FieldType>>;
  readonly fails: () => boolean;
}) {
  const jobs = new Map<string, Job>();

  const jobOf = (id: string): Job => {
    const job = jobs.get(id);
    if (!job) throw new SalesforceError('NOT_FOUND', 'The requested resource does not exist', 404);
    return job;
  };
  const shown = ({ id, operation, object, polls, records, fails }: Job) => ({
    id,
    operation,
    object,
    state: polls < POLLS ? 'InProgress' : fails ? 'Failed' : 'JobComplete',
    ...(fails && polls >= POLLS ? { errorMessage: 'InternalServerError' } : {}),
    apiVersion: 66,
    concurrencyMode: 'Parallel',
    contentType: 'CSV',
    lineEnding: 'LF',
    columnDelimiter: 'COMMA',
    numberRecordsProcessed: polls < POLLS ? 0 : records.length,
  });

  return {
    create(body: unknown): Answer {
      const { operation = '', query = '' } = body as { operation?: string; query?: string };
      if (operation !== 'query' && operation !== 'queryAll')
        throw new SalesforceError('INVALIDJOB', `Unsupported operation ${operation}`);
      const { soql, records } = run(query, operation === 'queryAll');
      const id = `750Sb${String(jobs.size + 1).padStart(10, '0')}AAA`;
      const job = { id, operation, query, object: soql.object, soql, records, polls: 0, fails: fails() };
      jobs.set(id, job);
      return { body: { ...shown(job), state: 'UploadComplete' } };
    },
    state(id: string): Answer {
      const job = jobOf(id);
      job.polls++;
      return { body: shown(job) };
    },
    results(id: string, query: URLSearchParams): Answer {
      const job = jobOf(id);
      if (job.polls < POLLS || job.fails) throw new SalesforceError('INVALIDJOBSTATE', 'The job is not complete', 400);
      const start = Number(query.get('locator') ?? 0);
      const size = Math.min(largest, Number(query.get('maxRecords') ?? largest));
      const part = job.records.slice(start, start + size);
      const end = start + part.length;
      return {
        headers: {
          'content-type': 'text/csv; charset=UTF-8',
          'sforce-locator': end < job.records.length ? String(end) : 'null',
          'sforce-numberofrecords': String(part.length),
        },
        body: csvOf(job.soql, part, fields(job.object as ObjectName)),
      };
    },
  };
}

/** As Bulk writes them: everything quoted, instants in UTC with Z, nothing for null. */
function csvOf(soql: Soql, records: readonly SoqlRecord[], types: Readonly<Record<string, FieldType>>): string {
  const cell = (record: SoqlRecord, name: string) => {
    const value = name.split('.').reduce<unknown>((at, part) => (at as SoqlRecord | null)?.[part], record) ?? '';
    const text = types[name] === 'datetime' ? String(value).replace(/\+0000$/, 'Z') : String(value);
    return quoted(text);
  };
  const lines = records.map((record) => soql.fields.map((name) => cell(record, name)).join(','));
  return `${[soql.fields.map(quoted).join(','), ...lines].join('\n')}\n`;
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', '""')}"`;
}
