// Every method by its name. A new method is one file and one line here (and its name in core/config.ts).
import type { MethodName } from '../../core/config.ts';
import { custom } from './custom.ts';
import { firstTouch } from './first-touch.ts';
import { fullPath } from './full-path.ts';
import { lastTouch } from './last-touch.ts';
import { linear } from './linear.ts';
import type { Method } from './method.ts';
import { timeDecay } from './time-decay.ts';
import { uShaped } from './u-shaped.ts';
import { wShaped } from './w-shaped.ts';

export const methods: Readonly<Record<MethodName, Method>> = {
  first_touch: firstTouch,
  last_touch: lastTouch,
  linear,
  u_shaped: uShaped,
  w_shaped: wShaped,
  full_path: fullPath,
  time_decay: timeDecay,
  custom,
};
