import { Attempt } from './attempt.js';
import type { HedgeCall, HedgeRequest, RaceUntil } from '../call.js';
import type { Clock } from '../common/clock.js';
import { attachInfo, type HedgeInfo, type IneligibleReason } from '../info.js';
import { destinationOf, routeKey } from '../routes/route-key.js';

/** What there is to say of a call that was not eligible and took `durationMs`. */
export function bypassInfo(request: HedgeRequest, raceUntil: RaceUntil, reason: IneligibleReason, durationMs: number): HedgeInfo {
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
    key: keyOf(request, raceUntil),
  };
}

function keyOf(request: HedgeRequest, raceUntil: RaceUntil): string {
  if (request.key !== undefined) return request.key;
  const { origin, path } = destinationOf(request);
  return routeKey(request.method, origin + path, raceUntil);
}

/** Runs a call that is not raced, and says why not. */
export async function bypass<T>(call: HedgeCall<T>, reason: IneligibleReason, clock: Clock): Promise<T> {
  const startedAtMs = clock.now();
  const tell = (): HedgeInfo => {
    const info = bypassInfo(call.request, call.raceUntil ?? 'body', reason, clock.now() - startedAtMs);
    try {
      call.onInfo?.(info);
    } catch {
      // It is the call's own business, and no reason to fail it.
    }
    return info;
  };
  try {
    const value = await (call.bypass?.(reason) ?? startAlone(call));
    const info = tell();
    if (call.onInfo === undefined) attachInfo(value, info);
    return value;
  } catch (error) {
    attachInfo(error, tell());
    throw error;
  }
}

/** What of a Hedger it takes to send a call past it. */
interface Counting {
  readonly clock: Clock;
  recordBypass(request: HedgeRequest, reason: IneligibleReason): void;
}

/** Sends what an adapter does not hedge, whatever the options say, by the client's own path: `bypass` of the call. It is counted, and what comes of it says why. */
export function sendUnsupported<T>(hedger: Counting, call: HedgeCall<T>, reason: IneligibleReason = 'unsupported'): Promise<T> {
  hedger.recordBypass(call.request, reason);
  return bypass(call, reason, hedger.clock);
}

/** Starts the only attempt. */
async function startAlone<T>(call: HedgeCall<T>): Promise<T> {
  const { signal } = call;
  const attempt = new Attempt(0, 0);
  const listener = { handleEvent: (): void => attempt.abort(signal?.reason) };
  const release = (): void => signal?.removeEventListener('abort', listener);
  if (signal?.aborted === true) attempt.abort(signal.reason);
  else signal?.addEventListener('abort', listener);
  try {
    const value = await call.start(attempt);
    if (signal === undefined || call.whenReleased === undefined) release();
    else call.whenReleased(value, release);
    return value;
  } catch (error) {
    release();
    throw error;
  }
}
