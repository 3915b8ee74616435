import type { Lift } from '../harm/lift.js';
import type { Spare } from '../spare/spare.js';

/** What the routes of an origin learn together. */
export interface Pool {
  /** Whether slow requests follow slow ones. */
  readonly lift: Lift;
  /** What they leave of the budget. */
  readonly spare: Spare;
}
