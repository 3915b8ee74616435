import { describe, expect, it } from '@jest/globals';
import { LearntLimit } from '#server/load/learnt-limit.js';
import { Utilization } from '#server/load/utilization.js';
import { Calls } from '#server/shed/calls.js';
import { decide } from '#server/shed/decide.js';

/** Answers of a second, so many under way at a time, each in so many milliseconds. */
function seconds(limit: LearntLimit, count: number, tookMs: number, inFlight: number, from = 0): number {
  for (let second = 0; second < count; second++) {
    for (let answer = 0; answer <= 100; answer++) limit.answered(tookMs, inFlight, (from + second) * 1_010 + answer * 10);
  }
  return limit.value ?? NaN;
}

describe('the limit that is learnt', () => {
  it('is unknown for a second, and begins at twice of what there is', () => {
    const limit = new LearntLimit();
    limit.answered(10, 300, 0);
    expect(limit.value).toBeUndefined();
    expect(seconds(limit, 1, 10, 300)).toBe(600);
    expect(seconds(new LearntLimit(), 1, 10, 3)).toBe(20);
  });

  it('stays while half of it is not used, and grows by its root while it is', () => {
    const limit = new LearntLimit();
    const first = seconds(limit, 1, 10, 100);
    expect(seconds(limit, 20, 10, 99, 1)).toBe(first);
    expect(seconds(limit, 1, 10, 150, 21)).toBeCloseTo(first + 0.2 * Math.sqrt(first), 6);
  });

  it('shrinks below what is under way when answers take longer, and comes back', () => {
    const limit = new LearntLimit();
    seconds(limit, 30, 10, 60);
    expect(seconds(limit, 12, 80, 400, 30)).toBeLessThan(200);
    expect(seconds(limit, 30, 10, 60, 42)).toBeGreaterThan(60);
  });

  it('bears a mixture that changes', () => {
    const limit = new LearntLimit();
    seconds(limit, 30, 10, 60);
    expect(seconds(limit, 30, 14, 60, 30)).toBeGreaterThan(60);
  });
});

describe('the event loop', () => {
  it('is looked at by requests, ten times a second', () => {
    let nowMs = 0;
    let times = { idle: 0, active: 0 };
    const utilization = new Utilization({ now: () => nowMs, eventLoop: () => times });
    times = { idle: 30, active: 70 };
    utilization.look(nowMs = 99);
    expect(utilization.value).toBeUndefined();
    utilization.look(nowMs = 100);
    expect(utilization.value).toBeCloseTo(0.7);
    times = { idle: 30, active: 170 };
    utilization.look(nowMs = 199);
    expect(utilization.value).toBeCloseTo(0.7);
    utilization.look(nowMs = 200);
    expect(utilization.value).toBe(1);
    utilization.look(nowMs = 300);
    expect(utilization.value).toBe(1);
  });
});

describe('the decision', () => {
  const calm = { isCollision: false, isBusy: undefined, utilization: 0.5, maxUtilization: 0.9, inFlight: 5, maxInFlight: 20 };
  it.each([
    [{}, undefined],
    [{ utilization: undefined, maxInFlight: undefined, inFlight: 1e9 }, undefined],
    [{ isCollision: true, isBusy: false }, 'collision'],
    [{ utilization: 0.91 }, 'busy'],
    [{ utilization: 0.91, maxUtilization: Infinity }, undefined],
    [{ inFlight: 20 }, 'busy'],
    [{ inFlight: 19 }, undefined],
    [{ isBusy: true }, 'busy'],
    [{ isBusy: false, utilization: 1, inFlight: 100 }, undefined],
  ] as const)('%j: %s', (given, reason) => {
    expect(decide({ ...calm, ...given })).toBe(reason);
  });
});

describe('calls under way', () => {
  it('are counted by copy, and are as many as may be', () => {
    const calls = new Calls(3);
    calls.begin('a');
    calls.begin('a');
    calls.end('a');
    expect(calls.has('a')).toBe(true);
    for (const id of ['b', 'c', 'd']) calls.begin(id);
    expect([calls.size, calls.has('a'), calls.has('d')]).toEqual([3, false, true]);
    calls.end('a');
    for (const id of ['b', 'c', 'd']) calls.end(id);
    expect(calls.size).toBe(0);
  });

  it('do not grow by a flood of ids', () => {
    const calls = new Calls(1_000);
    for (let id = 0; id < 100_000; id++) calls.begin(`c${id}`);
    expect(calls.size).toBe(1_000);
  });
});
