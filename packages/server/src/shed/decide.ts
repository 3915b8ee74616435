/** Why a hedge was not worked on. `busy`: the server has enough to do. `collision`: another copy of its call is under way in this process. `expired`: nobody waits for it any more. */
export type ShedReason = 'busy' | 'collision' | 'expired';

/** What there is to know when a hedge comes. */
export interface Situation {
  /** Whether another copy of its call is under way here. */
  readonly isCollision: boolean;
  /** What the user says; `undefined`: nothing. */
  readonly isBusy: boolean | undefined;
  /** The event loop's share of busy time, 0 to 1; `undefined`: not known yet. */
  readonly utilization: number | undefined;
  readonly maxUtilization: number;
  /** Requests under way, without this one. */
  readonly inFlight: number;
  /** `undefined`: not known yet. */
  readonly maxInFlight: number | undefined;
}

/** Whether a hedge is shed, and why. Originals are not asked about. */
export function decide({ isCollision, isBusy, utilization = 0, maxUtilization, inFlight, maxInFlight = Infinity }: Situation): ShedReason | undefined {
  if (isCollision) return 'collision';
  return (isBusy ?? (utilization > maxUtilization || inFlight >= maxInFlight)) ? 'busy' : undefined;
}
