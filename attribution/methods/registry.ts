// Every method by its name. A new method is one file and one line here.
import { custom } from './custom.ts';
import { firstTouch } from './first-touch.ts';
import { fullPath } from './full-path.ts';
import { lastTouch } from './last-touch.ts';
import { linear } from './linear.ts';
import type { Method } from './method.ts';
import { timeDecay } from './time-decay.ts';
import { uShaped } from './u-shaped.ts';
import { wShaped } from './w-shaped.ts';

export const methods = {
  first_touch: firstTouch,
  last_touch: lastTouch,
  linear,
  u_shaped: uShaped,
  w_shaped: wShaped,
  full_path: fullPath,
  time_decay: timeDecay,
  custom,
} as const satisfies Readonly<Record<string, Method>>;

export type MethodName = keyof typeof methods;

/** The names that `attribution.methods` in sourced.yaml may hold. */
export const methodNames = Object.keys(methods) as MethodName[];

/** The method of a configured name. */
export function methodOf(name: string): Method {
  return methods[name as MethodName];
}
