import { describe, expect, it } from '@jest/globals';
import { Lift } from '#core/harm/lift.js';
import { Distribution } from '#core/routes/distribution.js';
import { Spare } from '#core/spare/spare.js';
import { FakeClock } from './fake-clock.js';
import { seeded } from './traffic.js';

/** A distribution of a minute, and how to note latencies now. */
function stage(lift?: Lift): { clock: FakeClock; latency: Distribution; note: (count: number, ms?: number, isCensored?: boolean) => void } {
  const clock = new FakeClock();
  const latency = new Distribution('GET /', 60_000, 6, clock, lift && { lift, spare: new Spare() });
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
    await clock.advance(500);
    note(3); // not digested by a renewal: the last was half a second ago
    await clock.advance(54_500);
    note(1);
    await clock.advance(9_000);
    expect(latency.samples).toBe(1);
  });

  it('digests what it saw first although nobody asks, and renews nothing', async () => {
    const { clock, latency, note } = stage();
    note(1);
    expect(clock.pending).toBe(1);
    await clock.advance(0);
    expect(latency.refreshes).toBe(0);
  });

  it('tells what was cut short from what ended, and saves nothing where nothing is known', () => {
    const { latency, note } = stage();
    expect(latency.save()).toBeUndefined();
    note(2, 10);
    note(3, 20, true);
    const saved = latency.save();
    expect([saved?.events[1], saved?.events.length, saved?.censored[1], saved?.censored.length, saved?.estimates]).toEqual([2, 2, 3, 2, []]);
  });

  it('takes what ended at once for what ended', () => {
    const { latency, note } = stage();
    note(2, 0);
    expect(latency.save()).toMatchObject({ events: [expect.any(Number), 2], censored: [] });
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

  it('waits for no more samples once there are enough', async () => {
    const { clock, latency, note } = stage();
    latency.quantile(0.5);
    latency.quantile(0.5);
    note(20);
    await clock.advance(0);
    expect(latency.quantile(0.5)).toBeCloseTo(10, 0);
    note(1);
    expect(clock.pending).toBe(0);
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

  it.each([0, 1, -0.5, 1.5, NaN])('knows no quantile %d, and saves none, so that its snapshot is taken', (quantile) => {
    const { latency, note } = stage();
    note(1_000);
    expect(latency.quantile(quantile)).toBeUndefined();
    expect(latency.save()?.estimates).toEqual([]);
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

    const { refreshes } = latency;
    await clock.advance(2_000);
    note(1, 99);
    await clock.advance(0);
    expect(latency.refreshes).toBe(refreshes + 1);
    expect(latency.quantile(0.5)).toBe(known);
  });

  it('solves for a goal when it is first asked for, and then when it is renewed', () => {
    const { latency, note } = stage();
    note(2_000);
    const trigger = { name: 'latest', quantile: 0.955, minMs: 1, maxMs: Infinity, worth: 0.2 };
    const rule = { name: 'p99', target: 0.99, ratio: 0.05, burst: 1_000, maxHedges: 1, minMs: 1, maxMs: Infinity, trigger };
    const plan = latency.goal(rule);
    const { refreshes } = latency;
    expect(plan).toBeDefined();
    expect(latency.goal(rule)).toBe(plan);
    expect(latency.refreshes).toBe(refreshes);
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

  it('starts afresh with what is still true, cut short or not', async () => {
    const { clock, latency, note } = stage();
    note(300, 10);
    latency.quantile(0.9);
    await clock.advance(0);
    for (let round = 0; latency.resets === 0 && round < 100; round++) {
      await clock.advance(100);
      note(7, 60);
      note(1, 0);
      note(2, 60, true);
      latency.quantile(0.9);
      await clock.advance(0);
    }
    expect(latency.resets).toBe(1);
    // Ten of the hundred samples since then ended at once, twenty were cut short.
    const bucket: unknown = expect.any(Number);
    expect(latency.save()).toMatchObject({ events: [bucket, 10, bucket, 70], censored: [bucket, 20] });
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

describe('a distribution that tells which of its requests are slow', () => {
  /** Keeps what it is told. */
  class Told extends Lift {
    readonly seen: [boolean, number, number][] = [];
    override see(...seen: [boolean, number, number]): void {
      this.seen.push(seen);
    }
  }

  it('counts as slow what a tenth at most takes longer than, once that is known, and nothing that was overtaken', async () => {
    const told = new Told();
    const { clock, latency, note } = stage(told);
    note(92, 10);
    note(8, 21);
    await clock.advance(0);
    const { slowness } = latency;
    expect(slowness?.ms).toBeCloseTo(10, 0);
    expect(slowness?.share).toBeCloseTo(0.08, 9);
    await clock.advance(10);
    note(1, 10);
    note(1, 21);
    note(1, 30, true);
    expect(told.seen).toEqual([false, true, false].map((isSlow) => [isSlow, slowness?.share, clock.now()]));
  });

  it('expects a few to be slow where hardly any are', async () => {
    const { clock, latency, note } = stage(new Lift());
    note(200, 10);
    await clock.advance(0);
    expect(latency.slowness?.share).toBe(0.02);
  });

  it('knows what is slow, and remembers it when its samples are gone', async () => {
    const { clock, latency, note } = stage(new Lift());
    note(99);
    await clock.advance(1_000);
    expect(latency.slowness).toBeUndefined();
    note(80, 10);
    note(21, 20);
    await clock.advance(1_000);
    note(1);
    await clock.advance(0);
    expect(latency.slowness?.ms).toBeCloseTo(20, 0);
    const { slowness } = latency;
    await clock.advance(120_000);
    note(1, 50);
    await clock.advance(0);
    expect(latency.slowness).toBe(slowness);
  });

  it('goes on to renew its median although nobody asks', async () => {
    const { clock, latency, note } = stage(new Lift());
    for (let round = 0; round < 3; round++) {
      note(250);
      await clock.advance(0);
    }
    expect(latency.refreshes).toBe(3);
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

  it('counts all its samples, cut short or not, towards what it may tell', () => {
    const { latency } = stage();
    latency.load({ ...saved, estimates: [] }, 120_000);
    // 320 samples are there, and so many are needed.
    expect(latency.quantile(0.96875)).toBeCloseTo(11, 0);
    expect(latency.quantile(0.969)).toBeUndefined();
  });

  it('brings the quantiles that are in it, and no others', async () => {
    const { clock, latency, note } = stage();
    latency.load(saved, 0);
    latency.quantile(0.6);
    note(1);
    await clock.advance(0);
    expect(latency.save()?.estimates.filter((_, index) => index % 2 === 0)).toEqual([0.5, 0.6, 0.75]);
  });

  it('is kept while nobody asks for anything, or for more than is known', async () => {
    const idle = stage(new Lift());
    idle.latency.load({ ...saved, estimates: [] }, 120_000);
    idle.note(1);
    await idle.clock.advance(0);
    expect(idle.latency.quantile(0.5)).toBeCloseTo(10, 0);

    const { clock, latency, note } = stage();
    latency.load({ ...saved, estimates: [] }, 120_000);
    latency.quantile(0.5);
    latency.quantile(0.95);
    note(20, 40);
    await clock.advance(1_000);
    latency.quantile(0.5);
    note(1, 40);
    await clock.advance(0);
    expect(latency.quantile(0.5)).toBeCloseTo(40, 0);
    expect(latency.quantile(0.9)).toBeCloseTo(11, 0);
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
