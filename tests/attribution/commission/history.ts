// Reads and writes tables of events and balances: one line an event, so that a test is read like a ledger.
import { fraction, one } from '../../../attribution/commission/fraction.ts';
import { newCalendar } from '../../../attribution/commission/plans/calendar.ts';
import { type PlanVersion, planVersion } from '../../../attribution/commission/plans/plan.ts';
import { newFoldState } from '../../../attribution/commission/targets/fold-state.ts';
import {
  type Cell,
  type Earning,
  type LineMove,
  type MoneyEvent,
  partnerFold,
} from '../../../attribution/commission/targets/target.ts';
import type { Rational } from '../../../core/money.ts';
import { dateOfDay, dayNumber } from '../../../core/month.ts';
import { plan as planSchema } from '../../../core/programme.ts';

/** A plan version from the same object that sourced.yaml would hold. */
export function version(changes: Record<string, unknown> = {}): PlanVersion {
  const defaults = {
    plan: 'referral',
    starts_on: '2025-01-01',
    currency: 'USD',
    components: [{ kind: 'percent', rate: '0.20' }],
  };
  return planVersion(planSchema.parse({ ...defaults, ...changes }));
}

export interface Deal {
  readonly customer?: number;
  readonly close?: string;
  readonly version: PlanVersion;
  readonly role?: Earning['role'];
  readonly share?: Rational;
}

const effects = {
  pays: 'earn',
  issues: 'earn',
  closes: 'earn',
  refunds: 'return',
  credits: 'return',
  loses: 'return',
  wins: 'restore',
} as const;

export type Verb = keyof typeof effects;

/**
 * Runs a table such as
 *
 *     2026-01-10 D1 I1 pays     A=1000 B=-100
 *     2026-02-10 D1 I1 refunds  A=500
 *
 * and gives one line an entry: `2026-01-10 accrual A 1:percent 200`. Amounts are minor units; a return's amounts are written as
 * they are returned. `A=1000@900` is a movement of 1000 whose base in the plan's currency is 900; `A=1000@-` has no rate; `A=1000/core` names the product.
 */
export function entries(deals: Readonly<Record<string, Deal>>, table: string): string[] {
  const { lines, apply } = ledger(deals);
  for (const line of rowsOf(table)) apply(line);
  return lines;
}

/** The same, as what each line and component has earned in the end: `A 1:percent 100`. */
export function balances(deals: Readonly<Record<string, Deal>>, table: string): string[] {
  const { cells, apply } = ledger(deals);
  for (const line of rowsOf(table)) apply(line);
  return [...cells].map(([key, amount]) => `${key} ${amount}`).sort();
}

export function rowsOf(table: string): string[] {
  return table
    .trim()
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line && !line.startsWith('#'));
}

function ledger(deals: Readonly<Record<string, Deal>>) {
  const names = Object.keys(deals);
  const earnings = names.map((name, number): Earning => {
    const { customer, close = '2026-01-01', role = 'sourced', share = one } = deals[name]!;
    return { earning: number, deal: number, customer: customer ?? number, role, share, close_day: dayNumber(close) };
  });
  const lineNames: string[] = [];
  const lines: string[] = [];
  const cells = new Map<string, bigint>();
  const numberOf = (name: string) => {
    if (!lineNames.includes(name)) lineNames.push(name);
    return lineNames.indexOf(name);
  };
  let day = '';
  const fold = partnerFold(newFoldState(newCalendar(1)), (cell: Cell, _: MoneyEvent, type, change_minor) => {
    const key = `${lineNames[cell.line]} ${cell.component.name}`;
    lines.push(`${day} ${type} ${key} ${change_minor}`);
    cells.set(key, (cells.get(key) ?? 0n) + change_minor);
  });
  return {
    lines,
    cells,
    apply(row: string) {
      const [date, deal, invoice, verb, ...moves] = row.split(/\s+/);
      const number = names.indexOf(deal!);
      const effect = effects[verb as Verb];
      const earning = earnings[number]!;
      const effective_day = Math.max(dayNumber(date!), earning.close_day);
      day = dateOfDay(effective_day);
      const part = { invoice: numberOf(`invoice ${invoice}`), earning, version: deals[deal!]!.version };
      fold({
        effect,
        effective_day,
        moves: moves.map((move) => ({ ...moveOf(move, effect === 'return' ? -1n : 1n, numberOf), part })),
      });
    },
  };
}

function moveOf(text: string, sign: bigint, numberOf: (name: string) => number): Omit<LineMove, 'part'> {
  const [, line, amount, base, product] = /^([^=]+)=(-?\d+)(?:@(-?\d+|-))?(?:\/(.+))?$/.exec(text)!;
  const amount_minor = sign * BigInt(amount!);
  return {
    line: numberOf(line!),
    product: product ?? null,
    amount_minor,
    base_minor: base === '-' ? null : base === undefined ? amount_minor : BigInt(base),
  };
}

export const half: Rational = fraction(1n, 2n);
