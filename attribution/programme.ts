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

/** The rules as the configuration gives them; windows in days (domain.md §4). */
export function programmeOf({ attribution, motions }: Pick<Config, 'attribution' | 'motions'>): Programme {
  const order = attribution.sourcing.map(({ rule }) => rule);
  const windows = Object.fromEntries(
    motionNames.map((motion) => [motion, windowsOf(attribution.sourcing, motions[motion]?.sourcing)]),
  );
  return { order, carry_months: attribution.carry_months, rule: (motion, rule) => windows[motion]?.[rule] ?? null };
}

/** The windows of each rule that a motion has; its own go before the company's. */
function windowsOf(
  rules: Config['attribution']['sourcing'],
  overrides: Partial<Record<SourcingRuleName, object | 'off'>> = {},
): Partial<Record<SourcingRuleName, RuleWindows | null>> {
  return Object.fromEntries(
    rules.map(({ rule, ...windows }) => {
      const own = overrides[rule];
      return [rule, own === 'off' ? null : { ...noWindows, ...windows, ...defined(own) }];
    }),
  );
}

function defined(windows: object | undefined): Partial<RuleWindows> {
  return Object.fromEntries(Object.entries(windows ?? {}).filter(([, days]) => days !== undefined));
}
