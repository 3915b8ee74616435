import type { HedgeCall, Settled, Steered } from '../call.js';
import { HedgeTimeoutError } from '../common/errors.js';
import type { Reporter } from '../common/reporter.js';

// What a race asks of its adapter. Responses and errors are whatever servers, mocks and other people's code make of them; whatever is
// thrown at the sight of them is said once, and the call settles all the same.

export function statusOf<T>(reporter: Reporter, call: HedgeCall<T>, settled: Settled<T>): number | undefined {
  try {
    const status: unknown = call.statusOf?.(settled);
    if (typeof status === 'number') return status;
    reporter.disown('`statusOf` of a call', status);
    return undefined;
  } catch (error) {
    reporter.warn('`statusOf` of a call threw', error);
    return undefined;
  }
}

export function headerOf<T>(reporter: Reporter, call: HedgeCall<T>, settled: Settled<T>, name: string): string | undefined {
  const header = reporter.ask('`headerOf` of a call', () => call.headerOf?.(settled, name));
  return typeof header === 'string' ? header : undefined;
}

/** What is no clear yes is a no. */
export function isGoodValue<T>(reporter: Reporter, call: HedgeCall<T>, value: T): boolean {
  return call.isAcceptable === undefined || reporter.ask('`isAcceptable` of a call', () => call.isAcceptable?.(value)) === true;
}

export function pushbackMsOf<T>(reporter: Reporter, call: HedgeCall<T>, settled: Settled<T>): number | undefined {
  if (call.pushbackMsOf === undefined) return undefined;
  const waitMs = reporter.ask('`pushbackMsOf` of a call', () => call.pushbackMsOf?.(settled));
  return typeof waitMs === 'number' && waitMs >= 0 ? waitMs : undefined;
}

/** Whether a hedge could be sent at once. */
export function hasRoom<T>(reporter: Reporter, call: HedgeCall<T>, steered: Steered | undefined): boolean {
  return reporter.ask('`hasRoom` of a call', () => call.hasRoom?.(steered)) !== false;
}

/** @returns a promise for the end of it, if it takes time. */
export function discard<T>(reporter: Reporter, call: HedgeCall<T>, settled: Settled<T>): unknown {
  try {
    return call.discard?.(settled);
  } catch (error) {
    reporter.warn('`discard` of a call threw', error);
    return undefined;
  }
}

export function keep<T>(reporter: Reporter, call: HedgeCall<T>, settled: Settled<T>, giveUp: () => void): void {
  reporter.tell('`keep` of a call', () => call.keep?.(settled, giveUp));
}

export function whenReleased<T>(reporter: Reporter, call: HedgeCall<T>, value: T, release: () => void): void {
  try {
    if (call.whenReleased === undefined) release();
    else call.whenReleased(value, release);
  } catch (error) {
    reporter.warn('`whenReleased` of a call threw', error);
    release();
  }
}

export function timeoutError<T>(reporter: Reporter, call: HedgeCall<T>, timeoutMs: number): unknown {
  return reporter.ask('`timeoutError` of a call', () => call.timeoutError?.(timeoutMs)) ?? new HedgeTimeoutError(timeoutMs);
}
