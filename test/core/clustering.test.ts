import { describe, expect, it } from '@jest/globals';
import { CallOrder } from '#core/harm/call-order.js';
import { Clustering } from '#core/harm/clustering.js';
import { World } from './instant.js';
import { seeded } from './traffic.js';

/** A tenth of the primaries takes longer. */
const SLOWNESS = { ms: 10, share: 0.1 };
const QUICK_MS = 5;
const SLOW_MS = 20;

interface Settings {
  readonly clustering?: Clustering;
  /** A call begins so many milliseconds after the one before. */
  readonly gapMs?: number;
}

/** Calls of a route, one after the other: each ends before the next begins, unless it waits. */
class Calls {
  readonly clustering: Clustering;
  readonly order: CallOrder;
  nowMs = 0;
  private readonly gapMs: number;
  private begun = 0;

  constructor({ clustering = new Clustering(), gapMs = 40 }: Settings = {}) {
    this.clustering = clustering;
    this.order = new CallOrder({ slowness: SLOWNESS }, clustering);
    this.gapMs = gapMs;
  }

  begin(): number {
    this.nowMs += this.gapMs;
    this.order.begin(++this.begun, this.nowMs);
    return this.begun;
  }

  end(call: number, elapsedMs: number, isOvertaken = false, isAnswered = true): void {
    this.order.end(call, { elapsedMs, isAnswered, isOvertaken }, this.nowMs);
  }

  /** So many calls, slow as `isSlow` says. */
  follow(calls: number, isSlow: (call: number) => boolean): this {
    for (let call = 0; call < calls; call++) this.end(this.begin(), isSlow(call) ? SLOW_MS : QUICK_MS);
    return this;
  }
}

/** What a clustering is told. */
class Told extends Clustering {
  readonly pairs: boolean[] = [];
  override add(isFollowed: boolean): void {
    this.pairs.push(isFollowed);
  }
}

/** Slow with the same probability, but in runs of this mean length. */
function inRunsOf(length: number, seed = 2): () => boolean {
  const chance = seeded(seed);
  let isSlow = false;
  return () => {
    if (chance() < 1 / length) isSlow = chance() < SLOWNESS.share;
    return isSlow;
  };
}

describe('slow calls that follow slow calls', () => {
  it('by chance leave the budget alone', () => {
    const eased = Array.from({ length: 20 }, (_, seed) => {
      const chance = seeded(seed);
      return new Calls().follow(20_000, () => chance() < SLOWNESS.share).clustering.easing;
    });
    expect(eased.filter((easing) => easing === 1).length).toBeGreaterThanOrEqual(18);
  });

  it('oftener than by chance ease it, down to a 32nd', () => {
    const easingOf = (length: number): number => new Calls().follow(50_000, inRunsOf(length)).clustering.easing;
    expect(easingOf(1)).toBe(1);
    expect(easingOf(1.1)).toBeLessThan(0.6);
    for (const length of [2, 10, 100]) expect(easingOf(length)).toBeCloseTo(1 / 32, 1);
  });

  it('are remembered for 256 slow calls', () => {
    const calls = new Calls();
    for (let pair = 0; pair < 5_000; pair++) calls.clustering.add(true, SLOWNESS.share, pair * 400);
    expect(calls.clustering.easing).toBeCloseTo(1 / 32);
    const easings = Array.from({ length: 400 }, (_, pair) => {
      calls.clustering.add(false, SLOWNESS.share, (5_000 + pair) * 400);
      return calls.clustering.easing;
    });
    // (1 − 1 / 256)ⁿ of the greatest lift, 1.3 × 32^(1 / 13), is the calm 1.3 after n = ln(32) / 13 × 256 slow calls.
    expect(easings.findIndex((easing) => easing === 1)).toBe(Math.ceil((Math.log(32) / 13) * 255.5) - 1);
  });

  it('are remembered for ten seconds, however many there are', () => {
    const calls = new Calls();
    const second = (isFollowed: boolean): void => {
      for (let pair = 0; pair < 1_000; pair++) calls.clustering.add(isFollowed, SLOWNESS.share, (calls.nowMs += 1));
    };
    for (let seconds = 0; seconds < 20; seconds++) second(true);
    expect(calls.clustering.easing).toBeCloseTo(1 / 32);
    second(false);
    expect(calls.clustering.easing).toBeLessThan(0.2);
    for (let seconds = 0; seconds < 3; seconds++) second(false);
    expect(calls.clustering.easing).toBe(1);
  });

  it('count for less once the origin was out, which the brake is for', () => {
    const calls = new Calls();
    for (let pair = 0; pair < 5_000; pair++) calls.clustering.add(true, SLOWNESS.share, pair * 400);
    calls.order.outage = false;
    expect(calls.clustering.easing).toBeCloseTo(1 / 32);
    calls.order.outage = true;
    expect(calls.clustering.easing).toBeCloseTo((1.3 / 1.5) ** 13);
  });

  it('are no cause for alarm where hedges are sooner than their primaries', () => {
    const calls = new Calls();
    const isSlow = inRunsOf(10);
    for (let call = 0; call < 20_000; call++) calls.end(calls.begin(), isSlow() ? SLOW_MS : QUICK_MS, true);
    expect(calls.clustering.easing).toBe(1);
  });
});

describe('the order of calls', () => {
  it('is that of their beginnings: each slow call is told with the next', () => {
    const told = new Told();
    const calls = new Calls({ clustering: told });
    const [first, second, third, fourth] = [calls.begin(), calls.begin(), calls.begin(), calls.begin()];
    calls.end(fourth, SLOW_MS);
    calls.end(second, SLOW_MS);
    expect(told.pairs).toEqual([]);
    calls.end(first, SLOW_MS);
    expect(told.pairs).toEqual([true]);
    calls.end(third, QUICK_MS);
    expect(told.pairs).toEqual([true, false]);
    calls.end(calls.begin(), QUICK_MS);
    expect(told.pairs).toEqual([true, false, false]);
  });

  it('says nothing of a call that was given up sooner than is slow', () => {
    const told = new Told();
    const calls = new Calls({ clustering: told });
    calls.end(calls.begin(), SLOW_MS);
    calls.end(calls.begin(), QUICK_MS, false, false);
    calls.end(calls.begin(), SLOW_MS, false, false);
    calls.end(calls.begin(), SLOW_MS);
    calls.end(calls.begin(), QUICK_MS);
    expect(told.pairs).toEqual([true, false]);
  });

  it('says nothing while the origin is out', () => {
    const told = new Told();
    const calls = new Calls({ clustering: told });
    calls.order.outage = true;
    calls.follow(100, () => true);
    expect(told.pairs).toEqual([]);
    calls.order.outage = false;
    calls.follow(2, () => true);
    expect(told.pairs).toEqual([true, true]);
  });

  it('takes what still waits after 256 others for what is known of it by then', () => {
    const told = new Told();
    const calls = new Calls({ clustering: told, gapMs: 1 });
    const waiting = calls.begin();
    calls.follow(255, (call) => call === 0);
    expect(told.pairs).toEqual([]);
    calls.follow(1, () => false);
    expect(told.pairs).toEqual([true, false]);
    calls.end(waiting, SLOW_MS);
    expect(told.pairs).toEqual([true, false]);
  });

  it('is not kept before it is known what is slow', () => {
    const told = new Told();
    const route: { slowness: typeof SLOWNESS | undefined } = { slowness: undefined };
    const order = new CallOrder(route, told);
    const slow = (call: number): void => order.end(call, { elapsedMs: SLOW_MS, isAnswered: true, isOvertaken: false }, call);
    order.begin(1, 0);
    order.begin(2, 1);
    expect(order.isInWave(2, 1_000)).toBe(false);
    route.slowness = SLOWNESS;
    slow(1);
    order.begin(3, 2);
    order.begin(4, 3);
    for (const call of [2, 3, 4]) slow(call);
    expect(told.pairs).toEqual([true]);
  });
});

describe('a wave of late calls', () => {
  it('is three that wait, right before a call, all of them later than is usual', () => {
    const calls = new Calls({ gapMs: 1 });
    const [, , , fourth] = [calls.begin(), calls.begin(), calls.begin(), calls.begin()];
    expect(calls.order.isInWave(fourth, calls.nowMs - 1 + SLOWNESS.ms - 0.5)).toBe(false);
    expect(calls.order.isInWave(fourth, calls.nowMs - 1 + SLOWNESS.ms)).toBe(true);
    calls.end(2, SLOW_MS);
    expect(calls.order.isInWave(fourth, calls.nowMs - 1 + SLOWNESS.ms)).toBe(false);
  });

  it('is not two of them, unless they have waited twice as long, and no later one was answered in that time', () => {
    const calls = new Calls({ gapMs: 1 });
    const [first, , third] = [calls.begin(), calls.begin(), calls.begin()];
    calls.end(first, QUICK_MS);
    const fourth = calls.begin();
    expect(calls.order.isInWave(third, calls.nowMs + SLOWNESS.ms)).toBe(false);
    calls.end(third, SLOW_MS);
    // The last call that is old is the second, then the third, which was answered.
    expect(calls.order.isInWave(fourth, 2 + 2 * SLOWNESS.ms)).toBe(false);
    expect(calls.order.isInWave(fourth, 3 + 2 * SLOWNESS.ms)).toBe(false);

    const stuck = new Calls({ gapMs: 100 });
    const [, , late] = [stuck.begin(), stuck.begin(), stuck.begin()];
    expect(stuck.order.isInWave(late, stuck.nowMs + SLOWNESS.ms)).toBe(true);
  });

  it('refuses hedges as an overload does, so a stall costs a client of few calls half of what its budget would', () => {
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

describe('an origin that queues', () => {
  it('is left less of the budget, and it shows', () => {
    const random = seeded(3);
    const isBusy = Array.from({ length: 10_000 }, () => random() < 0.4);
    const change = (nowMs: number, ms: number): number => (isBusy[Math.floor(nowMs / 100) % isBusy.length] === true ? 20 + 3 * ms : ms);
    const rate = (brake: boolean): number => {
      const world = new World({ change, hedger: { budget: { brake }, efficacy: false } });
      world.hedgeRate(10_000);
      const hedged = world.hedgeRate(20_000);
      expect(world.hedger.stats().suppressions.overload > 100).toBe(brake);
      return hedged;
    };
    expect(rate(true)).toBeLessThan(0.7 * rate(false));
  });
});
