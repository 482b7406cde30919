// What the sandbox company's people decide about statements: finance approves a month's statements early in the next one,
// partners question a few. Pure: who records the decisions, and binds them to the lines they saw, is the caller.
import { addMonths, at, type Day, dayOfDate, toInstant, workday } from './calendar.ts';
import { createSetting, defaultAsOf } from './setting.ts';

export type StatementDecision = {
  /** RFC 3339, UTC. */
  readonly decided_at: string;
  readonly statement_id: string;
  readonly kind: 'statement_approve' | 'statement_dispute' | 'statement_resolve';
  readonly person: string;
  readonly role: 'finance' | 'partner';
  readonly reason: string;
};

const preparer = 'Renata Ilves';
const approver = 'Gideon Park';
const QUESTIONED_EVERY = 37;

/**
 * Decisions on statements `statement:<partner>:<YYYY-MM>:<currency>`, in order of time. The last complete month still waits
 * for approval, with a question open here and there; every earlier one is approved by the 14th of its next month.
 */
export function decideStatements(
  statementIds: readonly string[],
  { asOf = defaultAsOf }: { asOf?: string } = {},
): StatementDecision[] {
  const { endDay, now } = createSetting({ size: 'S', seed: 0, asOf });
  const waiting = addMonths(endDay, -1);
  return [...statementIds]
    .sort()
    .flatMap((statement_id, index) => {
      const month = monthOf(statement_id);
      if (month > waiting) return [];
      const isQuestioned = index % QUESTIONED_EVERY === QUESTIONED_EVERY - 1;
      const decisions = isQuestioned ? questioned(statement_id, month) : [approval(statement_id, month, 8)];
      return month === waiting ? decisions.filter(({ kind }) => kind === 'statement_dispute') : decisions;
    })
    .filter(({ decided_at }) => Date.parse(decided_at) <= now * 1000)
    .sort((left, right) => (left.decided_at < right.decided_at ? -1 : left.decided_at > right.decided_at ? 1 : 0));
}

/** First day of the month of a statement. */
function monthOf(statementId: string): Day {
  const match = /:(\d{4})-(\d\d):[A-Z]{3}$/.exec(statementId);
  if (!match) throw new Error(`decideStatements: ${statementId} is not statement:<partner>:<YYYY-MM>:<currency>`);
  return dayOfDate(Number(match[1]), Number(match[2]), 1);
}

/** An instant `days` into the month after a statement's. */
function after(month: Day, days: number): string {
  return toInstant(at(workday(addMonths(month, 1) + days), 15 * 3600));
}

function approval(statement_id: string, month: Day, days: number): StatementDecision {
  const reason = 'Lines agree with billing';
  return {
    decided_at: after(month, days),
    statement_id,
    kind: 'statement_approve',
    person: approver,
    role: 'finance',
    reason,
  };
}

/** A partner asks, finance answers, somebody else in finance approves. */
function questioned(statement_id: string, month: Day): StatementDecision[] {
  const partner = `Contact of ${statement_id.split(':')[2]}`;
  return [
    {
      decided_at: after(month, 0),
      statement_id,
      kind: 'statement_dispute',
      person: partner,
      role: 'partner',
      reason: 'We expected a higher amount for one customer',
    },
    {
      decided_at: after(month, 7),
      statement_id,
      kind: 'statement_resolve',
      person: preparer,
      role: 'finance',
      reason: 'The customer paid a part only; the rest follows with its payment',
    },
    approval(statement_id, month, 10),
  ];
}
