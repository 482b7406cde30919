// The kinds of column an answer has. One declaration gives the JSON schema, the SQL that reads it, the CSV header and the
// Arrow type, so that the three faces of an answer cannot drift apart. Encoding rows is left to faces.ts.
import { z } from 'zod';

export type ColumnKind = 'text' | 'integer' | 'number' | 'boolean' | 'month' | 'date' | 'instant' | 'minor' | 'money';

export interface Column<Schema extends z.ZodType = z.ZodType> {
  readonly kind: ColumnKind;
  readonly schema: Schema;
  /** Of a money column: the column that holds its currency, or `reporting` for the currency of the release. */
  readonly currency?: string;
}

export type Columns = Readonly<Record<string, Column>>;

/** A kind of row: its columns in order, and the JSON schema that they make. */
export interface Row<Shape extends Columns = Columns> {
  readonly id: string;
  readonly columns: Shape;
  readonly schema: z.ZodObject<{ [Name in keyof Shape]: Shape[Name]['schema'] }, z.core.$strict>;
}

export const Money = z
  .strictObject({
    amount_minor: z
      .string()
      .regex(/^-?\d+$/)
      .describe('Integer of minor units, as text so that no parser rounds it'),
    amount: z
      .string()
      .regex(/^-?\d+(\.\d+)?$/)
      .describe('The same in major units, with all decimals of the currency'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .describe('ISO 4217'),
  })
  .meta({ id: 'Money', description: 'An exact amount; a CSV or Arrow column `x_minor` holds the same integer' });

export type MoneyAnswer = z.infer<typeof Money>;

export const Month = z
  .string()
  .regex(/^\d{4}-(0[1-9]|1[0-2])$/, 'a month is written YYYY-MM')
  .describe('A calendar month in the time zone of the report');
export const CalendarDate = z.iso.date('a date is written YYYY-MM-DD');
export const Instant = z.iso.datetime().describe('UTC, to the microsecond');

export const text = (description: string) => column('text', z.string(), description);
export const integer = (description: string) => column('integer', z.int(), description);
/** A ratio, an age or a duration; never money. */
export const number = (description: string) => column('number', z.number(), description);
export const boolean = (description: string) => column('boolean', z.boolean(), description);
export const month = (description: string) => column('month', Month, description);
export const date = (description: string) => column('date', CalendarDate, description);
export const instant = (description: string) => column('instant', Instant, description);
export const choice = <const Values extends readonly [string, ...string[]]>(values: Values, description: string) =>
  column('text', z.enum(values), description);

/** Minor units of what may be money or a count: SQL column `<name>_minor`, in JSON an integer as text. */
export const minorUnits = (description: string) =>
  column(
    'minor',
    z.string().regex(/^-?\d+$/),
    `${description}, in minor units of the currency, or a count without one`,
  );

/** Money in the row's own currency: SQL column `<name>_minor`, its currency in `currency` unless another column is named. */
export const money = (description: string, currency = 'currency') => ({
  ...column('money', Money, description),
  currency,
});

/** Money in the reporting currency of the release: SQL column `<name>_minor`. */
export const reportingMoney = (description: string) => ({
  ...column('money', Money, `${description}, in the reporting currency`),
  currency: 'reporting',
});

/** The same column, where a value may be missing. */
export function optional<Schema extends z.ZodType>(given: Column<Schema>): Column<z.ZodNullable<Schema>> {
  const { description } = given.schema;
  const schema = given.schema.nullable();
  return { ...given, schema: description === undefined ? schema : schema.describe(description) };
}

/** A kind of row; `id` is its name in the OpenAPI document. */
export function defineRow<const Shape extends Columns>(id: string, description: string, columns: Shape): Row<Shape> {
  const shape = Object.fromEntries(Object.entries(columns).map(([name, given]) => [name, given.schema]));
  const schema = z.strictObject(shape).meta({ id, description });
  return { id, columns, schema: schema as unknown as Row<Shape>['schema'] };
}

function column<Schema extends z.ZodType>(kind: ColumnKind, schema: Schema, description: string): Column<Schema> {
  return { kind, schema: schema.describe(description) };
}

/** A copy of an object without some of its fields. */
export function without<Given extends object, Name extends keyof Given>(
  given: Given,
  ...names: Name[]
): Omit<Given, Name> {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name as Name))) as Omit<
    Given,
    Name
  >;
}
