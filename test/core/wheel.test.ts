import { describe, expect, it, jest } from '@jest/globals';
import { SharedTimers } from '#core/timing/shared-timers.js';
import { TIMER_SLACK_MS, Waiting } from '#core/timing/waiting.js';
import { FakeClock } from './fake-clock.js';
import { seeded } from './traffic.js';

class Told extends Waiting {
  readonly toldAtMs: number[] = [];
  backs = 0;

  override onDue(nowMs: number): void {
    this.toldAtMs.push(nowMs);
  }

  override onBack(): void {
    this.backs++;
  }
}

/** Waits for these times from now on; some are removed. */
function stage(dueMs: readonly number[]): { clock: FakeClock; wheel: SharedTimers; waiting: Told[]; set: jest.SpiedFunction<FakeClock['setTimeout']> } {
  const clock = new FakeClock();
  const set = jest.spyOn(clock as { setTimeout: FakeClock['setTimeout'] }, 'setTimeout');
  const wheel = new SharedTimers(clock);
  const waiting = dueMs.map((ms) => {
    const told = new Told();
    wheel.add(told, clock.now() + ms, clock.now());
    return told;
  });
  return { clock, wheel, waiting, set };
}

describe('the wheel of timers', () => {
  it.each([
    [[5]],
    [[5, 5, 5.2]],
    [[1, 2, 3, 4.9, 5, 5.3]],
    [[255, 256, 257, 511, 512, 513, 1_024]],
    [[0, 0.3, 300, 44, 5_000, 256]],
    [[700, 600, 10, 266, 522]],
  ])('tells each of %j in its time, once', async (dueMs) => {
    const { clock, waiting } = stage(dueMs);
    const startMs = clock.now();
    await clock.advance(6_000);
    for (const [index, { toldAtMs, isWaiting }] of waiting.entries()) {
      expect(toldAtMs).toHaveLength(1);
      const lateMs = (toldAtMs[0] ?? NaN) - startMs - (dueMs[index] ?? NaN);
      expect(lateMs).toBeGreaterThanOrEqual(-TIMER_SLACK_MS);
      expect(lateMs).toBeLessThanOrEqual(TIMER_SLACK_MS);
      expect(isWaiting).toBe(false);
    }
    expect(clock.pending).toBe(0);
  });

  it('does so among many that come and go', async () => {
    const { clock, wheel } = stage([]);
    const random = seeded(2);
    const kept: { told: Told; dueAtMs: number }[] = [];
    for (let round = 0; round < 150; round++) {
      const [told, other] = [new Told(), new Told()];
      const dueAtMs = clock.now() + (random() < 0.2 ? 1_000 : 30) * random();
      wheel.add(told, dueAtMs, clock.now());
      wheel.add(other, clock.now() + 2_000 * random(), clock.now());
      kept.push({ told, dueAtMs });
      await clock.advance(2 * random());
      wheel.remove(other);
    }
    await clock.advance(2_000);
    expect(kept.map(({ told, dueAtMs }) => Math.abs((told.toldAtMs[0] ?? Infinity) - dueAtMs) <= TIMER_SLACK_MS)).toEqual(kept.map(() => true));
    expect(clock.pending).toBe(0);
  });

  it('takes one out of the middle of those that are due together, twice without harm', async () => {
    const { clock, wheel, waiting } = stage([7, 7, 7]);
    const [first, second, third] = waiting as [Told, Told, Told];
    wheel.remove(second);
    wheel.remove(second);
    await clock.advance(10);
    expect([first, second, third].map(({ toldAtMs }) => toldAtMs.length)).toEqual([1, 0, 1]);
  });

  it('does not tell what another that was told has removed', async () => {
    const { clock, wheel } = stage([]);
    const told: string[] = [];
    let backs = 0;
    const pair: Waiting[] = ['a', 'b'].map((name, index) => new (class extends Waiting {
      override onBack(): void {
        backs++;
      }

      override onDue(): void {
        told.push(name);
        const other = pair[1 - index];
        if (other) wheel.remove(other);
      }
    })());
    for (const each of pair) wheel.add(each, clock.now() + 5, clock.now());
    await clock.advance(20);
    expect(told).toHaveLength(1);
    expect(backs).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it('sets one timer, and another only for what is due sooner', async () => {
    const { clock, wheel, set } = stage([50]);
    wheel.add(new Told(), clock.now() + 60, clock.now());
    wheel.add(new Told(), clock.now() + 50, clock.now());
    expect(set.mock.calls.map(([, delayMs]) => delayMs)).toEqual([50]);
    wheel.add(new Told(), clock.now() + 20, clock.now());
    expect(set.mock.calls.map(([, delayMs]) => delayMs)).toEqual([50, 20]);
    expect(clock.pending).toBe(1);
    await clock.advance(20);
    expect(set.mock.calls.map(([, delayMs]) => delayMs)).toEqual([50, 20, 30]);
    await clock.advance(100);
    expect(set.mock.calls).toHaveLength(4);
  });

  it('tells after a long block what has become due, in one go', async () => {
    const { clock, waiting } = stage([5, 400, 900]);
    clock.block(700);
    await clock.advance(0);
    expect(waiting.map(({ toldAtMs }) => toldAtMs.length)).toEqual([1, 1, 0]);
    await clock.advance(200);
    expect(waiting.map(({ toldAtMs }) => toldAtMs.length)).toEqual([1, 1, 1]);
  });
});

describe('ways back into contexts', () => {
  /** Waits for these times on a clock whose ways back are taken when `arrive` says so, as promises are. */
  function slowly(dueMs: readonly number[]) {
    const clock = new FakeClock();
    const onTheirWay: (() => void)[] = [];
    const bind = jest.fn((callback: () => void) => (): void => void onTheirWay.push(callback));
    const set = jest.spyOn(Object.assign(clock, { bind }) as { setTimeout: FakeClock['setTimeout'] }, 'setTimeout');
    const wheel = new SharedTimers(clock);
    const add = (ms: number): Told => {
      const told = new Told();
      wheel.add(told, clock.now() + ms, clock.now());
      return told;
    };
    const arrive = (): void => onTheirWay.splice(0).forEach((callback) => callback());
    return { clock, wheel, add, bind, arrive, waiting: dueMs.map(add), delays: () => set.mock.calls.map(([, delayMs]) => delayMs) };
  }

  it('are made once for each that waits, and again only for what was brought back and waits still', async () => {
    const { clock, wheel, waiting, bind, arrive, add } = slowly([5, 50]);
    const [first, second] = waiting as [Told, Told];
    wheel.keepWayBack(first);
    expect(bind).toHaveBeenCalledTimes(2);
    await clock.advance(5);
    arrive();
    expect([first.backs, second.backs, bind.mock.calls.length]).toEqual([1, 1, 3]);
    await clock.advance(45);
    arrive();
    expect([first.backs, second.backs, bind.mock.calls.length]).toEqual([1, 2, 3]);
    add(5);
    wheel.remove(add(6));
    expect(bind).toHaveBeenCalledTimes(5);
  });

  it('are taken by nobody else when one comes back and the timer is set', () => {
    const { wheel, waiting, arrive, delays } = slowly([5, 50, 60]);
    const visitor = new Told();
    const visit = (): number[] => {
      wheel.keepWayBack(visitor);
      wheel.back(visitor);
      for (let turn = 0; turn < 3; turn++) arrive();
      return [visitor, ...waiting].map(({ backs }) => backs);
    };
    expect(visit()).toEqual([1, 0, 0, 0]);
    expect(delays()).toEqual([5]);
    const [first] = waiting as [Told];
    wheel.remove(first);
    for (let turn = 0; turn < 3; turn++) arrive();
    expect(visit()).toEqual([2, 0, 0, 1]);
  });

  it('lead to the newest when the one that set the timer leaves, not when another one does', () => {
    const { wheel, waiting, arrive, delays } = slowly([50, 60, 70, 80, 55]);
    const [first, , third] = waiting as [Told, Told, Told];
    wheel.remove(third);
    arrive();
    expect(waiting.map(({ backs }) => backs)).toEqual([0, 0, 0, 0, 0]);
    wheel.remove(first);
    arrive();
    expect(waiting.map(({ backs }) => backs)).toEqual([0, 0, 0, 0, 1]);
    expect(delays()).toEqual([50, 50]);
  });

  it('lead on to another one when the newest leaves before it could set the timer', async () => {
    const { clock, wheel, waiting, arrive, delays } = slowly([50, 60, 70]);
    const [first, second, third] = waiting as [Told, Told, Told];
    wheel.remove(first);
    wheel.remove(third);
    arrive();
    expect([second.backs, third.backs]).toEqual([0, 1]);
    arrive();
    expect([second.backs, delays()]).toEqual([1, [50, 50]]);
    for (let passed = 0; passed < 60; passed += 5) {
      await clock.advance(5);
      arrive();
    }
    expect(second.toldAtMs).toHaveLength(1);
  });

  it('end where nobody waits any more', () => {
    const { clock, wheel, waiting, arrive, add, delays } = slowly([50, 60]);
    for (const each of waiting) wheel.remove(each);
    arrive();
    expect(clock.pending).toBe(0);
    add(20);
    expect(delays()).toEqual([50, 20]);
  });

  it.each([[100, [5, 100, 45]], [20, [5, 20]], [45, [5, 45]]])('set the timer anew if it was set for later meanwhile: in %d ms', async (ms, expected) => {
    const { clock, add, waiting, arrive, delays } = slowly([5, 50]);
    await clock.advance(5);
    const between = add(ms);
    arrive();
    expect(delays()).toEqual(expected);
    for (let passed = 0; passed < 100; passed += 5) {
      await clock.advance(5);
      arrive();
    }
    expect([...waiting, between].map(({ toldAtMs }) => toldAtMs.length)).toEqual([1, 1, 1]);
  });
});
