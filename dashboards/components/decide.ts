// Taking a decision from a page: one request with a fresh key, repeated while a run writes the books, then the page anew.
import { ApiProblem, ask } from './api.js';

const ATTEMPTS_MAX = 6;
const PAUSE_MS = 1500;

export interface Decided {
  readonly decision: { readonly person: string; readonly kind: string };
  readonly next: string;
}

/** Posts a decision. Throws ApiProblem with what is refused and what to do. */
export async function decide(path: string, body: object): Promise<Decided> {
  const headers = { 'content-type': 'application/json', 'idempotency-key': freshKey() };
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask<Decided>(path, { method: 'POST', headers, body: JSON.stringify(body) });
    } catch (error) {
      const isBusy = error instanceof ApiProblem && error.code === 'busy';
      if (!isBusy || attempt === ATTEMPTS_MAX) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** 128 random bits; `crypto.randomUUID` is there on secure origins only. */
function freshKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
