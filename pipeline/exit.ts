// The one place where an error becomes words and an exit status (contract §3).
import { exitStatus, SourcedError } from '../core/errors.ts';
import { fileRefusal } from './refusals.ts';

/** Prints what went wrong and ends the process. A stack trace is shown only for a bug of ours. */
export function exitWith(error: unknown): never {
  const known = knownError(error);
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(known ? known.exit_status : exitStatus.bug);
}

export function describeError(error: unknown): string {
  const known = knownError(error);
  if (known) {
    const hint = known.hint ? `\n  → ${known.hint.replaceAll('\n', '\n  → ')}` : '';
    return `sourced: ${known.message}${hint}`;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `sourced: this is a bug of ours, please report it\n${detail}`;
}

/** The error as one that a user can meet: ours, or a refusal of the file system. Undefined for a bug. */
export function knownError(error: unknown): SourcedError | undefined {
  if (error instanceof SourcedError) return error;
  return fileRefusal(error);
}
