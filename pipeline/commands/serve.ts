// `sourced serve`: API and site over the current release; a new release is served without a restart.
import type { Command } from 'commander';
import type { KeyStore } from '../../api/auth.ts';
import { type Server, serve } from '../../api/server.ts';
import { UsageError } from '../../core/errors.ts';
import { type Books, openBooks } from '../books.ts';
import { currentRelease } from '../release.ts';
import type { Workspace } from '../workspace.ts';
import { openContext } from './context.ts';

export type ListenOptions = { readonly port: number; readonly host: string };

export function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve API and site over the current release')
    .option('--port <number>', 'port to listen on', '4000')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .action(async (options: { port: string; host: string }, command: Command) => {
      const { workspace } = openContext(command);
      if (!currentRelease(workspace))
        throw new UsageError(
          'there is no release yet',
          `make one: npx --no sourced run --workspace ${workspace.directory}`,
        );
      const server = await listen(workspace, { port: portOf(options.port), host: options.host });
      process.stdout.write(`Serving ${server.address} (API reference: ${server.address}/docs). Stop with Ctrl-C.\n`);
      await untilStopped(server);
    });
}

/** Starts the server. Throws UsageError where the port is taken. */
export async function listen(workspace: Workspace, { port, host }: ListenOptions): Promise<Server> {
  const books = openBooks(workspace.books);
  try {
    const server = await serve({ releasesDirectory: workspace.releases, keys: keyStoreOf(books), port, host });
    return {
      address: server.address,
      close: async () => {
        await server.close();
        books.close();
      },
    };
  } catch (error) {
    books.close();
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new UsageError(`port ${port} is in use`, `choose another: --port ${port + 1}`);
    throw error;
  }
}

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
