import { describe, expect, it } from '@jest/globals';
import { Lift } from '#core/harm/lift.js';
import { World } from './instant.js';
import { seeded } from './traffic.js';

const SHARE = 0.1;

/** Primaries that are answered steadily, so many per second, and slow as `isSlow` says. */
function easings(perSecond: number, seconds: number, isSlow: (nowMs: number) => boolean, lift = new Lift()): number[] {
  return Array.from({ length: perSecond * seconds }, (_, primary) => {
    const nowMs = (primary * 1_000) / perSecond;
    lift.see(isSlow(nowMs), SHARE, nowMs);
    return lift.easing;
  });
}

function least(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => Math.min(a, b), 1);
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((a, b) => a + b, 0) / numbers.length;
}

/** Times with their own chance of slow calls: busy for a while, quiet for another, a tenth in the mean. */
function inSpells(spellMs: number, seed: number): (nowMs: number) => boolean {
  const chance = seeded(seed);
  let until = 0;
  let isBusy = false;
  return (nowMs) => {
    while (nowMs >= until) {
      isBusy = chance() < 0.3;
      until += spellMs;
    }
    return chance() < (isBusy ? 0.3 : 0.014);
  };
}

describe('the lift of slow calls', () => {
  it.each([20, 100, 1_000, 10_000])('leaves the budget alone where latencies are independent, at %i calls a second', (perSecond) => {
    for (const seed of [1, 2, 3]) {
      const chance = seeded(seed);
      expect(least(easings(perSecond, Math.max(20, 40_000 / perSecond), () => chance() < SHARE))).toBe(1);
    }
  });

  it('does not take an event loop for a queue that holds up all that is in flight for some 40 ms', () => {
    const chance = seeded(4);
    let heldUntilMs = 0;
    const isSlow = (nowMs: number): boolean => {
      if (chance() < 1 / 2_000) heldUntilMs = nowMs + 40;
      return nowMs < heldUntilMs || chance() < 0.06;
    };
    expect(mean(easings(1_000, 200, isSlow))).toBeGreaterThan(0.97);
  });

  it('does not take one of three backends for a queue that stalls for 150 ms every 1.5 s', () => {
    const chance = seeded(5);
    // A call to it ends with the stall; others were overtaken, or a straggler.
    const isSlow = (nowMs: number): boolean => (nowMs % 1_500 >= 140 && nowMs % 1_500 < 150 ? chance() < 0.8 : chance() < 0.09);
    expect(mean(easings(400, 200, isSlow))).toBeGreaterThan(0.97);
  });

  it('eases the budget where slow periods follow slow ones, to a twentieth at most, and lets it be when that is over', () => {
    const lift = new Lift();
    const bad = easings(1_000, 120, inSpells(1_000, 6), lift);
    expect(bad[100 * 1_000]).toBeLessThan(0.1);
    expect(least(bad)).toBeCloseTo((1.35 / 1.7) ** 13, 9);
    const chance = seeded(7);
    const after = Array.from({ length: 60_000 }, (_, call) => {
      lift.see(chance() < SHARE, SHARE, 120_000 + call);
      return lift.easing;
    });
    expect(after.findIndex((easing) => easing === 1)).toBeGreaterThan(0);
    expect(after.at(-1)).toBe(1);
  });

  it('sees it in few calls as well, for each of a thousand clients has but a few', () => {
    expect(mean(easings(20, 1_200, inSpells(2_000, 8)).slice(-6_000))).toBeLessThan(0.3);
  });

  it('looks for no pattern over pauses of more than a second', () => {
    const lift = new Lift();
    for (let time = 0; time < 2_000_000; time += 2_000) for (let call = 0; call < 20; call++) lift.see(true, SHARE, time);
    expect(lift.easing).toBe(1);
    for (let time = 2_000_000; time < 3_000_000; time += 1_100) for (let call = 0; call < 20; call++) lift.see(true, SHARE, time);
    expect(lift.easing).toBeLessThan(0.1);
  });

  it('learns nothing while it is held, and believes less of what it had learnt', () => {
    const lift = new Lift();
    lift.hold(true);
    expect(least(easings(1_000, 60, inSpells(1_000, 6), lift))).toBe(1);
    lift.hold(false);
    easings(1_000, 120, inSpells(1_000, 6), lift);
    expect(lift.easing).toBeLessThan(0.1);
    lift.hold(true);
    expect(lift.easing).toBeCloseTo((1.35 / 1.5) ** 13, 9);
  });

  it.each([[0.02, true], [0.1, false]])('goes by what is usual for the route: with a share of %d, spells with four slow calls in a hundred are a queue: %s', (share, isQueue) => {
    const lift = new Lift();
    const chance = seeded(9);
    const isSlow = (nowMs: number): boolean => Math.floor(nowMs / 3_000) % 2 === 0 && chance() < 0.04;
    let lowest = 1;
    for (let call = 0; call < 300_000; call++) {
      lift.see(isSlow(call), share, call);
      lowest = Math.min(lowest, lift.easing);
    }
    expect(lowest < 0.5).toBe(isQueue);
  });

  it('leaves less of the budget to an origin that queues, and it shows', () => {
    const random = seeded(3);
    const isBusy = Array.from({ length: 10_000 }, () => random() < 0.15);
    const change = (nowMs: number, ms: number): number => (isBusy[Math.floor(nowMs / 1_000) % isBusy.length] === true ? 20 + 3 * ms : ms);
    const rate = (brake: boolean): number => {
      const world = new World({ change, hedger: { budget: { brake }, efficacy: false } });
      world.hedgeRate(60_000);
      const hedged = world.hedgeRate(60_000);
      if (brake) {
        expect(world.hedger.stats().suppressions.overload).toBeGreaterThan(1_000);
        expect(world.hedger.routes()[0]?.easing).toBeLessThan(1);
      }
      return hedged;
    };
    expect(rate(true)).toBeLessThan(0.7 * rate(false));
  });
});
