// What a method is: integer weights for the touches of one journey. Splitting a deal by them is attribution/weights.ts.
import type { Config } from '../../core/config.ts';

/** One deal's touches in journey order; arrays may be longer than `touchCount` (they are reused from deal to deal). */
export interface Journey {
  touchCount: number;
  /** Microseconds since 1970, ascending. */
  occurred_us: Float64Array;
  party_index: Int32Array;
  kind_index: Int32Array;
  /** Each touch's place in the journey before its path transform. */
  place: Int32Array;
  /** Last microsecond at which the lead counts as created; `-Infinity` without a lead. */
  lead_created_us: number;
  /** Last microsecond at which the deal counts as created. */
  created_us: number;
}

/**
 * Writes the weight of each touch to `weights[0 … touchCount − 1]`: non-negative whole numbers, exact as doubles.
 * Only their proportions matter. Never called with an empty journey.
 */
export type Weigh = (journey: Journey, weights: Float64Array) => void;

export interface MethodSettings {
  readonly attribution: Config['attribution'];
  /** The touch kinds, by `kind_index`. */
  readonly kinds: readonly string[];
}

export interface Method {
  /** Its name in sourced.yaml, in tables and on pages. */
  readonly name: string;
  /** The method under a company's settings; called once for a run. */
  prepare(settings: MethodSettings): Weigh;
}
