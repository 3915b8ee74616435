import type { Attempt } from './attempt.js';
import type { AttemptOutcome, CallEnd } from './events.js';

/** A call that ran out of time has failed; one that was given up otherwise has not. */
export function lostOutcome({ timedOut }: Attempt): AttemptOutcome {
  return timedOut ? 'failed' : 'cancelled';
}

/** Clients abort with an error of this name when their own timeouts pass, and so does `AbortSignal.timeout()`. */
export function isTimeout(reason: unknown): boolean {
  return (reason as { readonly name?: unknown } | null | undefined)?.name === 'TimeoutError';
}

/** What a losing attempt is aborted with. */
export function lossReason(kind: CallEnd['kind']): DOMException {
  return kind === 'won'
    ? new DOMException('another attempt won', 'AbortError')
    : new DOMException('the call was given up', kind === 'timeout' ? 'TimeoutError' : 'AbortError');
}
