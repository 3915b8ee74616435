import type { Policy } from './policies.js';
import type { SimulationResult } from './simulation.js';

/** One policy's run. */
export interface PolicyRun {
  readonly policy: Policy;
  readonly result: SimulationResult;
}
