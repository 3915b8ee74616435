import { describe, expect, it } from '@jest/globals';
import { hedgeInfo, type HedgerOptions, type RouteStats } from '@hedgerow/core';
import { simulate, type SimulationResult } from 'hedgerow';
import { World } from './instant.js';
import { Stage } from './stage.js';
import { referenceLatency, seeded } from './traffic.js';

const goal = { minimize: 0.99 } as const;

/** Runs calls one after another, each primary taking its own time. */
async function train(stage: Stage, calls: number, url = 'http://service.test/items/1'): Promise<void> {
  const latency = referenceLatency(seeded(7));
  for (let call = 0; call < calls; call++) {
    const promise = stage.run([{ ms: latency() }, { ms: latency() }, { ms: latency() }], undefined, { request: { method: 'GET', url } });
    await stage.clock.advance(200);
    await promise;
  }
  stage.forget();
}

/** A Hedger that has seen the reference workload, in a window that forgets nothing meanwhile. */
async function learnt(options: HedgerOptions, calls = 1_100): Promise<Stage> {
  const stage = new Stage({ latency: { windowMs: 1e9 }, ...options });
  stage.clock.random = seeded(3);
  await train(stage, calls);
  return stage;
}

function onlyRoute(stage: Stage): RouteStats {
  const [route] = stage.hedger.routes();
  if (route === undefined) throw new Error('no route');
  return route;
}

describe('goal seeking', () => {
  it('waits for as many samples as the default trigger, and says so', async () => {
    const stage = new Stage({ delay: goal });
    await train(stage, 111);
    expect(stage.hedger.stats().suppressions.warmup).toBe(111);
    expect(onlyRoute(stage)).toMatchObject({ delayMs: undefined, goal: undefined });
    await train(stage, 2);
    expect(stage.hedger.stats().suppressions.warmup).toBe(112);
    expect(onlyRoute(stage).goal?.target).toBe(0.99);
  });

  it('hedges by the fixed delay of a warm-up that the user asked for', async () => {
    const stage = new Stage({ delay: goal, latency: { warmup: { requests: 20, delayMs: 7 } } });
    void stage.run([]);
    await stage.clock.advance(10);
    expect(stage.started.map(({ delayMs }) => delayMs)).toEqual([0, 7]);
  });

  it('starts at Q(1 − B), surely, while the target is not identified', async () => {
    const stage = await learnt({ delay: goal }, 150);
    const quantile = await learnt({ delay: { quantile: 0.91 } }, 150);
    const { delayMs, goal: state } = onlyRoute(stage);
    expect(state).toMatchObject({ probabilities: [1], predictedMs: undefined, achievedMs: undefined });
    expect(state?.identifiedUpToMs).toBeGreaterThan(delayMs ?? Infinity);
    expect(Math.abs((delayMs ?? NaN) - (onlyRoute(quantile).delayMs ?? NaN))).toBeLessThan(0.5);
  });

  it('says in its routes when it hedges, how surely, what it expects and what came of it', async () => {
    const stage = await learnt({ delay: goal });
    const { delayMs, goal: state } = onlyRoute(stage);
    expect(state?.delaysMs).toEqual([delayMs]);
    expect(delayMs).toBeGreaterThan(7.5);
    expect(delayMs).toBeLessThan(10);
    expect(state?.probabilities[0]).toBeGreaterThan(0.8);
    expect(state?.predictedMs).toBeGreaterThan(13);
    expect(state?.predictedMs).toBeLessThan(19);
    expect(state?.identifiedUpToMs).toBeGreaterThanOrEqual(state?.predictedMs ?? Infinity);
    // Fewer than a thousand calls sought the goal so far.
    expect(state?.achievedMs).toBeUndefined();
    await train(stage, 100);
    expect(onlyRoute(stage).goal?.achievedMs).toBeGreaterThan(13);
    expect(onlyRoute(stage).goal?.achievedMs).toBeLessThan(19);
  });

  it('hedges with the planned probability, drawn from the clock’s chance', async () => {
    const stage = await learnt({ delay: goal, budget: { ratio: 0.02 } });
    const { goal: state } = onlyRoute(stage);
    const probability = state?.probabilities[0] ?? 1;
    expect(probability).toBeLessThan(0.98);
    const hedgesWhenDrawn = async (drawn: number): Promise<number> => {
      stage.clock.random = () => drawn;
      stage.forget();
      void stage.run([]);
      await stage.clock.advance(100);
      return stage.started.filter(({ isHedge }) => isHedge).length;
    };
    expect(await hedgesWhenDrawn(probability - 0.01)).toBe(1);
    expect(await hedgesWhenDrawn(probability + 0.01)).toBe(0);
  });

  it('stays within minMs and maxMs', async () => {
    const late = await learnt({ delay: { ...goal, minMs: 30 } }, 400);
    const early = await learnt({ delay: { ...goal, maxMs: 5 } }, 400);
    expect(onlyRoute(late).delayMs).toBe(30);
    expect(onlyRoute(early).delayMs).toBeLessThanOrEqual(5);
    // So early, all calls cannot be hedged.
    expect(onlyRoute(early).goal?.probabilities[0]).toBeLessThan(0.3);
  });

  it('borrows from the origin for a route it has not seen', async () => {
    const stage = await learnt({ delay: goal });
    const promise = stage.run([{ ms: 1e5 }, { ms: 1 }], undefined, { request: { method: 'GET', url: 'http://service.test/new-route' } });
    await stage.clock.advance(100);
    expect(hedgeInfo(await promise)?.attempts).toBe(2);
    const [own, borrowed] = stage.hedger.routes().map((route) => route.goal?.delaysMs[0] ?? NaN);
    expect(Math.abs((borrowed ?? NaN) - (own ?? NaN))).toBeLessThan(1);
  });

  it('of a single call is remembered apart from the Hedger’s own delay', async () => {
    const stage = await learnt({ delay: { quantile: 0.9 } });
    expect(onlyRoute(stage).goal).toBeUndefined();
    void stage.run([], { delay: goal });
    expect(onlyRoute(stage).goal?.target).toBe(0.99);
    expect(onlyRoute(stage).delayMs).not.toBe(onlyRoute(stage).goal?.delaysMs[0]);
  });
});

it.each(['p99', 'p99.9, twice'])('goal seeking sends nothing where it would be of no use: %s', (what) => {
  const random = seeded(2);
  const options: HedgerOptions = what === 'p99' ? { delay: goal } : { delay: { minimize: 0.999 }, maxHedges: 2 };
  const world = new World({ latencyMs: () => 4 + 2 * random(), hedger: options });
  world.run(20_000);
  expect(world.hedges).toBeLessThan(20);
  expect(world.hedger.routes()).toMatchObject([{ delayMs: undefined, pauseReason: 'no_gain' }]);
  const insistent = new World({ latencyMs: () => 4 + 2 * random(), hedger: { ...options, worth: 0 } });
  insistent.run(20_000);
  expect(insistent.hedges).toBeGreaterThan(1_000);
});

describe('goal seeking in a closed loop, on the reference workload', () => {
  function run(hedge: HedgerOptions, calls = 60_000): SimulationResult {
    return simulate({ calls, warmupCalls: 20_000, arrivals: { kind: 'poisson', perSecond: 1_000 }, hedge });
  }
  function percentile({ latencies }: SimulationResult, quantile: number): number {
    return latencies[Math.ceil(quantile * latencies.length) - 1] ?? NaN;
  }

  it('reaches p99 20.5 ms within 5 % for at most 5.2 % extra load', () => {
    const result = run({ delay: goal, budget: { ratio: 0.05 } });
    expect(Math.abs(percentile(result, 0.99) / 20.5 - 1)).toBeLessThan(0.05);
    expect(result.extraLoad).toBeLessThan(0.052);
    expect(result.suppressions.budget_exhausted ?? 0).toBeLessThan(0.005 * result.hedges);
  });

  it('reaches p99 15.5 ms within 5 % for 10 %', () => {
    const result = run({ delay: goal });
    expect(Math.abs(percentile(result, 0.99) / 15.5 - 1)).toBeLessThan(0.05);
    expect(result.extraLoad).toBeLessThan(0.102);
  });

  it('reaches p99.9 of at most 22 ms with two hedges for 10 %', () => {
    const result = run({ delay: { minimize: 0.999 }, maxHedges: 2 });
    expect(percentile(result, 0.999)).toBeLessThan(22);
    expect(result.extraLoad).toBeLessThan(0.102);
  });
});
