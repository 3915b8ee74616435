import type { HedgeCall } from './call.js';
import type { Clock } from './clock.js';
import type { Counters } from './counters.js';
import type { Decided } from './harm/gate.js';
import type { SuppressionReason } from './info.js';
import type { Place } from './latency/memory.js';
import type { Plan } from './plan.js';
import type { Pushbacks } from './pushback.js';
import type { Reporter } from './report.js';
import type { ResolvedHedgeOptions } from './resolve.js';
import type { Savings } from './savings/savings.js';
import type { TargetLoads } from './steering/loads.js';
import type { HedgeTimers } from './timers.js';
import type { Turns } from './turns.js';
import type { Watch } from './watch.js';

/** What a race needs of its Hedger. */
export interface RaceHost {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly timers: HedgeTimers;
  readonly reporter: Reporter;
  /** For calls that settle with one and the same object. */
  readonly turns: Turns;
  readonly savings: Savings;
  /** Who has asked to be left alone. */
  readonly pushbacks: Pushbacks;
  /** No more hedges. */
  readonly disposed: boolean;
  /** How many attempts are under way where. */
  readonly loads: TargetLoads;
  /** Takes permission to send one hedge now, or says why not. `destination`: its origin, if it is not the primary's. */
  permit(place: Place, nowMs: number, destination: string | undefined): SuppressionReason | undefined;
  /** Learns from a won call whether the hedge that was sent while its primary ran was of use. */
  judge(place: Place, decided: Decided): void;
}

/** One call, ready to run. */
export interface RaceSetup<T> {
  readonly call: HedgeCall<T>;
  readonly options: ResolvedHedgeOptions;
  readonly place: Place;
  readonly plan: Plan;
  readonly watch: Watch | undefined;
}
