import type { Attempt } from './attempt.js';
import type { HedgeInfo, SuppressionReason } from './info.js';

/** What there is to say of an eligible call once it is settled. */
export function summarise(
  attempts: readonly Attempt[],
  winner: Attempt | undefined,
  delayMs: number | undefined,
  durationMs: number,
  suppressionReason: SuppressionReason | undefined,
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
    key,
  };
}
