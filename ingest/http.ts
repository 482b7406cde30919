// One client per system with its limits, retries and way of signing in; exchange.ts talks to the network.
// Only failures that may pass are tried again; every message is free of secrets and says what to do.
import { SourceError } from '../core/errors.ts';
import type { World } from './connector.ts';
import { exchange, type Headers, type Received } from './exchange.ts';
import { createLimiter, type Limit } from './rate-limit.ts';
import { RequestError, wordsOf } from './request-error.ts';
import { redacted } from './secret.ts';

export type Refusal = {
  readonly status: number;
  readonly path: string;
  /** The answer as it came. */
  readonly text: string;
};

export type HttpOptions = {
  /** What people call it: `HubSpot`. */
  readonly system: string;
  readonly base_url: string;
  /** Headers of every request. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Values that no message may hold. A function, where they change. */
  readonly secrets: readonly string[] | (() => readonly string[]);
  /** Headers that sign a request; asked for before each one. */
  readonly authorise?: () => Promise<Readonly<Record<string, string>>>;
  /** Signs in anew after a 401, once per request. */
  readonly refresh?: () => Promise<void>;
  /** No more than these many requests in these many milliseconds. */
  readonly limits?: readonly Limit[];
  /** Milliseconds to wait before the next request, as the answer's headers ask for. */
  readonly pause_ms?: (headers: Headers) => number | undefined;
  /** The line that mends a refusal: which key, which scope. */
  readonly explain?: (refusal: Refusal) => string | undefined;
  /** For headers and body of one attempt. */
  readonly timeout_ms?: number;
  /** Attempts in all, the first one included. */
  readonly attempts?: number;
};

export type RequestOptions = {
  readonly query?: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  /** Refusals (4xx) that the caller handles itself. */
  readonly accept?: readonly number[];
};

export type Answer = Received & {
  text(): string;
  /** Throws SourceError for a body that is no JSON. */
  json<Body>(): Body;
};

export type HttpClient = {
  get(path: string, options?: RequestOptions): Promise<Answer>;
  post(path: string, options?: RequestOptions): Promise<Answer>;
  request(method: string, path: string, options?: RequestOptions): Promise<Answer>;
};

/** Nobody answers at this address at all: a mistake in it more often than a passing fault, so that a person is told soon. */
const nobody = new Set(['ECONNREFUSED', 'ENOTFOUND']);
const nobodyAttempts = 3;

/** Every 5xx may pass too: gateways before a system have numbers of their own (520 to 530). */
const retriedStatuses = new Set([408, 425, 429]);
const mayPass = (status: number) => status >= 500 || retriedStatuses.has(status);
const baseDelay_ms = 500;
const maxDelay_ms = 60_000;
/** So much is repeated of what a system says. */
const longestWords = 300;
/** A server that asks for a longer wait than this is not waited for. */
const maxRetryAfter_ms = 15 * 60_000;

/** A client of one system. All its requests share the limits; its calls throw SourceError alone. */
export function httpClient(world: World, options: HttpOptions): HttpClient {
  const limiter = createLimiter(world, options.limits ?? []);
  const request: HttpClient['request'] = async (method, path, more = {}) =>
    attempts({ world, options, limiter }, { method, url: urlOf(options, path, more.query), more });
  return {
    request,
    get: (path, more) => request('GET', path, more),
    post: (path, more) => request('POST', path, more),
  };
}

type Client = {
  readonly world: World;
  readonly options: HttpOptions;
  readonly limiter: ReturnType<typeof createLimiter>;
};
type Wanted = { readonly method: string; readonly url: URL; readonly more: RequestOptions };

async function attempts(client: Client, wanted: Wanted): Promise<Answer> {
  const { world, options, limiter } = client;
  const limit = options.attempts ?? world.attempts ?? 6;
  let refreshed = false;
  for (let attempt = 1; ; attempt++) {
    await limiter.wait();
    const outcome = await oneAttempt(client, wanted);
    if (outcome.kind === 'answer') {
      limiter.pause(options.pause_ms?.(outcome.answer.headers));
      const { status } = outcome.answer;
      if (status === 401 && options.refresh && !refreshed) {
        refreshed = true;
        attempt--;
        await options.refresh();
        continue;
      }
      if (status < 300 || wanted.more.accept?.includes(status)) return wholeAnswer(client, wanted, outcome.answer);
    }
    const failure = failureOf(client, wanted, outcome, attempt);
    if (!failure.transient || attempt >= (isNobody(outcome) ? Math.min(limit, nobodyAttempts) : limit)) throw failure;
    await world.sleep(delay_ms(world, outcome, attempt));
  }
}

type Outcome =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'broken'; readonly why: string; readonly is_nobody: boolean };

/** One exchange, body included: a body that breaks off is a broken exchange, never a short answer. */
async function oneAttempt({ options }: Client, { method, url, more }: Wanted): Promise<Outcome> {
  const { headers, body } = bodyOf(more);
  const authorised = await options.authorise?.();
  const timeout_ms = options.timeout_ms ?? 60_000;
  try {
    const sent = { accept: 'application/json', ...options.headers, ...headers, ...authorised, ...more.headers };
    const received = await exchange(url, { method, headers: sent, body, timeout_ms });
    return { kind: 'answer', answer: answerOf(options.system, url, received) };
  } catch (error) {
    return { kind: 'broken', why: brokenBecause(error, timeout_ms), is_nobody: nobody.has(codeOf(error) ?? '') };
  }
}

function answerOf(system: string, url: URL, received: Received): Answer {
  const { buffer, byteOffset, byteLength } = received.bytes;
  const text = () => Buffer.from(buffer, byteOffset, byteLength).toString('utf8');
  return {
    ...received,
    text,
    json<Body>() {
      try {
        return JSON.parse(text()) as Body;
      } catch {
        throw new RequestError(`${system}: the answer to ${url.pathname} is not JSON`, {
          status: received.status,
          hint: 'run again; if it stays, check `base_url` of this source in sourced.yaml',
        });
      }
    },
  };
}

/** A web page with status 200 is a proxy, a login or a maintenance page: it must never pass for an empty result. */
function wholeAnswer({ options }: Client, { url }: Wanted, answer: Answer): Answer {
  const type = answer.headers['content-type'] ?? '';
  const start = Buffer.from(answer.bytes.subarray(0, 64)).toString('latin1').trimStart().toLowerCase();
  if (type.includes('text/html') || start.startsWith('<!doctype') || start.startsWith('<html'))
    throw new RequestError(
      clean(options, `${options.system}: ${url.pathname} gave a web page instead of data (status ${answer.status})`),
      {
        status: answer.status,
        hint: 'a proxy, a login or a maintenance page answered; check `base_url` of this source in sourced.yaml, or run again later',
      },
    );
  return answer;
}

function failureOf(client: Client, wanted: Wanted, outcome: Outcome, attempt: number): SourceError {
  const { options } = client;
  const where = `${options.system}: ${wanted.method} ${wanted.url.pathname}`;
  const tried = attempt > 1 ? ` (${attempt} attempts)` : '';
  if (outcome.kind === 'broken')
    return new RequestError(clean(options, `${where}: ${outcome.why}${tried}`), {
      status: undefined,
      transient: true,
      hint: `is ${wanted.url.origin} reachable from this machine? check \`base_url\` and the network, then run again`,
    });
  const { status } = outcome.answer;
  const text = outcome.answer.text();
  const said = clean(options, wordsOf(text)).slice(0, longestWords);
  const wait_ms = retryAfter_ms(client.world, outcome.answer.headers) ?? 0;
  const transient = mayPass(status) && wait_ms <= maxRetryAfter_ms;
  const explained = options.explain?.({ status, path: wanted.url.pathname, text });
  return new RequestError(clean(options, `${where} was refused with ${status}${tried}${said ? `: ${said}` : ''}`), {
    status,
    transient,
    hint: clean(options, explained ?? hintOf(options.system, status, wait_ms)),
  });
}

function hintOf(system: string, status: number, wait_ms: number): string {
  if (status === 401)
    return `${system} does not accept the credentials of this source in sourced.yaml; make a new key and set it`;
  if (status === 403)
    return `the key is known to ${system} but may not read this; give it the right (scope) that the message names`;
  if (status === 404 || status < 400) return 'check `base_url` of this source in sourced.yaml';
  if (wait_ms > maxRetryAfter_ms)
    return `${system} asks to wait ${Math.ceil(wait_ms / 60_000)} minutes; run again then`;
  if (mayPass(status)) return 'run again later; what was complete is kept';
  return `${system} does not take this request; check the options of this source in sourced.yaml`;
}

function clean({ secrets }: HttpOptions, text: string): string {
  return redacted(text, typeof secrets === 'function' ? secrets() : secrets);
}

/** What the server asks for first; else full jitter under a doubling cap. */
function delay_ms(world: World, outcome: Outcome, attempt: number): number {
  const asked = outcome.kind === 'answer' ? retryAfter_ms(world, outcome.answer.headers) : undefined;
  return asked ?? Math.round(world.random() * Math.min(maxDelay_ms, baseDelay_ms * 2 ** attempt));
}

/** Retry-After as seconds or as a date (RFC 9110); a past date is no wait. */
function retryAfter_ms(world: World, headers: Headers): number | undefined {
  const value = headers['retry-after']?.trim();
  if (!value) return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - world.now());
}

function isNobody(outcome: Outcome): boolean {
  return outcome.kind === 'broken' && outcome.is_nobody;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string }).code;
}

function brokenBecause(error: unknown, timeout_ms: number): string {
  const { name, message } = error as Error;
  if (name === 'AbortError') return `no answer within ${timeout_ms / 1000} s`;
  const words: Readonly<Record<string, string>> = {
    ECONNREFUSED: 'the connection is refused',
    ENOTFOUND: 'the host is not known',
    EAI_AGAIN: 'the host name cannot be looked up',
    ECONNRESET: 'the connection broke off',
    CERT_HAS_EXPIRED: 'the certificate has expired',
  };
  return words[codeOf(error) ?? ''] ?? message;
}

/** Only addresses of the system itself: a `next` link to another host would carry the key there. */
function urlOf(options: HttpOptions, path: string, query: RequestOptions['query'] = {}): URL {
  const base = new URL(options.base_url);
  const url = /^https?:\/\//i.test(path)
    ? new URL(path)
    : new URL(`${base.href.replace(/\/$/, '')}/${path.replace(/^\//, '')}`);
  if (url.origin !== base.origin)
    throw new SourceError(`${options.system}: a link leads to another host, ${url.origin}`, {
      hint: 'check `base_url` of this source in sourced.yaml',
    });
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined) continue;
    for (const entry of Array.isArray(value) ? value : [value]) url.searchParams.append(name, String(entry));
  }
  return url;
}

function bodyOf({ json, form }: RequestOptions): { headers: Record<string, string>; body?: string } {
  if (json !== undefined) return { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) };
  if (form)
    return {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(form).toString(),
    };
  return { headers: {} };
}
