// Windows of time and page tokens: the two ways in which incremental reading goes wrong without a word.
import { SourceError } from '../core/errors.ts';

export type Window = {
  /** Inclusive, epoch milliseconds. */
  readonly from: number;
  /** Exclusive, epoch milliseconds: the next window's `since`. */
  readonly to: number;
};

/**
 * `[since − lookback, now − settle)`, frozen: what changes while it is read belongs to the next one. Without `since` it begins at
 * `start`. Throws SourceError for a saved cursor in the future, which would leave out everything until then.
 */
export function frozenWindow({
  since,
  start = 0,
  lookback_ms,
  settle_ms,
  now,
  origin,
}: {
  readonly since?: number | undefined;
  readonly start?: number | undefined;
  readonly lookback_ms: number;
  readonly settle_ms: number;
  readonly now: number;
  readonly origin: string;
}): Window {
  if (since !== undefined && since > now)
    throw new SourceError(`${origin}: was read up to ${iso(since)}, which is after now, ${iso(now)}`, {
      hint: 'set the clock of this machine right; if it was wrong when it last read, read all of the source anew with `run --resync NAME`',
    });
  const from = since === undefined ? start : Math.max(start, since - lookback_ms);
  return { from, to: Math.max(from, now - settle_ms) };
}

/** A check that no page token comes twice: such a reading would never end. */
export function tokenGuard(origin: string): (token: string) => void {
  const seen = new Set<string>();
  return (token) => {
    if (seen.has(token))
      throw new SourceError(`${origin}: the same page was offered twice, so the reading would never end`, {
        hint: 'run again later; what was complete is kept',
        transient: true,
      });
    seen.add(token);
  };
}

function iso(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
