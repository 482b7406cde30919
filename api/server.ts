// Listens: the app of app.ts on a port, until it is told to stop.
import { type AppOptions, buildApp } from './app.ts';

export interface ServerOptions extends Omit<AppOptions, 'principal' | 'releaseDirectory'> {
  readonly releasesDirectory: string;
  readonly host?: string;
  readonly port?: number;
}

export interface Server {
  /** Such as http://127.0.0.1:4000 */
  readonly address: string;
  /** Answers what is under way, then ends. */
  close(): Promise<void>;
}

/** Listens and gives the address. Throws what Node throws where the port or the host cannot be had (`EADDRINUSE`, …). */
export async function serve({ host = '127.0.0.1', port = 4000, ...options }: ServerOptions): Promise<Server> {
  const app = await buildApp({ logger: true, ...options });
  const address = await app.listen({ host, port });
  return { address, close: () => app.close() };
}
