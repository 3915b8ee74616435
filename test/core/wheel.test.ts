import { describe, expect, it, jest } from '@jest/globals';
import { HedgeTimers, TIMER_SLACK_MS, Waiting } from '#core/timers.js';
import { FakeClock } from './fake-clock.js';
import { seeded } from './traffic.js';

class Told extends Waiting {
  readonly toldAtMs: number[] = [];

  override onDue(nowMs: number): void {
    this.toldAtMs.push(nowMs);
  }
}

/** Waits for these times from now on; some are removed. */
function stage(dueMs: readonly number[]): { clock: FakeClock; wheel: HedgeTimers; waiting: Told[]; set: jest.SpiedFunction<FakeClock['setTimeout']> } {
  const clock = new FakeClock();
  const set = jest.spyOn(clock as { setTimeout: FakeClock['setTimeout'] }, 'setTimeout');
  const wheel = new HedgeTimers(clock);
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
    const pair: Waiting[] = ['a', 'b'].map((name, index) => new (class extends Waiting {
      override onDue(): void {
        told.push(name);
        const other = pair[1 - index];
        if (other) wheel.remove(other);
      }
    })());
    for (const each of pair) wheel.add(each, clock.now() + 5, clock.now());
    await clock.advance(20);
    expect(told).toHaveLength(1);
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
