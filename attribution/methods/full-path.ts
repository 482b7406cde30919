// 22.5 each to the first touch, the lead's, the deal's and the last touch before close; 10 to the rest.
import type { Method } from './method.ts';
import { lastTouchBy, weighMilestones } from './milestones.ts';

export const fullPath: Method = {
  name: 'full_path',
  prepare: () => (journey, weights) =>
    weighMilestones(journey, weights, [
      0,
      lastTouchBy(journey, journey.lead_created_us),
      lastTouchBy(journey, journey.created_us),
      journey.touchCount - 1,
    ]),
};
