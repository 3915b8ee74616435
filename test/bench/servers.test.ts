import { describe, expect, it } from '@jest/globals';
import { Arrivals } from '#bench/support/server/arrivals.js';
import { PreciseTimers } from '#bench/support/server/precise-timers.js';
import { Receipts } from '#bench/support/server/receipts.js';

describe('latencies of arrivals', () => {
  it('are the same for the same attempt of the same call, in whatever order requests come', () => {
    const [one, other] = [new Arrivals(), new Arrivals()];
    const first = [one.next('a', 1), one.next('a', 1), one.next('a', 2)];
    const second = [other.next('b', 2), other.next('b', 1), other.next('b', 1)];
    expect(second).toEqual([first[2], first[0], first[1]]);
    expect(new Set(first).size).toBe(3);
  });

  it('count attempts lane by lane', () => {
    const arrivals = new Arrivals();
    expect(arrivals.next('a', 1)).toBe(arrivals.next('b', 1));
  });

  it('begin again', () => {
    const arrivals = new Arrivals();
    const before = arrivals.next('a', 1);
    arrivals.begin({ seed: 1 });
    expect(arrivals.next('a', 1)).toBe(before);
    arrivals.begin({ seed: 2 });
    expect(arrivals.next('a', 1)).not.toBe(before);
  });

  it('repeat and grow as asked', () => {
    const arrivals = new Arrivals();
    arrivals.begin({ seed: 1, repeatAfter: 10 });
    const before = arrivals.next('a', 3);
    expect(arrivals.next('a', 13)).toBe(before);
    arrivals.factor = 3;
    expect(arrivals.next('a', 23)).toBe(3 * before);
  });
});

describe('receipts', () => {
  it('are counted by lane, and know when nothing is in progress', async () => {
    const receipts = new Receipts();
    const [first, second] = [receipts.begin('a'), receipts.begin('b')];
    let idle = false;
    const waited = receipts.idle().then(() => (idle = true));
    first();
    first();
    await Promise.resolve();
    expect(idle).toBe(false);
    second();
    await waited;
    receipts.begin('a');
    expect(receipts.received).toEqual({ a: 2, b: 1 });
  });
});

describe('precise timers', () => {
  interface Fired {
    /** Between these it was due: the clock is read in between. */
    readonly fromMs: number;
    readonly toMs: number;
    readonly atMs: number;
  }

  /** Waits until so many timers have called back, in the order in which they do. */
  async function fire(timers: PreciseTimers, delaysMs: readonly number[]): Promise<readonly Fired[]> {
    return await new Promise((resolve) => {
      const fired: Fired[] = [];
      for (const delayMs of delaysMs) {
        const fromMs = performance.now() + delayMs;
        timers.after(delayMs, () => {
          fired.push({ fromMs, toMs, atMs: performance.now() });
          if (fired.length === delaysMs.length) resolve(fired);
        });
        const toMs = performance.now() + delayMs;
      }
    });
  }

  it('come in order, and never early', async () => {
    const fired = await fire(new PreciseTimers(), [15.5, 1.25, 29.75, 0, 15.25]);
    for (const { fromMs, atMs } of fired) expect(atMs).toBeGreaterThanOrEqual(fromMs);
    fired.slice(1).forEach(({ toMs }, index) => expect(fired[index]?.fromMs).toBeLessThanOrEqual(toMs));
  });

  it('do not come once cancelled', async () => {
    const timers = new PreciseTimers();
    let called = false;
    const cancel = timers.after(2, () => (called = true));
    cancel();
    await fire(timers, [6]);
    expect(called).toBe(false);
  });

  it('wait while frozen', async () => {
    const timers = new PreciseTimers();
    const thawMs = performance.now() + 20;
    timers.freeze(20);
    for (const { atMs } of await fire(timers, [1, 5])) expect(atMs).toBeGreaterThanOrEqual(thawMs);
  });
});
