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

/** The error of objects of a source, in words that name both; `lost` is what is missing until it is mended. */
export function failureOf(
  source: string,
  objects: readonly Failed[],
  { message, hint, transient }: SourceError,
  lost: readonly string[] = lostWith(source, objects),
): SourceError {
  const names = objects.map(({ object }) => object.replaceAll('_', ' ')).join(', ');
  const named = message.startsWith(`${source}: `) ? message : [source, names, message].filter(Boolean).join(': ');
  return new SourceError(named, { transient, hint: hint && `${hint}\n${untilThen(lost)}` });
}

function lostWith(source: string, objects: readonly Failed[]): string[] {
  if (!objects.length) return [`nothing of ${source} is read`];
  return [...new Set(objects.map(({ records }) => losses[records[0]!.stream]))];
}

export function untilThen(lost: readonly string[]): string {
  return `until then ${lost.join('; ')}`;
}
