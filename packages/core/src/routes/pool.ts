import type { Clustering } from '../harm/clustering.js';
import type { Spare } from '../spare/spare.js';

/** What the routes of an origin learn together. */
export interface Pool {
  /** How slow requests cluster. */
  readonly clustering: Clustering;
  /** What they leave of the budget. */
  readonly spare: Spare;
}
