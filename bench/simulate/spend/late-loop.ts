import { Hedger, type AttemptContext, type Clock } from '@hedgerow/core';
import { lognormalTime } from '#cli/simulate/service-time.js';
import { VirtualClock } from '#cli/simulate/clock.js';
import { exponential, type Random } from '#cli/simulate/random.js';

/** What comes of a run. */
export interface LateRun {
  /** Hedges per call. */
  readonly sent: number;
  readonly latencies: Float64Array;
}

export interface LateLoop {
  readonly calls: number;
  readonly warmup: number;
  readonly inFlight: number;
  /** By how much timers fire late, in milliseconds: the mean of an exponential distribution. */
  readonly lateMs: number;
}

/** A closed loop of calls of the reference workload, on a virtual event loop whose timers fire late. Answers are read when they come. */
export function runLate({ calls, warmup, inFlight, lateMs }: LateLoop, random: Random): LateRun {
  const virtual = new VirtualClock(random);
  const service = lognormalTime();
  const latencies = new Float64Array(calls);
  let started = 0;
  let ended = 0;
  let hedgesBefore = 0;
  const clock: Clock = {
    now: virtual.now,
    epochNow: virtual.epochNow,
    random,
    bind: virtual.bind,
    clearTimeout: virtual.clearTimeout,
    afterPoll: virtual.afterPoll,
    setTimeout: (callback, delayMs) => virtual.setTimeout(callback, delayMs + lateMs * exponential(random)),
  };
  const hedger = new Hedger({
    clock,
    onComplete: ({ durationMs }) => {
      if (ended === warmup) hedgesBefore = hedger.stats().attempts.hedge;
      if (ended >= warmup) latencies[ended - warmup] = durationMs;
      ended++;
      begin();
    },
  });
  const start = (attempt: AttemptContext): PromiseLike<string> => answer(virtual, service.draw(random), attempt);
  const begin = (): void => {
    if (started++ < calls + warmup) void hedger.run({ request: { method: 'GET', url: 'http://service.test/item' }, start });
  };
  for (let call = 0; call < inFlight; call++) begin();
  while (ended < calls + warmup && virtual.step());
  return { sent: (hedger.stats().attempts.hedge - hedgesBefore) / calls, latencies: latencies.sort() };
}

/** Comes after `afterMs` of virtual time, at once: no promise is waited for. */
function answer(clock: VirtualClock, afterMs: number, attempt: AttemptContext): PromiseLike<string> {
  return {
    then: (onValue) => {
      const timer = clock.setTimeout(() => void onValue?.('answer'), afterMs);
      attempt.onAbort(() => clock.clearTimeout(timer));
      return undefined as never;
    },
  };
}
