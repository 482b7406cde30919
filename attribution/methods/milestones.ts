// The rule that w_shaped and full_path share: 90 to the milestones, 10 to the touches between them (fine-print 15).
import type { Journey } from './method.ts';

/** The last touch at or before an instant, or −1. Touches ascend. */
export function lastTouchBy(journey: Journey, instant_us: number): number {
  let touch = journey.touchCount - 1;
  while (touch >= 0 && journey.occurred_us[touch]! > instant_us) touch--;
  return touch;
}

/**
 * Writes the weights of a journey whose milestones are held by the touches `holders` (−1: a missing milestone, whose share
 * goes equally to the others). A touch that holds several earns their sum; where no touch is without a milestone,
 * the milestones share the 10 as well.
 */
export function weighMilestones(journey: Journey, weights: Float64Array, holders: readonly number[]): void {
  const { touchCount } = journey;
  weights.fill(0, 0, touchCount);
  let milestones = 0;
  for (const touch of holders) {
    if (touch < 0) continue;
    weights[touch]! += 1;
    milestones++;
  }
  let others = 0;
  for (let touch = 0; touch < touchCount; touch++) if (weights[touch] === 0) others++;
  if (others === 0) return;
  // 90/milestones : 10/others = 9 × others : milestones
  for (let touch = 0; touch < touchCount; touch++)
    weights[touch] = weights[touch] === 0 ? milestones : weights[touch]! * 9 * others;
}
