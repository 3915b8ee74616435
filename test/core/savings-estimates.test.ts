import { describe, expect, it } from '@jest/globals';
import { Attempt } from '#core/race/attempt.js';
import type { Place } from '#core/routes/place.js';
import type { SurvivalCurve } from '#core/latency/survival-curve.js';
import { expectedSavingMs, residualMs } from '#core/savings/estimates.js';
import { Savings } from '#core/savings/savings.js';
import { FakeClock } from './fake-clock.js';

/** Latencies uniform from 0 to 100 ms: S(t) = 1 − t / 100. */
function uniform(seenUpToMs = 100): SurvivalCurve {
  const within = (ms: number): number => Math.min(Math.max(ms, 0), 100);
  return {
    seenUpToMs,
    runningAt: (ms: number) => 1 - within(ms) / 100,
    meanUpToMs: (ms: number) => within(ms) - within(ms) ** 2 / 200,
  } as unknown as SurvivalCurve;
}

describe('the time that a request would still have run', () => {
  it.each([[0, 50], [40, 30], [90, 5], [100, 0], [150, 0]])('after %d ms is %d ms on average', (elapsedMs, expectedMs) => {
    expect(residualMs(uniform(), elapsedMs)).toBeCloseTo(expectedMs, 9);
  });

  it('counts nothing beyond what was seen', () => {
    expect(residualMs(uniform(80), 40)).toBeCloseTo((48 - 32) / 0.6, 9);
    expect([80, 90].map((ms) => residualMs(uniform(80), ms))).toEqual([0, 0]);
  });
});

describe('what hedges would have saved', () => {
  it('is E[max(0, T₁ − d − T₂)] for one', () => {
    expect(expectedSavingMs(uniform(), 60, [20])).toBeCloseTo(8, 9);
    expect([20, 10].map((tookMs) => expectedSavingMs(uniform(), tookMs, [20]))).toEqual([0, 0]);
    expect(expectedSavingMs(uniform(), 60, [])).toBe(0);
  });

  it('is the integral over both for two', () => {
    expect(expectedSavingMs(uniform(), 60, [20, 40])).toBeCloseTo(28 / 3, 3);
    expect(expectedSavingMs(uniform(), 15, [20, 40])).toBe(0);
  });
});

describe('savings', () => {
  /** A route whose curve is known, and how often it was asked for it. */
  function routeOf(curve: SurvivalCurve | undefined): { place: Place; asked: () => number } {
    let asked = 0;
    return { place: { curve: () => (asked++, curve) } as unknown as Place, asked: () => asked };
  }

  function attempts(): readonly [Attempt, Attempt] {
    return [new Attempt(0, 0), new Attempt(1, 10)];
  }

  it('are the mean of what the winners’ primaries had left', () => {
    const { place } = routeOf(uniform());
    const savings = new Savings(new FakeClock());
    for (const tookMs of [40, 0]) {
      const [primary, hedge] = attempts();
      savings.settle(place, [primary, hedge], hedge, tookMs);
    }
    expect(savings.stats()).toMatchObject({ savedMs: 80, savedMsPerWin: 40 });
    expect(savings.shadowStats()).toEqual({ hedges: 0, calls: 0, savedMs: 0 });
  });

  it('are nothing where the primary won, nobody won, the primary had failed, or nothing is known', () => {
    const { place } = routeOf(uniform());
    const savings = new Savings(new FakeClock());
    const [primary, hedge] = attempts();
    savings.settle(place, [primary, hedge], primary, 40);
    savings.settle(place, [primary, hedge], undefined, 40);
    savings.settle(routeOf(undefined).place, [primary, hedge], hedge, 40);
    primary.end('failed', 20);
    savings.settle(place, [primary, hedge], hedge, 40);
    expect(savings.stats()).toMatchObject({ savedMs: 0, savedMsPerWin: undefined });
  });

  it('are estimated off the request path: every second or 250 calls, a curve for each route', async () => {
    const { place, asked } = routeOf(uniform());
    const clock = new FakeClock();
    const savings = new Savings(clock);
    const win = (times: number): void => {
      const [primary, hedge] = attempts();
      for (let call = 0; call < times; call++) savings.settle(place, [primary, hedge], hedge, 40);
    };
    win(2);
    expect([asked(), clock.pending]).toEqual([0, 1]);
    await clock.advance(0);
    expect(asked()).toBe(1);
    win(249);
    expect(clock.pending).toBe(0);
    win(1);
    expect(clock.pending).toBe(1);
    await clock.advance(999);
    expect(asked()).toBe(2);
    win(1);
    expect(clock.pending).toBe(0);
    await clock.advance(1);
    win(2);
    expect(clock.pending).toBe(1);
    await clock.advance(0);
    expect([asked(), clock.pending]).toEqual([3, 0]);
    expect(savings.stats().savedMs).toBeCloseTo(255 * 30, 6);
    savings.stats();
    expect(asked()).toBe(3);
    win(1);
    expect(clock.pending).toBe(0); // looking without anything new is no estimate
    await clock.advance(1_000);
    savings.stats();
    win(1);
    expect(clock.pending).toBe(0); // looking is one otherwise
  });

  it('of shadows are those of calls that were won', () => {
    const { place } = routeOf(uniform());
    const savings = new Savings(new FakeClock());
    savings.shadow(place, [20], true, 60);
    savings.shadow(place, [20, 40], false, 60);
    expect(savings.shadowStats()).toEqual({ hedges: 3, calls: 2, savedMs: expect.closeTo(8, 9) });
    expect(savings.stats()).toEqual({ savedMs: 0, savedMsPerWin: undefined, wastedMs: 0 });
  });
});
