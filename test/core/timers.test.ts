import { describe, expect, it } from '@jest/globals';
import type * as timers from '../../packages/core/src/timing/shared-timers.js';
import type * as waiting from '../../packages/core/src/timing/waiting.js';
import { FakeClock } from './fake-clock.js';
import { internal } from './internal.js';
import { seeded } from './traffic.js';

const { SharedTimers } = (await import(internal('timing/shared-timers.js'))) as typeof timers;
const { TIMER_SLACK_MS, Waiting } = (await import(internal('timing/waiting.js'))) as typeof waiting;

class Told extends Waiting {
  toldAtMs: number | undefined = undefined;

  override onDue(nowMs: number): void {
    expect(this.toldAtMs).toBeUndefined();
    this.toldAtMs = nowMs;
  }
}

describe('one timer for all', () => {
  it('tells each when it is due, whatever else waits, and none that was removed', async () => {
    const clock = new FakeClock();
    const random = seeded(1);
    const wheel = new SharedTimers(clock);
    const kept: { told: Told; dueAtMs: number }[] = [];
    const removed: Told[] = [];
    for (let round = 0; round < 2_000; round++) {
      for (let count = 0; count < 3; count++) {
        const told = new Told();
        const dueAtMs = clock.now() + (random() < 0.1 ? 5_000 : 30) * random();
        wheel.add(told, dueAtMs, clock.now());
        if (random() < 0.5) kept.push({ told, dueAtMs });
        else removed.push(told);
      }
      await clock.advance(2 * random());
      for (const told of removed) wheel.remove(told);
      // Those that were due before they were removed.
      removed.splice(0);
    }
    await clock.advance(6_000);
    for (const { told, dueAtMs } of kept) {
      expect(told.isWaiting).toBe(false);
      expect(told.toldAtMs).toBeGreaterThanOrEqual(dueAtMs - TIMER_SLACK_MS);
      expect(told.toldAtMs).toBeLessThanOrEqual(dueAtMs + TIMER_SLACK_MS);
    }
    expect(clock.pending).toBe(0);
  });

  it('tells what is due already, and what becomes due while others are told', async () => {
    const clock = new FakeClock();
    const wheel = new SharedTimers(clock);
    const late = new Told();
    const chained = new (class extends Told {
      override onDue(nowMs: number): void {
        super.onDue(nowMs);
        wheel.add(late, nowMs - 40, nowMs);
      }
    })();
    await clock.advance(0.6);
    wheel.add(chained, clock.now() - 3, clock.now());
    await clock.advance(1);
    expect(chained.toldAtMs).toBeDefined();
    expect(late.toldAtMs).toBeDefined();
    expect(clock.pending).toBe(0);
  });

  it('seldom visits what waits for later', async () => {
    const clock = new FakeClock();
    const wheel = new SharedTimers(clock);
    let visits = 0;
    class Later extends Told {
      constructor(atMs: number) {
        super();
        Object.defineProperty(this, 'dueAtMs', { get: () => (visits++, atMs), set: () => undefined });
      }
    }
    const nowMs = clock.now();
    for (let count = 0; count < 10_000; count++) wheel.add(new Later(nowMs + 1_000 + count / 10), nowMs + 1_000 + count / 10, nowMs);
    visits = 0;
    const ticks = 100;
    for (let tick = 0; tick < ticks; tick++) {
      wheel.add(new Told(), clock.now() + 2, clock.now());
      await clock.advance(2);
    }
    expect(visits).toBeLessThan(0.05 * ticks * 10_000);
  });
});
