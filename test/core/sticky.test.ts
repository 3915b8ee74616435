import { describe, expect, it } from '@jest/globals';
import { World } from './instant.js';
import { stallingWorld, stalls, type StallOptions } from './stalls.js';
import { referenceLatency, seeded } from './traffic.js';

const CALLS = 20_000;

/** Runs until a hedge is not sent because it would not help; returns after how many calls. */
function detected(world: World): number {
  return world.run(CALLS, () => world.hedger.stats().suppressions.no_benefit > 0);
}

function extraLoad(world: World, calls: number): number {
  const before = world.hedges;
  world.run(calls);
  return (world.hedges - before) / calls;
}

/** How much of the time hedging is paused. */
function pausedShare(world: World, calls: number): number {
  let paused = 0;
  for (let look = 0; look < calls / 50; look++) {
    world.run(50);
    if (world.isPaused) paused++;
  }
  return (paused * 50) / calls;
}

const scenes: readonly (readonly [string, number, Omit<StallOptions, 'seed'>])[] = [
  ['for 150 ms every 1.5 s', 5, {}],
  ['and always answers the primary first', 2, { jitterMs: 0 }],
  ['at 100 calls a second', 2, { callsPerSecond: 100 }],
  ['every 5 s', 1, { everyMs: 5_000 }],
  ['for 500 ms every 5 s', 2, { everyMs: 5_000, forMs: 500 }],
  ['every 0.7 s', 1, { everyMs: 700 }],
];

describe('one backend that stalls, with all copies on it', () => {
  it.each(scenes)('%s: is noticed, or in waves that are not hedged, then costs at most 0.5 %% more requests over 20,000 calls', (_, seeds, scene) => {
    for (let seed = 1; seed <= seeds; seed++) {
      const world = stallingWorld({ seed, ...scene });
      world.run(20_000);
      expect(extraLoad(world, CALLS)).toBeLessThanOrEqual(0.005);
    }
  });

  it('says so', () => {
    const world = stallingWorld({ seed: 1 });
    detected(world);
    expect(world.hedger.routes()[0]?.correlation).toBeGreaterThan(0.8);
  });

  it('is hedged again within 1,000 calls once copies are independent', () => {
    const [random, slow] = [seeded(1), referenceLatency(seeded(2))];
    const endOf = stalls(3, 1_500, 150);
    let isSticky = true;
    const world = new World({
      callsPerSecond: 400,
      change: (nowMs) => (isSticky ? Math.max(endOf(nowMs) - nowMs, 8 + 8 * random()) + random() : slow()),
    });
    detected(world);
    world.run(5_000);
    isSticky = false;
    expect(world.run(5_000, () => !world.isPaused)).toBeLessThan(1_000);
    expect(pausedShare(world, 5_000)).toBe(0);
  });
});

describe('copies that do help', () => {
  it.each([
    ['one of three backends stalls', { backends: 3 }],
    ['one of three stalls often', { backends: 3, everyMs: 500 }],
    ['one of three stalls, at 2,000 calls a second', { backends: 3, callsPerSecond: 2_000 }],
    ['each of three stalls at times', { backends: 3, stalling: 3 }],
  ] as const)('where %s: never pauses', (_, scene) => {
    for (let seed = 1; seed <= 2; seed++) expect(pausedShare(stallingWorld({ seed, ...scene }), 20_000)).toBe(0);
  });

  it('where at times all backends stall at once, which is one misfortune and not a hundred: never pauses', () => {
    const endOf = stalls(1, 5_000, 150);
    const random = seeded(2);
    const world = new World({ callsPerSecond: 400, change: (nowMs, ms) => Math.max(ms, endOf(nowMs) - nowMs + random()) });
    expect(pausedShare(world, 30_000)).toBe(0);
  });

  it('where a copy has to connect first, but overtakes what would take far longer: never pauses', () => {
    const random = seeded(3);
    const world = new World({
      callsPerSecond: 400,
      latencyMs: (isHedge) => (isHedge ? 60 : 0) + 3 + 4 * random() + (random() < 0.03 ? 1_000 * (0.5 + random()) : 0),
    });
    expect(pausedShare(world, 20_000)).toBe(0);
    expect(world.hedger.stats().wins.hedge).toBeGreaterThan(400);
  });
});
