// Options that hold a credential: marked in the schema, so that their values can be kept out of every message.
import { z } from 'zod';
import { SourceError } from '../core/errors.ts';

/** An option that holds a credential. `where` says where a person finds it. */
export function secret(where: string): z.ZodString {
  return z.string().min(1).refine(isWhole, notWhole).meta({ description: where, secret: true });
}

/** A credential of any shape, such as a file of several lines. */
export function secretText(where: string): z.ZodString {
  return z.string().min(1).meta({ description: where, secret: true });
}

const notWhole = 'begins or ends with a blank or a line break; copy the value anew';

/** A line break at the end of a copied key is no part of it, and no header takes it. */
function isWhole(value: string): boolean {
  return value === value.trim();
}

/** The values of all options that `secret` made, wherever the schema has them. */
export function secretsOf(schema: z.ZodType, value: unknown): string[] {
  const inner = unwrapped(schema);
  if (typeof value === 'string') return value && inner.meta()?.secret ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const memberSchema = memberSchemas(inner);
  return Object.entries(value).flatMap(([name, member]) => {
    const schemaOfMember = memberSchema(name);
    return schemaOfMember ? secretsOf(schemaOfMember, member) : [];
  });
}

/** The text without the secrets; a secret that came in another spelling (URL or base64) goes too. */
export function redacted(text: string, secrets: readonly string[]): string {
  const base64 = (value: string) => Buffer.from(value).toString('base64').replace(/=+$/, '');
  return secrets
    .flatMap((value) => [value, encodeURIComponent(value), base64(value), base64(`${value}:`)])
    .filter((spelling) => spelling.length >= 4)
    .sort((left, right) => right.length - left.length)
    .reduce((rest, spelling) => rest.replaceAll(spelling, '‹secret›'), text);
}

/** The error without the secrets, its stack included. */
export function cleaned<Failure>(failure: Failure, secrets: readonly string[]): Failure {
  if (!(failure instanceof Error) || !secrets.length) return failure;
  const clean = (text: string | undefined) => (text === undefined ? undefined : redacted(text, secrets));
  if (failure instanceof SourceError) {
    const { transient } = failure;
    return new SourceError(clean(failure.message)!, { transient, hint: clean(failure.hint)! }) as Failure & SourceError;
  }
  failure.message = clean(failure.message)!;
  const stack = clean(failure.stack);
  if (stack) failure.stack = stack;
  return failure;
}

function memberSchemas(schema: z.ZodType): (name: string) => z.ZodType | undefined {
  if (schema instanceof z.ZodObject) return (name) => schema.shape[name] as z.ZodType | undefined;
  if (schema instanceof z.ZodRecord) return () => schema.valueType as z.ZodType;
  if (schema instanceof z.ZodArray) return () => schema.element as z.ZodType;
  return () => undefined;
}

/** The schema without what makes it optional. */
export function unwrapped(schema: z.ZodType): z.ZodType {
  const wraps =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault;
  return wraps ? unwrapped(schema.unwrap() as z.ZodType) : schema;
}
