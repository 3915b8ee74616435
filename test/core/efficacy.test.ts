import { describe, expect, it } from '@jest/globals';
import { hedgeInfo } from '@hedgerow/core';
import { World, type WorldOptions } from './instant.js';
import { Stage } from './stage.js';

const MOST = 5_000;

/** Runs past warm-up and on until hedging pauses. */
function pausing(options: WorldOptions): { readonly world: World; readonly calls: number } {
  const world = new World({ correlation: () => 1, ...options });
  world.run(10_000, () => world.hedges > 0);
  return { world, calls: world.run(MOST, () => world.isPaused) };
}

describe('the efficacy gate, where copies share the fate of their primaries', () => {
  it.each([
    [1, 50_000],
    [2, 10_000],
    [3, 10_000],
    [4, 10_000],
  ])('pauses within 500 calls past warm-up, then costs at most 0.5 %% of load (seed %d, %d calls)', (seed, after) => {
    const { world, calls } = pausing({ seed });
    expect(calls).toBeLessThan(500);
    const before = world.hedges;
    world.run(after);
    expect((world.hedges - before) / after).toBeLessThan(0.005);
    expect(world.hedger.stats().suppressions.no_benefit).toBeGreaterThan(0.07 * after);
    expect(world.hedger.routes()[0]?.correlation).toBe(1);
  });

  it.each([1, 2, 3])('resumes within 1,000 calls once copies are independent again, and stays so (seed %d)', (seed) => {
    let end = Infinity;
    const { world } = pausing({ seed, correlation: (call) => (call < end ? 1 : 0) });
    world.run(3_000);
    end = world.calls;
    expect(world.run(5_000, () => !world.isPaused)).toBeLessThan(1_000);
    expect(world.run(5_000, () => world.isPaused)).toBe(5_000);
    expect(world.hedger.routes()[0]?.correlation).toBeLessThan(0.25);
  });

  it.each([
    ['a fixed delay', { delay: 10 }],
    ['two hedges', { delay: [10, 20] }],
    ['a later quantile', { delay: { quantile: 0.95 } }],
    ['a delay function', { delay: () => 12 }],
  ])('pauses for %s too', (_, hedger) => {
    const { world, calls } = pausing({ hedger });
    expect(calls).toBeLessThan(1_000);
    const before = world.hedges;
    world.run(5_000);
    expect((world.hedges - before) / 5_000).toBeLessThan(0.005);
  });

  it('says why in hedgeInfo', async () => {
    const stage = new Stage({ delay: 10 });
    const call = async (ms: number): Promise<string | undefined> => {
      const promise = stage.run([{ ms }, { ms }]);
      await stage.clock.advance(ms);
      return hedgeInfo(await promise)?.suppressionReason;
    };
    for (let index = 0; index < 300; index++) await call(index % 5 === 0 ? 15 : 2);
    expect(await call(15)).toBe('no_benefit');
  });

  it('can be told to leave it', () => {
    expect(pausing({ hedger: { efficacy: false } }).calls).toBe(MOST);
  });
});

describe('the efficacy gate, where copies are independent', () => {
  it('never pauses, and sees no correlation', () => {
    const world = new World();
    expect(world.run(60_000, () => world.isPaused)).toBe(60_000);
    expect(world.hedger.stats().suppressions).toMatchObject({ no_benefit: 0, overload: 0 });
    expect(world.hedger.routes()[0]?.correlation).toBeLessThan(0.25);
  });

  it.each([
    [0.5, 0, 0.05],
    [0.9, 0.75, 1],
  ])('with a correlation of %d is paused for %d to %d of the time', (correlation, least, most) => {
    const world = new World({ correlation: () => correlation });
    let paused = 0;
    for (let look = 0; look < 500; look++) {
      world.run(100);
      if (world.isPaused) paused++;
    }
    expect(paused / 500).toBeGreaterThanOrEqual(least);
    expect(paused / 500).toBeLessThanOrEqual(most);
  });

  it('pauses where it is told to', () => {
    const { calls } = pausing({ correlation: () => 0.75, hedger: { efficacy: { pauseAbove: 0.6 } } });
    expect(calls).toBeLessThan(3_000);
  });

  it('keeps no evidence from an outage, in which nothing wins', () => {
    const outage = { fromMs: 61_000, toMs: 81_000 };
    const world = new World({
      callsPerSecond: 100,
      hedger: { maxConcurrentHedges: 10_000 },
      change: (nowMs, ms) => (nowMs + ms > outage.fromMs && nowMs < outage.toMs ? outage.toMs - nowMs + ms : ms),
    });
    expect(world.run(10_000, () => world.isPaused)).toBe(10_000);
  });
});

describe('an instance header', () => {
  const named = { instanceHeader: 'X-Served-By' };

  it('lets a route that one instance answers pause sooner', () => {
    const { calls: unnamed } = pausing({});
    const { calls } = pausing({ hedger: named, instance: () => 'only' });
    expect(calls).toBeLessThan(unnamed);
  });

  it('stops nothing where copies help', () => {
    const world = new World({ hedger: named, instance: () => 'balancer' });
    expect(world.run(20_000, () => world.isPaused)).toBe(20_000);
  });

  it('names a collision: in hedgeInfo and in stats', async () => {
    const stage = new Stage({ delay: 10, instanceHeader: 'X-Served-By' });
    const served = (by: string) => ({ headers: { 'x-served-by': by } });
    const call = async (first: string, second: string): Promise<boolean | undefined> => {
      const promise = stage.run([{ ms: 15, status: 500, ...served(first) }, { ms: 10, ...served(second) }]);
      await stage.clock.advance(30);
      return hedgeInfo(await promise)?.collision;
    };
    expect(await call('a', 'a')).toBe(true);
    expect(await call('a', 'b')).toBe(false);
    expect(stage.hedger.stats().collisions).toBe(1);
  });

  it('counts collisions as shared fate, although the hedges win', async () => {
    const stage = new Stage({ delay: 10, instanceHeader: 'x-served-by' });
    const headers = { 'x-served-by': 'a' };
    for (let index = 0; index < 200; index++) {
      void stage.run([{ ms: 2, headers }]);
      await stage.clock.advance(5);
    }
    for (let index = 0; index < 60; index++) {
      void stage.run([{ ms: 15, status: 500, headers }, { ms: 10, headers }]);
      await stage.clock.advance(25);
    }
    expect(stage.hedger.stats().suppressions.no_benefit).toBeGreaterThan(10);
  });
});
