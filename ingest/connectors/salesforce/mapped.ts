// One object of Salesforce as records of one stream: the fields to ask for, and the SQL that makes columns of them.
import { literal } from '../../../core/sql.ts';
import type { RecordMapping } from '../../api.ts';
import { type Delivered, ownColumns } from './options.ts';

/** One object of Salesforce and the stream that it becomes. */
export type Mapped = {
  readonly object: string;
  readonly stream: Delivered;
  /** API names of all fields to ask for; a dotted one is a parent's. */
  readonly fields: readonly string[];
  /** Those that sourced.yaml names, with the key that does. */
  readonly configured: Readonly<Record<string, string>>;
  /** Fields without which the object cannot be read. */
  readonly required: readonly string[];
  readonly mapping: RecordMapping;
};

type Columns = Readonly<Record<string, string>>;

const always = ['Id', 'IsDeleted', 'SystemModstamp'] as const;

/** Salesforce's instants have an offset without a colon. */
export const instant = (value: string) => `regexp_replace(${value}, '\\+0000$', 'Z')`;

type Description = {
  readonly object: string;
  readonly stream: Delivered;
  /** Name in the SQL of `columns` → API name of the field. */
  readonly standard: Columns;
  /** The same from sourced.yaml; takes precedence. */
  readonly own: Readonly<Record<string, string | undefined>>;
  readonly key?: string;
  readonly required: readonly string[];
  readonly columns: Columns;
  readonly relation?: string;
  readonly is_deleted?: string;
  readonly skip?: string;
  readonly refusal?: string;
};

/** What no field fills; a path that finds nothing. */
const nothing = '"-"';

/** What to ask Salesforce for, and what becomes of it. */
export function object({ object, stream, standard, own, key, required, columns, ...rest }: Description): Mapped {
  const named = Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const asked: Columns = { ...standard, ...Object.fromEntries(named) };
  const names = [...ownColumns[stream], ...Object.keys(standard)];
  return {
    object,
    stream,
    fields: [...new Set([...always, ...Object.values(asked)])],
    configured: Object.fromEntries(named.map(([column, field]) => [field, `${key ?? `fields.${stream}`}.${column}`])),
    required: [...always, ...required],
    mapping: {
      stream,
      relation: `(SELECT * FROM fetched WHERE kind = ${literal(object)})`,
      ...rest,
      fields: {
        id: '$.Id',
        is_deleted: '$.IsDeleted',
        stamp: '$.SystemModstamp',
        ...Object.fromEntries(names.map((name) => [name, `$.${asked[name] ?? nothing}`])),
      },
      columns,
      source_time: instant('stamp'),
      is_deleted: rest.is_deleted ?? 'is_deleted',
    },
  };
}
