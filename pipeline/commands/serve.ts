// `sourced serve`: API and site over the current release; a new release is served without a restart.
import { createServer } from 'node:net';
import type { Command } from 'commander';
import type { KeyStore } from '../../api/auth.ts';
import type { Server } from '../../api/server.ts';
import { UsageError } from '../../core/errors.ts';
import { type Books, openBooks } from '../books.ts';
import type { Workspace } from '../workspace.ts';
import { openContext, requireRelease } from './context.ts';

type ListenOptions = { readonly port: number; readonly host: string };

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve API and site over the current release')
    .option('--port <number>', 'port to listen on', '4000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .action(async (options: { port: string; host: string }, command: Command) => {
      const port = portOf(options.port);
      const { workspace, json } = openContext(command);
      requireRelease(workspace);
      const server = await listen(workspace, { port, host: options.host });
      const { address } = server;
      process.stdout.write(
        json
          ? `${JSON.stringify({ step: 'serve', status: 'serving', address })}\n`
          : `Serving ${address} (API reference: ${address}/docs). Stop with Ctrl-C.\n`,
      );
      await untilStopped(server);
    });
}

/** A decision that meets a posting is told to come again: the server never waits long with everybody's answers. */
const DECISION_WAIT_MS = 250;

/** Starts the server. Throws UsageError where the port is taken. */
export async function listen(workspace: Workspace, { port, host }: ListenOptions): Promise<Server> {
  const books = openBooks(workspace.books, { busy_timeout_ms: DECISION_WAIT_MS });
  try {
    const { serve } = await import('../../api/server.ts');
    const server = await serve({
      releasesDirectory: workspace.releases,
      keys: keyStoreOf(books),
      decisions: books.decisions,
      port,
      host,
    });
    return {
      address: server.address,
      close: async () => {
        await server.close();
        books.close();
      },
    };
  } catch (error) {
    books.close();
    throw refusedPort(error as NodeJS.ErrnoException, port);
  }
}

/** Throws UsageError where the port is taken: better before a long run than after it. */
export async function assertPortFree({ port, host }: ListenOptions): Promise<void> {
  const probe = createServer();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(port, host, () => probe.close(() => resolve()));
  }).catch((error: NodeJS.ErrnoException) => {
    throw refusedPort(error, port);
  });
}

/** Why no server can listen there, for a person; an error that is not about the port as it is. */
function refusedPort(error: NodeJS.ErrnoException, port: number): Error {
  if (error.code === 'EADDRINUSE')
    return new UsageError(`port ${port} is in use`, `choose another: --port ${port < 65_535 ? port + 1 : 0}`);
  if (error.code === 'EACCES') return new UsageError(`port ${port} is reserved`, 'choose one above 1023: --port 4000');
  if (error.code === 'EADDRNOTAVAIL' || error.code === 'ENOTFOUND')
    return new UsageError(
      '--host is no address of this machine',
      'this machine only: 127.0.0.1; every network: 0.0.0.0',
    );
  return error;
}

/** Parses `--port`; 0 is any free port. Throws UsageError. */
export function portOf(text: string): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new UsageError(`--port ${text} is not a port`, 'give a number from 0 (any free port) to 65535');
  return port;
}

/** Keeps serving until the process is told to stop, then answers what is under way. */
export async function untilStopped(server: Server): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
  await server.close();
}

function keyStoreOf(books: Books): KeyStore {
  return {
    find: (secret) => books.keys.find(secret),
    active: (key_id) => books.keys.list().find((key) => key.key_id === key_id && key.revoked_at === null),
  };
}
