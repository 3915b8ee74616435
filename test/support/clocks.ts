import { systemClock, type Clock } from '@hedgerow/core';

/** Real time that counts the timers outstanding and can be moved on by hand. */
export interface TestClock extends Clock {
  /** Timers set and neither fired nor cancelled. */
  readonly pending: number;
  /** Moves time on and fires the timers that are due by then. */
  advance(ms: number): void;
}

interface TestTimer {
  readonly handle: unknown;
  readonly dueAt: number;
  readonly fire: () => void;
}

/** A {@link TestClock}. */
export function testClock(): TestClock {
  const timers = new Set<TestTimer>();
  let shift = 0;
  const now = (): number => systemClock.now() + shift;

  function clearTimeout(timer: unknown): void {
    timers.delete(timer as TestTimer);
    systemClock.clearTimeout((timer as TestTimer).handle);
  }

  return {
    ...systemClock,
    now,
    epochNow: () => systemClock.epochNow() + shift,
    get pending() {
      return timers.size;
    },
    setTimeout(callback, delayMs) {
      const fire = (): void => {
        clearTimeout(timer);
        callback();
      };
      const timer: TestTimer = { handle: systemClock.setTimeout(fire, delayMs), dueAt: now() + delayMs, fire };
      timers.add(timer);
      return timer;
    },
    clearTimeout,
    advance(ms) {
      shift += ms;
      for (const timer of [...timers].sort((a, b) => a.dueAt - b.dueAt)) {
        if (timer.dueAt <= now() && timers.has(timer)) timer.fire();
      }
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
