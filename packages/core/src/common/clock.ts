/** What a Hedger knows of time and chance; replace it to test or to simulate. */
export interface Clock {
  /** Monotonic milliseconds, with fractions. */
  readonly now: () => number;
  /** Wall-clock milliseconds since the epoch, for HTTP dates. */
  readonly epochNow: () => number;
  /** Calls `callback` once when about `delayMs` have passed; as soon as it can if that is not above 0. */
  readonly setTimeout: (callback: () => void, delayMs: number) => unknown;
  /** Cancels what `setTimeout` returned. */
  readonly clearTimeout: (handle: unknown) => void;
  /** Calls `callback` after the event loop has looked at its sockets once. */
  readonly afterPoll: (callback: () => void) => void;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  /**
   * Returns what lets `callback` run in the asynchronous context of this moment (AsyncLocalStorage, OpenTelemetry's, dd-trace's), once, whoever calls it
   * from wherever. Default: a promise reaction, which all runtimes run in the context in which it was attached. A simulation has no
   * contexts and may return the callback itself.
   */
  readonly bind?: ((callback: () => void) => () => void) | undefined;
  /**
   * Whether a timer belongs to the request that set it, and ends with it unfired: so it is in Cloudflare's workerd. Then calls share no timer, and
   * nothing is left for later. Default: no.
   */
  readonly isPerRequest?: boolean | undefined;
}

/** Runs what no call waits for, off the request path where there is such a place. */
export function runLater({ isPerRequest, afterPoll }: Clock, callback: () => void): void {
  if (isPerRequest === true) void Promise.resolve().then(callback);
  else afterPoll(callback);
}

/** A timer that does not keep the process alive. */
export function setWeakTimeout(clock: Clock, callback: () => void, delayMs: number): unknown {
  const timer = clock.setTimeout(callback, delayMs);
  (timer as { readonly unref?: () => unknown } | undefined)?.unref?.();
  return timer;
}

/** Lets the event loop look at its sockets once, from within a timer; at once if that was a fake one, whose time is moved on by a test. */
export function afterTimer({ afterPoll: own }: Clock, callback: () => void): void {
  if (own === systemClock.afterPoll && isFake(setTimeout)) callback();
  else own(callback);
}

interface ImmediateScope {
  readonly setImmediate?: (callback: () => void) => unknown;
  readonly Deno?: unknown;
}

/**
 * In Node, `setImmediate` runs after the poll phase that follows expired timers, so answers that were already waiting in
 * their sockets have been read by then. Deno has them read by the one after it. A browser has no such phase; a zero timer lets its queued events through.
 */
export function afterPoll({ setImmediate, Deno }: ImmediateScope): Clock['afterPoll'] {
  if (setImmediate === undefined) return (callback) => void setTimeout(callback, 0);
  if (Deno === undefined) return (callback) => void setImmediate(callback);
  return (callback) => void setImmediate(() => void setImmediate(callback));
}

/** Whether turns of the event loop can be told apart: where there is no `setImmediate` a timer stands in for it, which may be put off for long. */
export function hasPollPhase({ afterPoll: own, isPerRequest }: Clock): boolean {
  return isPerRequest !== true && (own !== systemClock.afterPoll || 'setImmediate' in globalThis);
}

/** sinon's, which jest and vitest use, say so. Where time stands still nothing waits in sockets, and tests expect what is due to happen as they move it on. */
function isFake(timer: object): boolean {
  return 'clock' in timer;
}

interface Surroundings extends ImmediateScope {
  readonly navigator?: { readonly userAgent?: unknown } | undefined;
}

/** workerd names itself so, wherever it runs; it has all of Node that else would tell them apart. */
export function isWorkerd({ navigator }: Surroundings): boolean {
  return navigator?.userAgent === 'Cloudflare-Workers';
}

/**
 * Real time, or what tests have put in its place (jest's fake timers, sinon's): timers are looked up when they are needed. What
 * waits for a poll waits for a real one, so that an abort comes through while fake time stands still. Delays are rounded to whole milliseconds, because Node truncates them: 3.9 would be 3. A second hedge may be overdue
 * when the first is launched, after the event loop was blocked; Node 22 and later warn of timers below zero.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  epochNow: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.max(0, Math.round(delayMs))),
  clearTimeout: (handle) => clearTimeout(handle as number),
  afterPoll: afterPoll(globalThis as ImmediateScope),
  random: () => Math.random(),
  isPerRequest: isWorkerd(globalThis),
};
