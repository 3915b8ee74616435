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
  /** Waits until so many timers have called back; returns by how much each was late. */
  async function lateness(timers: PreciseTimers, delaysMs: readonly number[]): Promise<readonly (readonly [number, number])[]> {
    const startMs = performance.now();
    return await new Promise((resolve) => {
      const fired: [number, number][] = [];
      for (const delayMs of delaysMs) {
        timers.after(delayMs, () => {
          fired.push([delayMs, performance.now() - startMs - delayMs]);
          if (fired.length === delaysMs.length) resolve(fired);
        });
      }
    });
  }

  it('come in order, and never early', async () => {
    const fired = await lateness(new PreciseTimers(), [5.5, 1.25, 9.75, 0, 5.25]);
    expect(fired.map(([delayMs]) => delayMs)).toEqual([0, 1.25, 5.25, 5.5, 9.75]);
    for (const [, lateMs] of fired) expect(lateMs).toBeGreaterThanOrEqual(0);
  });

  it('do not come once cancelled', async () => {
    const timers = new PreciseTimers();
    let called = false;
    const cancel = timers.after(2, () => (called = true));
    cancel();
    await lateness(timers, [6]);
    expect(called).toBe(false);
  });

  it('wait while frozen', async () => {
    const timers = new PreciseTimers();
    timers.freeze(20);
    const fired = await lateness(timers, [1, 5]);
    for (const [delayMs, lateMs] of fired) expect(delayMs + lateMs).toBeGreaterThanOrEqual(20);
  });
});
