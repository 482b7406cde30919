// Asks the API in this process, over one release that need not be current: what `publish` writes into pages, what `explain` prints.
import type { FastifyInstance } from 'fastify';
import type { Role } from '../api/access.ts';
import type { AppOptions } from '../api/app.ts';
import type { KeyStore, Principal } from '../api/auth.ts';
import type { DecisionBook } from '../core/decision.ts';
import { BusyError, type ErrorCode, errorCodes, exitStatus, SourcedError } from '../core/errors.ts';

/** The API is loaded when it is asked: that takes as long as all else of a command's start. */
async function openApp(options: AppOptions): Promise<FastifyInstance> {
  const { buildApp } = await import('../api/app.ts');
  return buildApp(options);
}

/** Nobody signs in to an app that only answers inside this process. */
const noKeys: KeyStore = { find: () => undefined, active: () => undefined };

export type Asker = {
  /** The body of a GET as this role. Throws SourcedError `not_found` for 404, Error for any other answer than 200. */
  readonly ask: (role: Role, path: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** One app per role, opened when first asked. */
export function askRelease(releaseDirectory: string): Asker {
  const apps = new Map<Role, Promise<FastifyInstance>>();
  const appOf = (role: Role) =>
    apps.getOrInsertComputed(role, () => {
      const principal = { key_id: 'in-process', person: 'publish', role, partner_id: null };
      return openApp({ releaseDirectory, keys: noKeys, principal });
    });
  return {
    async ask(role, path) {
      const app = await appOf(role);
      const { statusCode, body } = await app.inject({
        method: 'GET',
        url: path,
        headers: { accept: 'application/json' },
      });
      if (statusCode === 404) throw new SourcedError('not_found', exitStatus.usage, detailOf(body));
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${body.slice(0, 500)}`);
      return body;
    },
    async close() {
      for (const app of apps.values()) await (await app).close();
    },
  };
}

/** Questions and decisions of one person, over the current release and the books. */
export type Desk = {
  readonly get: (path: string) => Promise<string>;
  /** Throws SourcedError where the API refuses, with what it says; BusyError where the books are being written. */
  readonly post: (path: string, body: object, idempotency_key: string) => Promise<string>;
  readonly close: () => Promise<void>;
};

/** A desk over the current release, which is to be there, for one person. To be closed. */
export async function openDesk(
  releasesDirectory: string,
  decisions: DecisionBook,
  principal: Principal,
): Promise<Desk> {
  const app = await openApp({ releasesDirectory, keys: noKeys, decisions, principal });
  const answer = async (path: string, { statusCode, body }: { statusCode: number; body: string }): Promise<string> => {
    if (statusCode === 200) return body;
    throw refusal(statusCode, body) ?? new Error(`${path} answered ${statusCode}: ${body.slice(0, 500)}`);
  };
  return {
    get: async (path) => answer(path, await app.inject({ method: 'GET', url: path })),
    post: async (path, payload, key) =>
      answer(path, await app.inject({ method: 'POST', url: path, payload, headers: { 'idempotency-key': key } })),
    close: () => app.close(),
  };
}

/** What the API refused, as the command line says it: the sentence, then what to do. */
function refusal(status: number, body: string): SourcedError | undefined {
  if (status >= 500 && status !== 503) return undefined;
  const { code } = JSON.parse(body) as { code: string };
  const [message = '', ...rest] = detailOf(body).split('; ');
  const hint = rest.join('; ').replace(/\.$/, '') || undefined;
  if (code === 'busy') return new BusyError(message, hint);
  const known = code in errorCodes ? (code as ErrorCode) : 'usage';
  return new SourcedError(known, exitStatus.usage, message.replace(/\.$/, ''), hint);
}

function detailOf(body: string): string {
  const problem = JSON.parse(body) as { detail?: string; title?: string };
  return problem.detail ?? problem.title ?? 'not found';
}
