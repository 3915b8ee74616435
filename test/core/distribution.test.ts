import { describe, expect, it } from '@jest/globals';
import { Distribution } from '#core/latency/distribution.js';
import { FakeClock } from './fake-clock.js';
import { seeded } from './traffic.js';

/** A distribution of a minute, and how to note latencies now. */
function stage(): { clock: FakeClock; latency: Distribution; note: (count: number, ms?: number, isCensored?: boolean) => void } {
  const clock = new FakeClock();
  const latency = new Distribution('GET /', 60_000, 6, clock);
  return {
    clock,
    latency,
    note: (count, ms = 10, isCensored = false) => {
      for (let sample = 0; sample < count; sample++) latency.record(ms, isCensored, clock.now());
    },
  };
}

describe('a distribution', () => {
  it('is trusted from as many samples on as its tail needs', () => {
    const { latency, note } = stage();
    note(99);
    expect([latency.curve(), latency.currentQuantile(0.9)]).toEqual([undefined, undefined]);
    note(1);
    expect(latency.curve()?.quantile(0.5)).toBeCloseTo(10, 0);
    expect(latency.currentQuantile(0.9)).toBeCloseTo(10, 0);
    expect(latency.currentQuantile(0.91)).toBeUndefined();
  });

  it('counts a sample in the time in which it was noted, however long nobody looks', async () => {
    const { clock, latency, note } = stage();
    note(3);
    await clock.advance(55_000);
    note(1);
    await clock.advance(9_000);
    expect(latency.samples).toBe(1);
  });

  it('tells what was cut short from what ended, and saves nothing where nothing is known', () => {
    const { latency, note } = stage();
    expect(latency.save()).toBeUndefined();
    note(2, 10);
    note(3, 20, true);
    const saved = latency.save();
    expect([saved?.events[1], saved?.events.length, saved?.censored[1], saved?.censored.length, saved?.estimates]).toEqual([2, 2, 3, 2, []]);
  });

  it('renews an estimate as soon as there are samples enough, once for all that are noted together', async () => {
    const { clock, latency, note } = stage();
    expect(latency.quantile(0.5)).toBeUndefined();
    note(19);
    expect(latency.quantile(0.5)).toBeUndefined();
    expect([clock.pending, latency.refreshes]).toEqual([0, 1]);
    note(3);
    expect(clock.pending).toBe(1);
    await clock.advance(0);
    expect(latency.refreshes).toBe(2);
    expect(latency.quantile(0.5)).toBeCloseTo(10, 0);
    expect(latency.refreshes).toBe(2);
  });

  it('renews estimates every 250 samples, or after a second', async () => {
    const { clock, latency, note } = stage();
    note(30);
    await clock.advance(0);
    latency.quantile(0.5);
    note(249);
    expect(clock.pending).toBe(0);
    note(1);
    expect(clock.pending).toBe(1);
    await clock.advance(999);
    note(1);
    expect(clock.pending).toBe(0);
    await clock.advance(1);
    note(1);
    expect(clock.pending).toBe(1);
  });

  it('does not, while nobody asks', async () => {
    const { clock, latency, note } = stage();
    latency.quantile(0.5);
    note(250);
    await clock.advance(0);
    const { refreshes } = latency;
    for (let round = 0; round < 3; round++) {
      note(250);
      await clock.advance(0);
    }
    expect(latency.refreshes).toBe(refreshes);
    latency.quantile(0.5);
    note(250);
    await clock.advance(0);
    expect(latency.refreshes).toBe(refreshes + 1);
  });

  it('remembers sixteen estimates, those asked for last', () => {
    const { latency, note } = stage();
    note(1_000);
    const asked = Array.from({ length: 18 }, (_, index) => (index + 1) / 20);
    for (const quantile of asked) latency.quantile(quantile);
    const saved = latency.save()?.estimates.filter((_, index) => index % 2 === 0);
    expect(saved).toEqual(asked.slice(2));
  });

  it('keeps an estimate that there are no samples for any more', async () => {
    const { clock, latency, note } = stage();
    note(30);
    const known = latency.quantile(0.5);
    await clock.advance(120_000);
    note(1, 99);
    await clock.advance(0);
    expect(latency.samples).toBe(1);
    expect(latency.quantile(0.5)).toBe(known);
  });

  it('starts afresh when what comes contradicts what was known', async () => {
    const { clock, latency, note } = stage();
    note(300, 10);
    latency.quantile(0.9);
    await clock.advance(0);
    for (let round = 0; round < 30; round++) {
      await clock.advance(100);
      note(10, 60);
      latency.quantile(0.9);
    }
    await clock.advance(1_000);
    expect(latency.resets).toBeGreaterThanOrEqual(1);
    expect(latency.resets).toBeLessThan(4);
    expect(latency.quantile(0.9)).toBeGreaterThan(50);
    expect(latency.currentQuantile(0.5)).toBeGreaterThan(50);
  });

  it('does not where nothing contradicts it', async () => {
    const { clock, latency, note } = stage();
    const random = seeded(4);
    for (let round = 0; round < 60; round++) {
      for (let sample = 0; sample < 20; sample++) note(1, 8 + 4 * random() + (random() < 0.1 ? 50 : 0));
      latency.quantile(0.9);
      await clock.advance(100);
    }
    expect(latency.resets).toBe(0);
  });
});

describe('a distribution that was saved', () => {
  const saved = { events: [115, 200, 120, 100], censored: [118, 20], estimates: [0.5, 7, 0.75, 70] };

  it('is known where there is nothing newer', () => {
    const { latency, note } = stage();
    note(30, 10);
    const own = latency.quantile(0.5);
    latency.load(saved, 0);
    expect([latency.quantile(0.5), latency.quantile(0.75), latency.samples]).toEqual([own, 70, 350]);
  });

  it('stands for itself while no sample of the window is left, and gives way to what is learnt', async () => {
    const { clock, latency, note } = stage();
    latency.load(saved, 120_000);
    expect(latency.samples).toBe(0);
    expect(latency.save()).toEqual(saved);
    expect([latency.quantile(0.5), latency.quantile(0.75)]).toEqual([7, 70]);
    // Bucket 115 ends at 10 ms, 120 at 11 ms.
    expect(latency.quantile(0.6)).toBeCloseTo(10, 0);
    expect([latency.quantile(0.99), latency.quantile(0.99)]).toEqual([undefined, undefined]);
    note(100, 40);
    await clock.advance(1_000);
    note(1, 40);
    await clock.advance(0);
    expect(latency.quantile(0.6)).toBeCloseTo(40, 0);
    expect(latency.quantile(0.5)).toBeCloseTo(40, 0);
    expect(latency.save()?.censored).toEqual([]);
  });

  it('is let go of once everything asked for is known', async () => {
    const { clock, latency, note } = stage();
    latency.load({ ...saved, estimates: [] }, 120_000);
    expect(latency.quantile(0.5)).toBe(latency.quantile(0.5));
    note(20, 40);
    await clock.advance(0);
    expect(latency.quantile(0.9)).toBeUndefined();
    await clock.advance(120_000);
    expect(latency.save()?.events).toEqual([]);
  });
});
