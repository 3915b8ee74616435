import { attachInfo, hedgeInfo as infoOf, type HedgeInfo } from '@hedgerow/core';

interface Timed {
  readonly timings?: unknown;
}

/**
 * What hedging did for the call that this response or error came from. Knows more of got than the core's own: of a response
 * that was decompressed, and of an error that got made without a cause (a cancelled or aborted call's).
 *
 * @returns `undefined` if it did not pass through hedgerow, or came from got's cache.
 */
export function hedgeInfo(responseOrError: unknown): HedgeInfo | undefined {
  return infoOf(responseOrError) ?? infoOf((responseOrError as Timed | null | undefined)?.timings);
}

/** Whether this response or error was delivered by a hedge rather than by the primary. */
export function isHedge(responseOrError: unknown): boolean {
  return hedgeInfo(responseOrError)?.isHedge ?? false;
}

/** got's requests, responses and errors of one call share one `timings`: it carries what the Hedger said of the call's outcome. */
export function noteInfo(outcome: unknown, request: unknown): void {
  const info = infoOf(outcome);
  if (info !== undefined) attachInfo((request as Timed | undefined)?.timings ?? (outcome as Timed).timings, info);
}
