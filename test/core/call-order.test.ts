import { describe, expect, it } from '@jest/globals';
import { CallOrder } from '#core/harm/call-order.js';
import { World } from './instant.js';

/** Nine in ten take no longer. */
const SLOWNESS = { ms: 10, share: 0.1 };

/** Calls of a route that begin so many milliseconds after one another, and wait. */
class Calls {
  readonly order = new CallOrder({ slowness: SLOWNESS });
  nowMs = 0;
  private readonly gapMs: number;
  private begun = 0;

  constructor(gapMs: number) {
    this.gapMs = gapMs;
  }

  begin(): number {
    this.nowMs += this.gapMs;
    this.order.begin(++this.begun, this.nowMs);
    return this.begun;
  }
}

describe('a wave of late calls', () => {
  it('is three that wait, right before a call, all of them later than is usual', () => {
    const calls = new Calls(1);
    const [, , , fourth] = [calls.begin(), calls.begin(), calls.begin(), calls.begin()];
    const thirdIsLateAtMs = calls.nowMs - 1 + SLOWNESS.ms;
    expect(calls.order.isInWave(fourth, thirdIsLateAtMs - 0.5)).toBe(false);
    expect(calls.order.isInWave(fourth, thirdIsLateAtMs)).toBe(true);
    calls.order.end(2);
    expect(calls.order.isInWave(fourth, thirdIsLateAtMs)).toBe(false);
  });

  it('is three that have waited as long as the call itself, where hedges are sooner than is slow', () => {
    const calls = new Calls(1);
    const [first, , , fourth] = [calls.begin(), calls.begin(), calls.begin(), calls.begin()];
    const soonMs = calls.nowMs + SLOWNESS.ms / 2;
    expect([calls.order.isInWave(fourth, soonMs), calls.order.isInWave(fourth, soonMs, true)]).toEqual([false, true]);
    calls.order.end(first);
    expect(calls.order.isInWave(fourth, soonMs, true)).toBe(false);
  });

  it('is the last two that have waited twice as long', () => {
    const calls = new Calls(100);
    const [first, , third] = [calls.begin(), calls.begin(), calls.begin()];
    expect(calls.order.isInWave(third, calls.nowMs + SLOWNESS.ms)).toBe(true);
    calls.order.end(first);
    expect(calls.order.isInWave(third, calls.nowMs + SLOWNESS.ms)).toBe(false);
  });

  it('is none where the last that is old was answered', () => {
    const calls = new Calls(100);
    const [, , third] = [calls.begin(), calls.begin(), calls.begin()];
    const fourth = calls.begin();
    calls.order.end(third);
    expect(calls.order.isInWave(fourth, calls.nowMs + SLOWNESS.ms)).toBe(false);
  });

  it('is none of calls that 256 others have followed', () => {
    const calls = new Calls(0.001);
    const stuck = Array.from({ length: 3 }, () => calls.begin());
    for (let call = 0; call < 256; call++) calls.order.end(calls.begin());
    for (const call of stuck) calls.order.end(call);
    expect(calls.order.isInWave(calls.begin(), calls.nowMs + 1_000)).toBe(false);
  });

  it('is not seen before it is known what is slow', () => {
    const route: { slowness: typeof SLOWNESS | undefined } = { slowness: undefined };
    const order = new CallOrder(route);
    for (const call of [1, 2, 3, 4]) order.begin(call, call);
    expect(order.isInWave(4, 1_000)).toBe(false);
    route.slowness = SLOWNESS;
    expect(order.isInWave(4, 1_000)).toBe(false);
    for (const call of [5, 6, 7, 8]) order.begin(call, call);
    expect(order.isInWave(8, 1_000)).toBe(true);
  });

  it('is not hedged, so a stall costs a client of few calls half of what its budget would', () => {
    const stallFromMs = 60_000;
    const hedgesIn = (brake: boolean): number => {
      const world = new World({
        callsPerSecond: 5,
        hedger: { budget: { brake }, efficacy: false, delay: { quantile: 0.9 } },
        change: (nowMs, ms) => (nowMs >= stallFromMs && nowMs < stallFromMs + 5_000 ? stallFromMs + 5_000 - nowMs + ms : ms),
      });
      world.hedgeRate(stallFromMs - 3_000);
      const before = world.hedger.stats().attempts.hedge;
      world.hedgeRate(9_000);
      return world.hedger.stats().attempts.hedge - before;
    };
    expect(hedgesIn(true)).toBeLessThan(0.6 * hedgesIn(false));
  });
});
