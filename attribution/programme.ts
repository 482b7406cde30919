// The sourcing rules of a company as each motion has them: one order, with windows and switches of the motion (domain.md §4).
import type { Config } from '../core/config.ts';
import { type MotionName, motionNames, type SourcingRuleName } from '../core/programme.ts';

/** The windows of one rule; those that the rule does not have are 0. */
export interface RuleWindows {
  readonly protection_days: number;
  readonly grace_days: number;
  readonly window_days: number;
}

export interface Programme {
  /** The company's order. */
  readonly order: readonly SourcingRuleName[];
  /** The rule's windows for partners of a motion; null where the motion has it off or the company does not use it. */
  rule(motion: MotionName, rule: SourcingRuleName): RuleWindows | null;
  /** Months that `carry_forward` reaches from the origin's close; null = for ever. */
  readonly carry_months: number | null;
}

const noWindows: RuleWindows = { protection_days: 0, grace_days: 0, window_days: 0 };

export function programmeOf({ attribution, motions }: Pick<Config, 'attribution' | 'motions'>): Programme {
  const order = attribution.sourcing.map(({ rule }) => rule);
  const table = new Map<string, RuleWindows | null>();
  for (const motion of motionNames)
    for (const { rule, ...windows } of attribution.sourcing) {
      const own = motions[motion]?.sourcing[rule];
      table.set(`${motion} ${rule}`, own === 'off' ? null : { ...noWindows, ...windows, ...defined(own) });
    }
  return {
    order,
    carry_months: attribution.carry_months,
    rule: (motion, rule) => table.get(`${motion} ${rule}`) ?? null,
  };
}

function defined(windows: object | undefined): Partial<RuleWindows> {
  return Object.fromEntries(Object.entries(windows ?? {}).filter(([, days]) => days !== undefined));
}
