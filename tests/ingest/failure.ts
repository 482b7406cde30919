// The failure of a source that some work ends with.
import { expect } from 'vitest';
import { SourceError } from '../../core/errors.ts';

export async function failure(work: Promise<unknown>): Promise<SourceError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(SourceError);
  return error as SourceError;
}
