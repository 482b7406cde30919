// A request that brought nothing to read, and what a system said about it in words.
import { SourceError } from '../core/errors.ts';

/** `status` tells why without the system's words; undefined where nobody answered. A wrong answer has its own status, 200. */
export class RequestError extends SourceError {
  readonly status: number | undefined;

  constructor(message: string, { status, ...rest }: { status: number | undefined; hint: string; transient?: boolean }) {
    super(message, rest);
    this.status = status;
  }
}

/** Who asks was let in, and what was asked for is refused: a permission that is missing, a request that the system does not take. */
const ownStatuses: ReadonlySet<number | undefined> = new Set([400, 403, 409, 410, 422]);

/** Whether everything else that is asked of the system would fail alike: its address, its answers, the credentials. */
export function isOfConnection(error: SourceError, { has_read }: { has_read: boolean }): boolean {
  return error instanceof RequestError && !has_read && !ownStatuses.has(error.status);
}

/** Where systems put their words: HubSpot, Chargebee and PartnerStack, Stripe, OAuth, problem details (RFC 9457). */
const places = ['message', 'error_description', 'detail', 'error', 'title', 'errors'];

/** The words of a refusal; '' where its body has none. Markup and JSON are never repeated. */
export function wordsOf(body: string): string {
  const text = body.trim();
  const said = /^[[{"]/.test(text) ? wordsIn(parsed(text)) : /^</.test(text) ? '' : text;
  return said.replaceAll(/\s+/g, ' ');
}

function wordsIn(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return wordsIn(value[0]);
  if (typeof value !== 'object' || value === null) return '';
  const found = places.map((name) => wordsIn((value as Record<string, unknown>)[name]));
  return found.find(Boolean) ?? '';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
