import type { Attempt } from './attempt.js';
import { setWeakTimeout, type Clock } from '../common/clock.js';
import type { AttemptOutcome, CallEnd } from '../reporting/events.js';

/** A call that ran out of time has failed; one that was given up otherwise has not. */
export function lostOutcome({ timedOut }: Attempt): AttemptOutcome {
  return timedOut ? 'failed' : 'cancelled';
}

/** Clients abort with an error of this name when their own timeouts pass, and so does `AbortSignal.timeout()`. */
export function isTimeout(reason: unknown): boolean {
  try {
    return (reason as { readonly name?: unknown }).name === 'TimeoutError';
  } catch {
    return false; // it is nothing, or refuses to be asked
  }
}

/** What a losing attempt is aborted with. */
export function lossReason(kind: CallEnd['kind']): DOMException {
  return kind === 'won'
    ? new DOMException('another attempt won', 'AbortError')
    : new DOMException('the call was given up', kind === 'timeout' ? 'TimeoutError' : 'AbortError');
}

/** Aborts an attempt whose body nobody reads, unless it has been `drained` in time. */
export function abortUnless(drained: PromiseLike<unknown>, clock: Clock, attempt: Attempt, drainMs: number): void {
  if (attempt.aborted) return;
  const timer = setWeakTimeout(clock, () => attempt.abort(lossReason('won')), drainMs);
  const stop = (): void => clock.clearTimeout(timer);
  drained.then(stop, stop);
}
