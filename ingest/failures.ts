// What is told of a source that could not be read: each cause once, with the objects that it keeps from being read, the line
// that mends it, and what is missing until then.
import { SourceError } from '../core/errors.ts';
import type { VendorObject } from './api.ts';
import { losses } from './losses.ts';
import { RequestError } from './request-error.ts';

type Failed = Pick<VendorObject, 'object' | 'records'>;

/** What failed; without an object it is the source as a whole. */
export type Failure = { readonly object?: Failed; readonly error: SourceError };

/** One error for each cause. Refused requests that the same line mends have one cause; other errors stand for themselves. */
export function failuresByCause(source: string, failures: readonly Failure[]): SourceError[] {
  const causeOf = ({ error }: Failure) =>
    error instanceof RequestError ? `${error.status} ${error.hint}` : `${error.message} ${error.hint}`;
  return [...Map.groupBy(failures, causeOf).values()].map((alike) =>
    failureOf(
      source,
      alike.flatMap(({ object }) => object ?? []),
      alike[0]!.error,
    ),
  );
}

/** The error of objects of a source, in words that name both. */
export function failureOf(source: string, objects: readonly Failed[], error: SourceError): SourceError {
  const { message, hint, transient } = error;
  const names = objects.map(({ object }) => object.replaceAll('_', ' ')).join(', ');
  const named = message.startsWith(`${source}: `) ? message : [source, names, message].filter(Boolean).join(': ');
  const lost = objects.length
    ? objects.map(({ records }) => losses[records[0]!.stream])
    : [`nothing of ${source} is read`];
  return new SourceError(named, { transient, hint: hint && `${hint}\n${untilThen([...new Set(lost)])}` });
}

export function untilThen(lost: readonly string[]): string {
  return `until then ${lost.join('; ')}`;
}
