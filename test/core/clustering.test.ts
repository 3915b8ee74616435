import { describe, expect, it } from '@jest/globals';
import type * as clusterings from '../../packages/core/src/harm/clustering.js';
import { World } from './instant.js';
import { internal } from './internal.js';
import { seeded } from './traffic.js';

const { Blocks, Clustering } = (await import(internal('harm/clustering.js'))) as typeof clusterings;

/** The easing while primaries come that are slow as `isSlow` says. */
function easings(isSlow: (primary: number) => boolean, primaries: number): number[] {
  const clustering = new Clustering();
  const blocks = new Blocks(clustering);
  return Array.from({ length: primaries }, (_, primary) => {
    blocks.see(isSlow(primary));
    return clustering.easing;
  });
}

/** The least of it. */
function easingOf(isSlow: (primary: number) => boolean, primaries = 50_000): number {
  return easings(isSlow, primaries).reduce((least, easing) => Math.min(least, easing), 1);
}

/** The mean of it. */
function meanEasingOf(isSlow: (primary: number) => boolean, primaries = 50_000): number {
  return easings(isSlow, primaries).reduce((sum, easing) => sum + easing, 0) / primaries;
}

describe('clusters of slow requests', () => {
  it('are not seen in independent latencies, although the median is not quite known', () => {
    for (const share of [0.4, 0.5, 0.6]) {
      const chance = seeded(1);
      expect(easingOf(() => chance() < share)).toBe(1);
    }
  });

  it('are not seen in short pauses that slow a few dozen in flight', () => {
    const chance = seeded(4);
    let left = 0;
    const isSlow = (): boolean => {
      if (left > 0) return left-- > 0;
      if (chance() < 1 / 250) left = 16;
      return chance() < 0.08;
    };
    expect(meanEasingOf(isSlow)).toBeGreaterThan(0.95);
  });

  it('are not seen where one of three backends stalls for a few blocks, and the other two do not', () => {
    const chance = seeded(5);
    let left = 0;
    const isSlow = (): boolean => {
      if (left === 0 && chance() < 1 / 600) left = 60;
      return left > 0 ? left-- > 0 && chance() < 1 / 3 : chance() < 0.02;
    };
    expect(meanEasingOf(isSlow)).toBeGreaterThan(0.95);
  });

  it('ease the budget the more, the longer they are', () => {
    const inRunsOf = (length: number): number => {
      const chance = seeded(2);
      let current = false;
      return easingOf(() => {
        if (chance() < 1 / length) current = chance() < 0.5;
        return current;
      });
    };
    expect(inRunsOf(1)).toBe(1);
    expect(inRunsOf(10)).toBeLessThan(0.5);
    expect(inRunsOf(100)).toBeLessThan(0.2);
    expect(inRunsOf(100)).toBeGreaterThanOrEqual(1 / 16);
  });

  it('are not seen in one lasting change, beyond a while', () => {
    expect(easingOf((primary) => primary % 2 === 0 || primary > 5_000, 5_000)).toBe(1);
    expect(easingOf((primary) => (primary > 5_000 ? true : primary % 2 === 0))).toBeGreaterThan(0.3);
  });

  it('leave less of the budget to an origin that queues, and it shows', () => {
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
