// Words about statements that the list, the statement and the partner's pages share.
import { html } from 'htl';
import type { SessionAnswer, StatementRow } from './answers.js';
import { ask } from './api.js';
import { explainHref } from './figure.js';
import { countText, sentence } from './format.js';
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

/** How many lines are accepted and disputed, where any is. */
export function answered({ line_count, accepted_count, disputed_count }: StatementRow): string {
  const parts = [
    accepted_count
      ? accepted_count === line_count
        ? 'accepted by the partner'
        : `${countText(accepted_count, 'line')} accepted`
      : '',
    disputed_count ? `${countText(disputed_count, 'line')} disputed` : '',
  ];
  return parts.filter(Boolean).join(', ');
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

/** What happens next, as the partner itself is told. */
export function ownNext({ next_step, next_action }: StatementRow): string {
  const words: Readonly<Record<string, string>> = {
    approve: 'accept it or dispute a line; then it is approved',
    post: 'recorded; the figures follow with the next update',
    pay: 'approved: it is paid with the next payout',
    paying: 'on its way: the payout is under way',
    resolve: 'your dispute is looked into',
    set_off: 'is set off against your next commission',
  };
  return words[next_step] ?? next_action;
}

/** The reader, as decisions name them. */
export async function whoAmI(): Promise<string> {
  return (await ask<SessionAnswer>('/v1/session')).person;
}

/** The next step is not the reader's to take: they made what it would check. */
export function isBarred({ next_not_by }: StatementRow, me: string): boolean {
  return next_not_by?.split('; ').includes(me) ?? false;
}
