// Holds requests back so that a system's limits are never met: sliding windows, and pauses that the system asks for.
import type { World } from './connector.ts';

/** At most `requests` within any `per_ms` milliseconds. */
export type Limit = { readonly requests: number; readonly per_ms: number };

export type Limiter = {
  /** Resolves when the next request may go, and counts it. */
  wait(): Promise<void>;
  /** No request goes before these milliseconds are over. */
  pause(milliseconds: number | undefined): void;
};

export function createLimiter(world: World, limits: readonly Limit[]): Limiter {
  const sent: number[] = [];
  const kept = Math.max(0, ...limits.map(({ requests }) => requests));
  let paused_until = 0;
  const free_at = (): number =>
    Math.max(paused_until, ...limits.map(({ requests, per_ms }) => (sent.at(-requests) ?? -per_ms) + per_ms));
  return {
    async wait() {
      for (let remaining = free_at() - world.now(); remaining > 0; remaining = free_at() - world.now())
        await world.sleep(remaining);
      sent.push(world.now());
      if (sent.length > kept) sent.splice(0, sent.length - kept);
    },
    pause(milliseconds) {
      if (milliseconds && milliseconds > 0) paused_until = Math.max(paused_until, world.now() + milliseconds);
    },
  };
}
