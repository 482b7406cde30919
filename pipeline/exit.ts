// The one place where an error becomes words and an exit status (contract §3).
import { exitStatus, SourcedError, SourceErrors } from '../core/errors.ts';
import { fileRefusal, overflowRefusal } from './refusals.ts';

/** Prints what went wrong and ends the process. A stack trace is shown only for a bug of ours. */
export function exitWith(error: unknown): never {
  const known = knownError(error);
  process.stderr.write(`${describeError(error)}\n`);
  process.exit(known ? known.exit_status : exitStatus.bug);
}

/** The error in words, with what to do; a bug of ours with its stack. */
export function describeError(error: unknown): string {
  const known = knownError(error);
  if (known instanceof SourceErrors) return known.failures.map(inWords).join('\n');
  if (known) return inWords(known);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `sourced: this is a bug of ours, please report it\n${detail}`;
}

function inWords({ message, hint }: SourcedError): string {
  return `sourced: ${message}${hint ? `\n  → ${hint.replaceAll('\n', '\n  → ')}` : ''}`;
}

/** The error as one that a user can meet: ours, a refusal of the file system, or numbers that are too large. Undefined for a bug. */
export function knownError(error: unknown): SourcedError | undefined {
  if (error instanceof SourcedError) return error;
  return fileRefusal(error) ?? overflowRefusal(error);
}
