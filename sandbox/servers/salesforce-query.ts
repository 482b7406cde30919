// Queries over the company's Salesforce records: fields that exist, a frozen result, page after page.
import type { Store, StoredRecord } from './company.ts';
import { type FieldType, parents } from './salesforce-fields.ts';
import type { ObjectName } from './salesforce-ids.ts';
import { recordsOf } from './salesforce-objects.ts';
import { compare, fieldValue, parseSoql, type Soql, SoqlError, type SoqlRecord } from './salesforce-soql.ts';
import type { Answer } from './server.ts';

export class SalesforceError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

type Fields = Readonly<Record<string, FieldType>>;
type Result = { readonly soql: Soql; readonly records: readonly SoqlRecord[] };

export type QueryOptions = {
  readonly store: Store;
  readonly batchSize: number;
  readonly stamp: (record: StoredRecord) => number;
  readonly hasPartners: boolean;
  readonly objects: () => readonly ObjectName[];
  readonly fields: (object: ObjectName) => Fields;
  readonly isGone: () => boolean;
  readonly repeats: () => boolean;
  readonly now: () => number;
};

/** Deleted records are gone for good after this. */
const purge_ms = 15 * 86_400_000;

export function createQueries({
  store,
  batchSize,
  stamp,
  hasPartners,
  objects,
  fields,
  isGone,
  repeats,
  now,
}: QueryOptions) {
  const results = new Map<string, Result>();
  const cache = new Map<ObjectName, { version: number; records: ReadonlyMap<string, SoqlRecord> }>();

  const records = (object: ObjectName): ReadonlyMap<string, SoqlRecord> => {
    const known = cache.get(object);
    if (known?.version === store.version()) return known.records;
    const made = recordsOf(object, store, { stamp, hasPartners });
    cache.set(object, { version: store.version(), records: made });
    return made;
  };

  /** A record with the parents that dotted fields name. */
  const withParents = (record: SoqlRecord, names: readonly string[]): SoqlRecord => {
    const wanted = new Set(names.filter((name) => name.includes('.')).map((name) => name.split('.')[0]!));
    const found = [...wanted].map((name) => {
      const parent = parents[name]!;
      return [name, records(parent.object).get(String(record[parent.field])) ?? null] as const;
    });
    return found.length ? { ...record, ...Object.fromEntries(found) } : record;
  };

  const checkFields = (soql: Soql, object: ObjectName) => {
    for (const name of [...soql.fields, ...soql.named]) {
      const [first = '', second] = name.split('.');
      const parent = parents[first];
      const isKnown = second ? parent && second in fields(parent.object) : first in fields(object);
      if (!isKnown)
        throw new SalesforceError(
          'INVALID_FIELD',
          `No such column '${name}' on entity '${object}'. Please check the name.`,
        );
    }
  };

  /** All records that a query finds, in its order; throws SalesforceError for what Salesforce refuses. */
  function all(text: string, withDeleted: boolean): Result {
    const soql = parsed(text);
    const object = objects().find((name) => name === soql.object);
    if (!object) throw new SalesforceError('INVALID_TYPE', `sObject type '${soql.object}' is not supported.`);
    checkFields(soql, object);
    const names = [...soql.fields, ...soql.named];
    const found = [...records(object).values()]
      .filter(
        (record) => !record.IsDeleted || (withDeleted && now() - Date.parse(String(record.SystemModstamp)) < purge_ms),
      )
      .map((record) => withParents(record, names))
      .filter(soql.matches);
    for (const { field, descending } of [...soql.order].reverse())
      found.sort((left, right) => compare(fieldValue(left, field), fieldValue(right, field)) * (descending ? -1 : 1));
    return { soql, records: found.slice(0, soql.limit) };
  }

  /** One page of a result; `next` is where the one after it begins. */
  function page(locator: string, { soql, records }: Result, start: number, version: string): Answer {
    const end = start + batchSize;
    const done = end >= records.length;
    const next = start > 0 && !done && repeats() ? start : end;
    return {
      body: {
        totalSize: records.length,
        done,
        ...(done ? {} : { nextRecordsUrl: `/services/data/${version}/query/${locator}-${next}` }),
        records: records.slice(start, end).map((record) => sent(record, soql, version)),
      },
    };
  }

  return {
    objects,
    all,
    first(text: string, withDeleted: boolean, version: string): Answer {
      const result = all(text, withDeleted);
      if (result.soql.fields.length === 0)
        return { body: { totalSize: result.records.length, done: true, records: [] } };
      const locator = `01gSb${String(results.size + 1).padStart(10, '0')}AAA`;
      results.set(locator, result);
      return page(locator, result, 0, version);
    },
    next(text: string, version: string): Answer {
      const [locator = '', start = ''] = text.split('-');
      const result = results.get(locator);
      if (!result || isGone()) throw new SalesforceError('INVALID_QUERY_LOCATOR', 'invalid query locator');
      return page(locator, result, Number(start), version);
    },
  };
}

function parsed(text: string): Soql {
  try {
    return parseSoql(text);
  } catch (error) {
    if (!(error instanceof SoqlError)) throw error;
    throw new SalesforceError('MALFORMED_QUERY', error.message);
  }
}

/** A record as it is answered: what was asked for, with its type and address; a parent is a record inside. */
function sent(record: SoqlRecord, { fields, object }: Soql, version: string): Record<string, unknown> {
  const attributes = (type: string, id: unknown) => ({ type, url: `/services/data/${version}/sobjects/${type}/${id}` });
  const answer: Record<string, unknown> = { attributes: attributes(object, record.Id) };
  for (const name of fields) {
    const [first = '', second] = name.split('.');
    if (!second) answer[first] = record[first] ?? null;
    else {
      const parent = record[first] as SoqlRecord | null;
      const known = answer[first] as Record<string, unknown> | undefined;
      answer[first] = parent
        ? {
            ...(known ?? { attributes: attributes(parents[first]!.object, parent.Id) }),
            [second]: parent[second] ?? null,
          }
        : null;
    }
  }
  return answer;
}
