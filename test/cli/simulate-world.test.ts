import { describe, expect, test } from '@jest/globals';
import { constantTime, empiricalTime, lognormalTime, simulate, type Fault, type Scenario, type SimulationResult } from 'hedgerow';
import type * as clockModule from '../../packages/cli/src/simulate/clock.js';
import type * as faultsModule from '../../packages/cli/src/simulate/faults.js';
import type * as randomModule from '../../packages/cli/src/simulate/random.js';
import { internal } from './internal.js';

const { VirtualClock } = (await import(internal('simulate/clock.js'))) as typeof clockModule;
const { finishMs } = (await import(internal('simulate/faults.js'))) as typeof faultsModule;
const { seededRandom, exponential, normal } = (await import(internal('simulate/random.js'))) as typeof randomModule;

describe('virtual time', () => {
  test('lets things happen by time, those of one instant in the order they were scheduled, and polls after all of them', () => {
    const clock = new VirtualClock(() => 0.5);
    const log: string[] = [];
    const at = (ms: number, what: string, then?: () => void): unknown =>
      clock.setTimeout(() => {
        log.push(`${what}@${clock.now()}`);
        then?.();
      }, ms);
    at(2.5, 'late');
    at(1.25, 'first', () => {
      clock.afterPoll(() => log.push(`poll@${clock.now()}`));
      at(0, 'nested');
    });
    at(1.25, 'second');
    clock.clearTimeout(at(1, 'cancelled'));
    while (clock.step());
    expect(log).toEqual(['first@1.25', 'second@1.25', 'nested@1.25', 'poll@1.25', 'late@2.5']);
  });

  test('keeps thousands of timers in order', () => {
    const random = seededRandom(3, 0);
    const clock = new VirtualClock(random);
    const seen: number[] = [];
    for (let timer = 0; timer < 5_000; timer++) clock.setTimeout(() => seen.push(clock.now()), random() * 1_000);
    while (clock.step());
    expect(seen).toHaveLength(5_000);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });
});

describe('chance', () => {
  const draws = (draw: (random: () => number) => number, stream = 0): number[] => {
    const random = seededRandom(1, stream);
    return Array.from({ length: 100_000 }, () => draw(random));
  };
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

  test('has the moments it should', () => {
    expect(mean(draws((random) => random()))).toBeCloseTo(0.5, 2);
    expect(mean(draws(exponential))).toBeCloseTo(1, 1);
    expect(mean(draws(normal))).toBeCloseTo(0, 1);
    expect(mean(draws((random) => normal(random) ** 2))).toBeCloseTo(1, 1);
    expect(mean(draws(lognormalTime().draw)) / lognormalTime().meanMs).toBeCloseTo(1, 1);
  });

  test('differs between streams', () => {
    const [one, other] = [draws((random) => random(), 1), draws((random) => random(), 2)];
    const together = mean(one.map((value, index) => (value - 0.5) * ((other[index] ?? 0) - 0.5)));
    expect(Math.abs(together)).toBeLessThan(0.001);
  });

  test('draws measured values as often as they were measured', () => {
    const { meanMs, draw } = empiricalTime([1, 1, 1, 9]);
    expect(meanMs).toBe(3);
    expect(draws(draw).filter((value) => value === 9).length / 100_000).toBeCloseTo(0.25, 2);
    expect(() => empiricalTime([])).toThrow(RangeError);
  });
});

describe('work under faults', () => {
  const outage: Fault = { kind: 'outage', fromMs: 100, toMs: 200 };
  const slow: Fault = { kind: 'slow', factor: 3, fromMs: 0, toMs: 50, backend: 1 };

  test.each<[string, readonly Fault[], number, number, number, number]>([
    ['none', [], 0, 0, 10, 10],
    ['an outage in its middle', [outage], 0, 95, 10, 205],
    ['an outage that it begins in', [outage], 0, 150, 10, 210],
    ['two outages', [{ ...outage, fromMs: 300, toMs: 400 }, outage], 0, 95, 110, 405],
    ['an outage that comes later', [outage], 0, 50, 10, 60],
    ['slowness of its own server', [slow], 1, 10, 10, 40],
    ['slowness of another server', [slow], 0, 10, 10, 20],
    ['slowness that has passed', [slow], 1, 60, 10, 70],
    ['slowness and an outage', [slow, outage], 1, 45, 30, 235],
  ])('%s', (_what, faults, backend, nowMs, workMs, doneMs) => {
    expect(finishMs(faults, backend, nowMs, workMs)).toBe(doneMs);
  });
});

describe('simulated servers and clients', () => {
  const servers = (dispatch: 'random' | 'roundRobin' | 'leastOutstanding' | 'sticky', more: Scenario = {}): SimulationResult =>
    simulate({ calls: 6_000, warmupCalls: 0, hedge: false, clients: 2, backends: { count: 3, slots: 4, dispatch }, ...more });

  test('are dispatched to as asked', () => {
    expect(servers('roundRobin').received).toEqual([2_000, 2_000, 2_000]);
    expect(servers('sticky').received[2]).toBe(0);
    for (const received of servers('random').received) expect(Math.abs(received - 2_000)).toBeLessThan(200);
    const slowFirst = servers('leastOutstanding', { clients: 20, faults: [{ kind: 'slow', factor: 20, fromMs: 0, backend: 0 }] });
    expect(slowFirst.received[0]).toBeLessThan((slowFirst.received[1] ?? 0) / 3);
  });

  test('queue first come, first served', () => {
    const started: number[] = [];
    const ended: number[] = [];
    simulate(
      { calls: 500, warmupCalls: 0, hedge: false, arrivals: { kind: 'load', load: 0.9 }, backends: { slots: 1 }, service: constantTime(5) },
      (call) => {
        started.push(call.startedAtMs);
        ended.push(call.startedAtMs + call.durationMs);
      },
    );
    expect(started).toEqual([...started].sort((a, b) => a - b));
    ended.forEach((end, index) => {
      const begin = Math.max(started[index] ?? 0, ended[index - 1] ?? 0);
      expect(end).toBeCloseTo(begin + 5, 6);
    });
  });

  test('arrive in bursts', () => {
    const { seconds } = simulate({
      calls: 9_000,
      warmupCalls: 0,
      hedge: false,
      arrivals: { kind: 'poisson', perSecond: 1_000 },
      faults: [{ kind: 'burst', factor: 5, fromMs: 2_000, toMs: 3_000 }],
    });
    expect(seconds[1]?.calls).toBeLessThan(1_150);
    expect(seconds[2]?.calls).toBeGreaterThan(4_700);
    expect(seconds[3]?.calls).toBeLessThan(1_150);
  });

  test('fail as often as asked; a call fails only if no copy was answered', () => {
    const errors = { share: 0.1, afterMs: 20 };
    expect(servers('random', { errors, calls: 10_000 }).failed / 10_000).toBeCloseTo(0.1, 2);
    const copied = servers('random', { errors, calls: 10_000, hedge: { delay: 0, budget: false, efficacy: false } });
    expect(copied.failed / 10_000).toBeCloseTo(0.01, 2);
  });

  test('never exceed the budget’s bound in any window, each client its own', () => {
    const budget = { ratio: 0.05, burst: 7 };
    const { worstWindow, suppressions } = simulate({ calls: 50_000, clients: 5, hedge: { delay: 4, budget, efficacy: false } });
    expect(suppressions.budget_exhausted).toBeGreaterThan(1_000);
    expect(worstWindow).toBeLessThanOrEqual(7 + 1e-6);
    expect(worstWindow).toBeGreaterThan(3);
  });

  test('share a Hedger on demand', () => {
    const hedge = { delay: 4, budget: { ratio: 0.001, burst: 1 }, efficacy: false } as const;
    const own = simulate({ calls: 3_000, warmupCalls: 0, clients: 30, hedge });
    const shared = simulate({ calls: 3_000, warmupCalls: 0, clients: 30, sharedHedger: true, hedge });
    expect(own.hedges).toBeGreaterThanOrEqual(30);
    expect(shared.hedges).toBeLessThanOrEqual(4);
  });

  test('end at the client’s own time limit', () => {
    const { latencies, failed } = simulate({ calls: 100, warmupCalls: 0, service: constantTime(50), hedge: { timeoutMs: 20 } });
    expect(failed).toBe(100);
    expect(latencies.at(-1)).toBe(20);
  });

  test('are counted without the warm-up', () => {
    const faults: Fault[] = [{ kind: 'slow', factor: 3, fromMs: 0, toMs: 1_500 }];
    const { calls, latencies, received } = simulate({ calls: 100, warmupCalls: 50, hedge: false, service: constantTime(10), faults });
    expect([calls, latencies.length, received[0]]).toEqual([100, 100, 150]);
    for (const ms of latencies) expect(ms).toBeCloseTo(10, 9);
  });
});
