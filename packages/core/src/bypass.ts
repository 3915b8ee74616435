import type { HedgeRequest, RaceUntil } from './call.js';
import type { HedgeInfo, IneligibleReason } from './info.js';
import { destinationOf, routeKey } from './latency/route-key.js';

/** What there is to say of a call that was not eligible and took `durationMs`. */
export function bypassInfo(request: HedgeRequest, raceUntil: RaceUntil, reason: IneligibleReason, durationMs: number): HedgeInfo {
  const { origin, path } = destinationOf(request);
  return {
    eligible: false,
    ineligibleReason: reason,
    attempts: 1,
    winner: 0,
    isHedge: false,
    delayMs: undefined,
    durationMs,
    attemptDurationsMs: [durationMs],
    suppressionReason: undefined,
    collision: false,
    key: routeKey(request.method, origin + path, raceUntil),
  };
}
