// What all sandbox servers of vendors share: real HTTP on loopback, routes, a request log, a clock, and traps by name.
// What a vendor's objects look like, and traps that only one vendor has, are that vendor's file.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Traps that any vendor's server can set; a vendor adds its own names. */
export const commonTraps = [
  'rate_limited', // 429 with Retry-After
  'server_error', // 503
  'reset_mid_page', // the connection breaks in the middle of the body
  'html_with_200', // a page of a proxy or a maintenance page, status 200
  'expired_token', // 401 once
] as const;

export type SandboxRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** Named parts of the route: `/objects/:type` gives `type`. */
  readonly parameters: Readonly<Record<string, string>>;
  /** The body as JSON; an empty one is {}. */
  json(): unknown;
  /** The body as a form. */
  form(): URLSearchParams;
  /** The server's own address, for `next` links. */
  readonly baseUrl: string;
};

export type Answer = {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON; text and bytes as they are. */
  readonly body: unknown;
};

export type Route = {
  readonly method: string;
  /** `/crm/objects/:version/:type`; a part that starts with `:` holds anything but a slash. */
  readonly path: string;
  answer(request: SandboxRequest): Answer | Promise<Answer>;
};

export type LoggedRequest = {
  readonly at: number;
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly status: number;
  /** The trap that answered instead of the vendor. */
  readonly trap?: string;
};

/** What every vendor's server may be started with. */
export type CommonOptions = {
  readonly traps?: ReadonlySet<string>;
  /** Transient traps fire at every n-th request, each at another one; default 6, not less. A repeated request is answered. */
  readonly trapEvery?: number;
  /** Traps that halt a reader (html_with_200, expired_token) fire at this request, once; default 4. `rearm` sets them again. */
  readonly trapAt?: number;
  /** Seconds in Retry-After; default 1. */
  readonly retryAfter?: number;
  /** Epoch milliseconds; default is the machine's clock. */
  readonly now?: () => number;
  /** Default: a free one. */
  readonly port?: number;
};

type ServerOptions = CommonOptions & {
  readonly routes: readonly Route[];
  /** Runs before the routes (rights, limits, vendor's traps); an answer ends the request. */
  readonly before?: (request: SandboxRequest) => Answer | undefined;
  /** Headers of every answer, such as the rest of a rate limit. */
  readonly headers?: (request: SandboxRequest) => Readonly<Record<string, string>>;
  /** The vendor's body for an error of the plumbing: 401, 404, 429, 503. */
  readonly errorBody?: (status: number, message: string) => unknown;
};

export type SandboxServer = {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  requests(): readonly LoggedRequest[];
  clearRequests(): void;
  /** Sets the traps anew, as if none had fired. */
  rearm(traps?: ReadonlySet<string>): void;
  /** Whether a trap that fires once may fire now; asking for it uses it up. For vendors' own traps. */
  fireOnce(trap: string): boolean;
  has(trap: string): boolean;
  now(): number;
  close(): Promise<void>;
};

const HTML = '<!doctype html><html><head><title>Down for maintenance</title></head><body>Back soon.</body></html>';

/** Starts a server on the loopback interface. */
export async function startServer(options: ServerOptions): Promise<SandboxServer> {
  const now = options.now ?? Date.now;
  const routes = options.routes.map((route) => ({ ...route, pattern: patternOf(route.path) }));
  const log: LoggedRequest[] = [];
  const state = createTraps(options);
  const server = createServer((incoming, response) => {
    serve(incoming, response).catch((error: unknown) => {
      send(response, { status: 500, body: { message: String(error) } });
    });
  });
  let url = '';

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming, url);
    const trap = state.next(request);
    const answer = trap ? trapAnswer(trap, options) : undefined;
    const given = answer ?? (await vendorAnswer(request));
    const status = given.status ?? 200;
    log.push({
      at: now(),
      method: request.method,
      url: incoming.url ?? '/',
      status,
      ...(trap ? { trap } : {}),
    });
    const headers = { ...options.headers?.(request), ...given.headers };
    if (trap === 'reset_mid_page') cut(response, { ...given, headers });
    else send(response, { ...given, headers });
  }

  async function vendorAnswer(request: SandboxRequest): Promise<Answer> {
    const early = options.before?.(request);
    if (early) return early;
    for (const route of routes) {
      const match = route.method === request.method ? route.pattern.exec(request.path) : null;
      if (match) return route.answer({ ...request, parameters: decoded(match.groups ?? {}) });
    }
    return { status: 404, body: errorBody(options, 404, `no resource ${request.method} ${request.path}`) };
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests: () => log,
    clearRequests: () => {
      log.length = 0;
    },
    rearm: state.rearm,
    fireOnce: state.fireOnce,
    has: state.has,
    now,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function createTraps({ traps: first = new Set<string>(), trapEvery = 6, trapAt = 4 }: ServerOptions) {
  const transient = ['rate_limited', 'server_error', 'reset_mid_page'];
  const once = ['html_with_200', 'expired_token'];
  let traps = first;
  let count = 0;
  let fired = new Set<string>();
  let justRefused = '';
  return {
    has: (trap: string) => traps.has(trap),
    fireOnce(trap: string): boolean {
      if (!traps.has(trap) || fired.has(trap)) return false;
      fired.add(trap);
      return true;
    },
    rearm(next: ReadonlySet<string> = traps) {
      traps = next;
      count = 0;
      fired = new Set();
      justRefused = '';
    },
    next(request: SandboxRequest): string | undefined {
      count++;
      const identity = `${request.method} ${request.path}?${request.query} ${request.body}`;
      const isRepeated = identity === justRefused;
      justRefused = '';
      if (isRepeated) return undefined;
      const due =
        once.find((trap, index) => traps.has(trap) && !fired.has(trap) && count >= trapAt + index * 2) ??
        transient.find((trap, index) => traps.has(trap) && count % trapEvery === (index * 2 + 2) % trapEvery);
      if (due && once.includes(due)) fired.add(due);
      if (due) justRefused = identity;
      return due;
    },
  };
}

function trapAnswer(trap: string, options: ServerOptions): Answer | undefined {
  if (trap === 'html_with_200') return { headers: { 'content-type': 'text/html; charset=utf-8' }, body: HTML };
  if (trap === 'expired_token') return { status: 401, body: errorBody(options, 401, 'the token has expired') };
  if (trap === 'server_error') return { status: 503, body: errorBody(options, 503, 'the service is unavailable') };
  if (trap === 'rate_limited')
    return {
      status: 429,
      headers: { 'retry-after': String(options.retryAfter ?? 1) },
      body: errorBody(options, 429, 'the rate limit is reached'),
    };
  return undefined;
}

function errorBody(options: ServerOptions, status: number, message: string): unknown {
  return options.errorBody?.(status, message) ?? { message };
}

function bytesOf(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body ?? null));
}

function send(response: ServerResponse, { status = 200, headers, body }: Answer): void {
  const bytes = bytesOf(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.end(bytes);
}

/** Promises the whole body, sends half and breaks the connection. */
function cut(response: ServerResponse, { status = 200, headers, body }: Answer): void {
  const bytes = bytesOf(body);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes.length, ...headers });
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => response.destroy());
}

async function readRequest(incoming: IncomingMessage, baseUrl: string): Promise<SandboxRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString('utf8');
  const url = new URL(incoming.url ?? '/', baseUrl);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body,
    parameters: {},
    json: () => (body ? JSON.parse(body) : {}),
    form: () => new URLSearchParams(body),
    baseUrl,
  };
}

function patternOf(path: string): RegExp {
  const parts = path
    .split('/')
    .map((part) =>
      part.startsWith(':') ? `(?<${part.slice(1)}>[^/]+)` : part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    );
  return new RegExp(`^${parts.join('/')}/?$`);
}

function decoded(groups: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]));
}
