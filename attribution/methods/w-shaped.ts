// 30 each to the first touch, the touch that made the lead and the touch that made the deal; 10 to the rest.
import type { Method } from './method.ts';
import { lastTouchBy, weighMilestones } from './milestones.ts';

export const wShaped: Method = {
  name: 'w_shaped',
  prepare: () => (journey, weights) =>
    weighMilestones(journey, weights, [
      0,
      lastTouchBy(journey, journey.lead_created_us),
      lastTouchBy(journey, journey.created_us),
    ]),
};
