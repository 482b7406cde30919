// The one place where an error becomes words and an exit status (contract §3).
import { exitStatus, SourcedError } from '../core/errors.ts';

/** Prints what went wrong and ends the process. A stack trace is shown only for a bug of ours. */
export function exitWith(error: unknown): never {
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(error instanceof SourcedError ? error.exit_status : exitStatus.bug);
}

export function describeError(error: unknown): string {
  if (error instanceof SourcedError) {
    const hint = error.hint ? `\n  → ${error.hint}` : '';
    return `sourced: ${error.message}${hint}`;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `sourced: this is a bug of ours, please report it\n${detail}`;
}
