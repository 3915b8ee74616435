import { hedgeInfo } from '@hedgerow/core';
import { attachInfo } from '@hedgerow/core/adapter';

interface Timed {
  readonly timings?: unknown;
}

/**
 * got's requests, responses and errors of one call share one `timings`: it carries what the Hedger said of the call's outcome to
 * responses that were decompressed and to errors that got made without a cause.
 */
export function noteInfo(outcome: unknown, request: unknown): void {
  const info = hedgeInfo(outcome);
  if (info !== undefined) attachInfo((request as Timed | undefined)?.timings ?? (outcome as Timed).timings, info);
}
