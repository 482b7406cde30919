// How `check` asks a system for one thing after another.
import { SourceError } from '../core/errors.ts';
import type { CheckLine } from './connector.ts';
import { untilThen } from './failures.ts';
import { isOfConnection } from './request-error.ts';

/** Something that a source is read for, and what is missing without it: `refunds do not lower what is paid`. */
export type Need = { readonly subject: string; readonly without: string };

/**
 * A line for each need. A missing permission is the need's own; what else fails before anything could be read is the connection,
 * of which nothing more is asked. `ask` gives what to say of a need that is met, and throws SourceError for one that is not.
 */
export async function checkEach<Asked extends Need>(
  needs: readonly Asked[],
  ask: (need: Asked) => Promise<string>,
): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const need of needs) {
    try {
      lines.push({ subject: need.subject, ok: true, detail: await ask(need) });
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      const isOfAll = isOfConnection(error, { has_read: lines.some(({ ok }) => ok) });
      lines.push(failedLine(isOfAll ? 'connection' : need.subject, error, isOfAll ? undefined : need.without));
      if (isOfAll || error.transient) break;
    }
  }
  return lines;
}

/** What `ask` says of a subject, or why it fails. */
export async function checkOne(subject: string, ask: () => string | Promise<string>): Promise<CheckLine> {
  try {
    return { subject, ok: true, detail: await ask() };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    return failedLine(subject, error);
  }
}

/** What is said of a list that can be read. An empty one is worth a word: it may be the wrong account. */
export function readable(found: readonly unknown[]): string {
  return found.length ? 'can be read' : 'can be read, but is empty';
}

/** What failed, how to mend it, and what is missing until then. */
export function failedLine(subject: string, { message, hint }: SourceError, without?: string): CheckLine {
  return {
    subject,
    ok: false,
    detail: [message.replace(/\.$/, ''), hint, without && untilThen([without])].filter(Boolean).join('; '),
  };
}
