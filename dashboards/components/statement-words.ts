// Words about statements that the list, the statement and the partner's pages share.
import { html } from 'htl';
import type { SessionAnswer, StatementRow } from './answers.js';
import { ask } from './api.js';
import { explainHref } from './figure.js';
import { sentence } from './format.js';
import { context } from './release.js';

const tones: Readonly<Record<string, string>> = {
  approved: 'partner',
  paid: 'partner',
  settled: 'partner',
  disputed: 'warning',
};

/** A state as a word with a tone; the word alone says it. */
export function stateTag(state: string | null): Node {
  return html`<span class=${`tag ${tones[state ?? ''] ?? ''}`}>${sentence(state ?? 'open')}</span>`;
}

/** Its page, or where its reader may not open that its explanation: trust is read by others than finance. */
export function statementHref(statement_id: string): string {
  const { audience } = context();
  if (audience === 'trust') return explainHref(statement_id);
  return `/${audience}/statement?id=${encodeURIComponent(statement_id)}`;
}

/** The next step is finance's, or what is payable of it beside that. */
export function isOurs({ next_by, next_also }: StatementRow): boolean {
  return next_by === 'finance' || next_also !== null;
}

/** What a statement waits for, finance's own steps first. */
export const stepWords: Readonly<Record<StatementRow['next_step'], string>> = {
  approve: 'To approve',
  resolve: 'In dispute',
  pay: 'To pay',
  paying: 'Exported for payout',
  post: 'Decided: the next run posts it',
  hold: 'Approved, held',
  collect: 'Collects lines until the month is over',
  set_off: 'Set off against the next commission',
  none: 'Settled',
};

/** The reader, as decisions name them. */
export async function whoAmI(): Promise<string> {
  return (await ask<SessionAnswer>('/v1/session')).person;
}

/** The next step is not the reader's to take: they made what it would check. */
export function isBarred({ next_not_by }: StatementRow, me: string): boolean {
  return next_not_by?.split('; ').includes(me) ?? false;
}
