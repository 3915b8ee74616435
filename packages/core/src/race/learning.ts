import { headerOf, pushbackMsOf } from './adapter-calls.js';
import type { Attempt } from './attempt.js';
import { parseShed, SHED, SHED_STATUSES } from '../budget/shed.js';
import type { Settled } from '../call.js';
import type { Decided } from '../harm/gate.js';
import { instanceName } from '../harm/instances.js';
import type { HedgerState, RaceSetup } from './hedger-state.js';

/** Notes which instance answered an attempt. */
export function identify<T>({ reporter }: HedgerState, { call, options, place }: RaceSetup<T>, attempt: Attempt, settled: Settled<T>): void {
  const { instanceHeader } = options;
  if (instanceHeader === undefined) return;
  attempt.instance = instanceName(headerOf(reporter, call, settled, instanceHeader));
  if (attempt.instance !== undefined) place.gate?.answeredBy(attempt.instance);
}

/** Whether two attempts are known to have been on one instance. */
export function haveCollided(attempts: readonly Attempt[]): boolean {
  if (attempts.length < 2) return false;
  if (attempts.some(({ hasCollided }) => hasCollided)) return true;
  const names = attempts.flatMap(({ instance }) => (instance === undefined ? [] : [instance]));
  return new Set(names).size < names.length;
}

/** A call was won: was the first hedge of any use? One whose primary had failed by then says nothing of that. */
export function judge<T>(state: HedgerState, { place }: RaceSetup<T>, attempts: readonly Attempt[], winner: Attempt, elapsedMs: number): void {
  const [primary, hedge] = attempts;
  if (hedge === undefined) return;
  // Of a server that refuses copies they learn nothing else.
  if (hedge.isRefused || primary?.isRefused === true) return;
  // A busy server says nothing of copies; one where they met does.
  if (hedge.isShed && !hedge.hasCollided) return;
  const ranOn = primary?.durationMs === undefined || primary.durationMs > hedge.delayMs;
  if (ranOn) state.judge(place, decided(state, hedge, elapsedMs, winner.isHedge, haveCollided(attempts)));
}

/** The primary has answered: would it have been refused as its copies were? */
export function compare<T>({ place }: RaceSetup<T>, attempts: readonly Attempt[], primary: Attempt, isGood: boolean): void {
  for (const { isRefused, status } of attempts) {
    if (isRefused && status !== undefined) place.noteRefusals().compare(status, primary.status, isGood, place.calls);
  }
}

/** A loser told after all where it had been. */
export function judgeDrained<T>(state: HedgerState, { place }: RaceSetup<T>, attempts: readonly Attempt[], elapsedMs: number): void {
  const [, hedge] = attempts;
  if (hedge !== undefined && haveCollided(attempts)) state.judge(place, decided(state, hedge, elapsedMs, false, true));
}

function decided({ clock, reading }: HedgerState, { delayMs }: Attempt, elapsedMs: number, hasWon: boolean, hasCollided: boolean): Decided {
  const nowMs = clock.now();
  const lagMs = reading.lagMs(nowMs);
  return { delayMs, tookMs: Math.max(0, elapsedMs - delayMs - lagMs), lagMs, hasWon, hasCollided, nowMs };
}

/** Reads what the server says about being left alone; returns for how many milliseconds this call's own hedges have to wait. */
export function heed<T>({ pushbacks, reporter }: HedgerState, setup: RaceSetup<T>, attempt: Attempt, settled: Settled<T>, nowMs: number): number | undefined {
  const { call, place } = setup;
  const { status, steered } = attempt;
  const origin = steered?.origin ?? place.origin;
  const waitMs = pushbackMsOf(reporter, call, settled);
  if (waitMs !== undefined) {
    if (waitMs !== Infinity) pushbacks.add(origin, waitMs, nowMs);
  } else if (status !== undefined) {
    const asHttp = call.request.rpc === undefined ? status : (HTTP_STATUSES[status] ?? 0);
    if (asHttp >= 400) pushbacks.heed(origin, asHttp, headerOf(reporter, call, settled, 'retry-after'), nowMs);
  }
  return waitMs;
}

/**
 * Whether a server did not work on a hedge because it is one: it is sent no more of them for as long as it says. Only servers that were told of hedges are believed, and none
 * about a primary.
 */
export function heedShed<T>({ pushbacks, reporter }: HedgerState, { call, options, place }: RaceSetup<T>, attempt: Attempt, settled: Settled<T>, nowMs: number): boolean {
  const { isHedge, status, steered } = attempt;
  if (!isHedge || !options.isMarking || !SHED_STATUSES.includes(status)) return false;
  const shed = parseShed(headerOf(reporter, call, settled, SHED));
  if (shed === undefined) return false;
  attempt.isShed = true;
  attempt.hasCollided = shed.isCollision;
  pushbacks.add(steered?.origin ?? place.origin, shed.waitMs, nowMs);
  return true;
}

/** What RESOURCE_EXHAUSTED and UNAVAILABLE of a remote procedure are in HTTP, which Connect's unary protocol is. */
const HTTP_STATUSES: Readonly<Record<number, number>> = { 8: 429, 14: 503 };

/** Estimates what the hedges that shadow mode did not send would have done. */
export function settleShadows<T>(
  { counters, savings }: HedgerState,
  { place }: RaceSetup<T>,
  shadowsMs: readonly number[],
  hasWon: boolean,
  elapsedMs: number,
): void {
  counters.activeShadows -= shadowsMs.length;
  savings.shadow(place, shadowsMs, hasWon, elapsedMs);
}
