import type { Attempt } from './attempt.js';
import type { HedgeRequest } from '../call.js';
import type { HedgeInfo, SuppressionReason } from '../info.js';
import type { CompleteEvent } from '../options/options.js';

/** What there is to say of an eligible call once it is settled. */
export function summarise(
  attempts: readonly Attempt[],
  winner: Attempt | undefined,
  delayMs: number | undefined,
  durationMs: number,
  suppressionReason: SuppressionReason | undefined,
  collision: boolean,
  key: string,
): HedgeInfo {
  return {
    eligible: true,
    ineligibleReason: undefined,
    attempts: attempts.length,
    winner: winner?.number,
    isHedge: winner?.isHedge ?? false,
    delayMs,
    durationMs,
    attemptDurationsMs: attempts.map((attempt) => attempt.durationMs ?? durationMs - attempt.delayMs),
    suppressionReason,
    collision,
    target: winner?.steered?.target,
    key,
  };
}

/** What `onComplete` is told. Named one by one: spreading `info` costs more than all the rest of a call. */
export function completion(info: HedgeInfo, request: HedgeRequest, status: number | undefined, error: unknown): CompleteEvent {
  return {
    eligible: info.eligible,
    ineligibleReason: info.ineligibleReason,
    attempts: info.attempts,
    winner: info.winner,
    isHedge: info.isHedge,
    delayMs: info.delayMs,
    durationMs: info.durationMs,
    attemptDurationsMs: info.attemptDurationsMs,
    suppressionReason: info.suppressionReason,
    collision: info.collision,
    target: info.target,
    key: info.key,
    request,
    status,
    error,
  };
}
