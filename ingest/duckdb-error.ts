// What DuckDB refused, by kind. Its API gives an error no code, but every message begins with its kind: `Invalid Input Error: …`.

type Kind = 'Invalid Input' | 'IO' | 'Out of Memory' | 'Serialization' | 'INTERNAL';

export function isDuckdbError(error: unknown, ...kinds: readonly Kind[]): error is Error {
  return error instanceof Error && kinds.some((kind) => error.message.startsWith(`${kind} Error: `));
}

/** Whether another process has the file open: a kind of its own to us, to DuckDB an IO Error like others. */
export function isLocked(error: unknown): boolean {
  return isDuckdbError(error, 'IO') && error.message.includes('Could not set lock on file');
}

/** What it said, without the statement that it repeats below. */
export function firstLine(error: unknown): string {
  return String((error as Error).message).split('\n')[0]!;
}
