import { systemClock, type Clock } from '@hedgerow/core';

/** Real time that counts the timers outstanding and can be moved on by hand. */
export interface TestClock extends Clock {
  /** Timers set and neither fired nor cancelled. */
  readonly pending: number;
  /** Moves `now` and `epochNow` on. Timers that run already are not moved. */
  advance(ms: number): void;
}

/** A {@link TestClock}. */
export function testClock(): TestClock {
  const timers = new Set<symbol>();
  let shift = 0;
  return {
    ...systemClock,
    get pending() {
      return timers.size;
    },
    advance(ms) {
      shift += ms;
    },
    now: () => systemClock.now() + shift,
    epochNow: () => systemClock.epochNow() + shift,
    setTimeout(callback, delayMs) {
      const id = Symbol('timer');
      timers.add(id);
      const handle = systemClock.setTimeout(() => {
        timers.delete(id);
        callback();
      }, delayMs);
      return { id, handle };
    },
    clearTimeout(timer) {
      const { id, handle } = timer as { id: symbol; handle: unknown };
      timers.delete(id);
      systemClock.clearTimeout(handle);
    },
  };
}

/** A clock that stands still, its timers with it, until it is started; from then on real time. */
export interface StandingClock extends Clock {
  start(): void;
}

/** A {@link StandingClock}; `overrides` replace parts of the system clock it is made of. */
export function standingClock(overrides: Partial<Clock> = {}): StandingClock {
  const base = { ...systemClock, ...overrides };
  const waiting = new Set<{ run: () => void }>();
  const zero = base.now();
  let startedAt: number | undefined;
  return {
    ...base,
    now: () => (startedAt === undefined ? zero : zero + base.now() - startedAt),
    setTimeout(callback, delayMs) {
      let handle: unknown;
      const timer = { run: () => void (handle = base.setTimeout(callback, delayMs)), cancel: () => base.clearTimeout(handle) };
      if (startedAt === undefined) waiting.add(timer);
      else timer.run();
      return timer;
    },
    clearTimeout(timer) {
      waiting.delete(timer as { run: () => void });
      (timer as { cancel: () => void }).cancel();
    },
    start() {
      startedAt = base.now();
      for (const timer of waiting) timer.run();
      waiting.clear();
    },
  };
}
