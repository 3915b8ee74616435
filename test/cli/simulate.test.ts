import { describe, expect, test } from '@jest/globals';
import { constantTime, exponentialTime, simulate, type Scenario, type SimulationResult } from 'hedgerow';

/** No budget in the way of what a scenario is about. */
const unlimited = { budget: false, maxConcurrentHedges: 1_000_000 } as const;

function mean({ latencies }: SimulationResult): number {
  return latencies.reduce((sum, ms) => sum + ms, 0) / latencies.length;
}

function quantile({ latencies }: SimulationResult, share: number): number {
  return latencies[Math.ceil(share * latencies.length) - 1] ?? NaN;
}

describe('a simulation', () => {
  test('gives the same result for the same seed, and another for another', () => {
    const scenario: Scenario = {
      calls: 5_000,
      clients: 3,
      arrivals: { kind: 'load', load: 0.6 },
      backends: { count: 3, slots: 8, dispatch: 'leastOutstanding' },
      errors: { share: 0.01 },
      correlation: 0.2,
      faults: [{ kind: 'outage', fromMs: 1_000, toMs: 1_500 }],
    };
    const first = simulate(scenario);
    expect(first.hedges).toBeGreaterThan(0);
    expect(simulate(scenario)).toEqual(first);
    expect(simulate({ ...scenario, seed: 2 }).latencies).not.toEqual(first.latencies);
  });

  test('queues as theory says: M/M/1 at 70 % load answers in 1 / (1 − 0.7) service times on average', () => {
    const result = simulate({
      calls: 400_000,
      hedge: false,
      arrivals: { kind: 'load', load: 0.7 },
      backends: { slots: 1 },
      service: exponentialTime(5),
    });
    expect(mean(result)).toBeGreaterThan((5 / 0.3) * 0.97);
    expect(mean(result)).toBeLessThan((5 / 0.3) * 1.03);
    expect(result.utilisation).toBeCloseTo(0.7, 2);
    // Sojourn times of M/M/1 are exponential.
    expect(quantile(result, 0.9) / mean(result)).toBeCloseTo(Math.log(10), 1);
  });

  test('in a closed loop a p90 trigger hedges one call in ten', () => {
    const { extraLoad, latencies } = simulate({ calls: 100_000, hedge: { ...unlimited, delay: { quantile: 0.9 } } });
    expect(extraLoad).toBeGreaterThan(0.095);
    expect(extraLoad).toBeLessThan(0.105);
    expect(latencies).toHaveLength(100_000);
  });

  test('copies that share their primary’s fate never win', () => {
    const result = simulate({ calls: 20_000, correlation: 1, hedge: { ...unlimited, delay: 8 } });
    expect(result.hedges).toBeGreaterThan(50);
    expect(result.hedgeWins).toBe(0);
  });

  test('aborted work gives its slot back where servers stop it, and keeps it where they do not', () => {
    const at = (stopsAborted: boolean): SimulationResult =>
      simulate({
        calls: 20_000,
        arrivals: { kind: 'load', load: 0.3 },
        backends: { count: 2, slots: 4, stopsAborted },
        hedge: { ...unlimited, delay: 0 },
      });
    const none = simulate({ calls: 20_000, hedge: false, arrivals: { kind: 'load', load: 0.3 }, backends: { count: 2, slots: 4 } });
    expect(at(true).utilisation).toBeLessThan((none.utilisation ?? NaN) * 1.3);
    expect(at(false).utilisation).toBeGreaterThan((none.utilisation ?? NaN) * 1.9);
  });

  test('answers that come at the instant a hedge is due win over it', () => {
    const due = simulate({ calls: 1_000, service: constantTime(8), hedge: { ...unlimited, delay: 8 } });
    expect(due.hedges).toBe(0);
    const earlier = simulate({ calls: 1_000, service: constantTime(8), hedge: { ...unlimited, delay: 7 } });
    expect(earlier.hedges).toBe(1_000);
  });

  test('an outage holds every answer back until it is over, and work goes on where it stopped', () => {
    const { latencies } = simulate({
      calls: 1,
      warmupCalls: 0,
      hedge: false,
      service: constantTime(10),
      faults: [{ kind: 'outage', fromMs: 4, toMs: 1_004 }],
    });
    expect([...latencies]).toEqual([1_010]);
  });

  test('shows that an outage is noticed even where the limit of concurrent hedges refuses most of them', () => {
    const { seconds } = simulate({
      calls: 31_000,
      warmupCalls: 0,
      arrivals: { kind: 'poisson', perSecond: 1_000 },
      faults: [{ kind: 'outage', fromMs: 20_000, toMs: 30_000 }],
      hedge: { timeoutMs: 1_000, maxConcurrentHedges: 50, budget: { burst: 50 } },
    });
    const during = seconds.slice(20, 30);
    const total = (of: 'calls' | 'hedges'): number => during.reduce((sum, second) => sum + second[of], 0);
    expect(total('hedges')).toBeLessThanOrEqual(0.02 * total('calls') + 50);
  });

  test.each<[string, Scenario, string]>([
    ['calls', { calls: 0 }, 'calls: expected a whole number from 1 to 1000000000, got 0'],
    ['correlation', { correlation: 2 }, 'correlation: expected a number from 0 to 1, got 2'],
    ['load without slots', { arrivals: { kind: 'load', load: 0.5 } }, 'arrivals.load: expected `backends.slots` to be given, got Infinity'],
    ['a fault’s backend', { faults: [{ kind: 'slow', factor: 3, fromMs: 0, backend: 1 }] }, 'faults[0].backend: expected a whole number from 0 to 0, got 1'],
    ['a burst in a closed loop', { faults: [{ kind: 'burst', factor: 3, fromMs: 0 }] }, 'faults: a burst needs open arrivals'],
  ])('refuses bad options: %s', (_what, scenario, message) => {
    expect(() => simulate(scenario)).toThrow(message);
    expect(() => simulate(scenario)).toThrow(RangeError);
  });
});
