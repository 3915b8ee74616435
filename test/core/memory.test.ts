import { describe, expect, it } from '@jest/globals';
import type { HedgeRequest } from '@hedgerow/core';
import { Lateness } from '#core/timing/lateness.js';
import { LatencyMemory } from '#core/routes/memory.js';
import type { LatencySettings, Place } from '#core/routes/place.js';
import { FakeClock } from './fake-clock.js';

/** A memory, and how to find the place of a path. */
function stage(settings: Partial<LatencySettings> = {}): { memory: LatencyMemory; at: (path: string, request?: Partial<HedgeRequest>) => Place } {
  const memory = new LatencyMemory(
    { windowMs: 60_000, subWindows: 6, maxKeys: 100, key: undefined, warmup: undefined, pauseAbove: undefined, ...settings },
    new FakeClock(),
    new Lateness(),
  );
  return { memory, at: (path, request = {}) => memory.locate({ method: 'GET', url: `http://a.test/${path}`, ...request }, 'body') };
}

function note(place: Place, count: number, ms: number, isCensored = false): void {
  for (let sample = 0; sample < count; sample++) place.record(ms, isCensored, 1_000);
}

describe('the place of a route', () => {
  it('is the same for the same request, and another for another method or what is raced', () => {
    const { memory, at } = stage();
    const place = at('x');
    expect(at('x')).toBe(place);
    expect(at('x', { method: 'HEAD' }).key).toBe('HEAD http://a.test/x');
    expect(at('x')).toBe(place);
    expect(memory.locate({ method: 'GET', url: 'http://a.test/x' }, 'headers').key).toBe('GET http://a.test/x (headers)');
    expect(memory.size).toBe(3);
  });

  it('is what the user says, who may look at more than the URL and the method', () => {
    const { at } = stage({ key: ({ header }) => header?.('tenant') ?? undefined });
    expect(['one', 'two'].map((tenant) => at('x', { header: () => tenant }).key)).toEqual(['one', 'two']);
  });

  it('borrows from its origin while it has too few samples', () => {
    const { at } = stage();
    note(at('known'), 100, 10);
    const rare = at('rare');
    note(rare, 2, 10);
    expect([rare.samples, rare.ownSamples]).toEqual([102, 2]);
    expect(rare.curve()?.quantile(0.5)).toBeCloseTo(10, 0);
    note(rare, 98, 40);
    expect(rare.curve()?.quantile(0.5)).toBeCloseTo(40, 0);
    expect([rare.samples, rare.ownSamples]).toEqual([200, 100]);
  });

  it('says why it is not hedged, if it is not', () => {
    const { memory, at } = stage({ pauseAbove: 0.9 });
    const place = at('x');
    const reasons: unknown[] = [place.pauseReason];
    for (const isGatePaused of [true, false]) {
      Object.assign(place, { gate: { isPaused: isGatePaused } });
      reasons.push(place.pauseReason, memory.describe(() => 1)[0]?.isPaused);
    }
    for (let call = 0; call < 12; call++) place.noteRefusals().compare(401, 200, true, call);
    expect([...reasons, place.pauseReason]).toEqual([undefined, 'no_benefit', true, undefined, false, 'refused']);
  });

  it('asks whether copies help only if hedging may pause, and keeps calls only for goals', () => {
    const place = stage().at('x');
    expect(place.gate).toBeUndefined();
    expect(stage({ pauseAbove: 0.9 }).at('x').gate).toBeDefined();
    place.recordCall(5, 1_000);
    expect(place.describeGoal()).toBeUndefined();
  });
});

describe('what is saved of a memory', () => {
  /** Ten numbers for each route (three buckets, one of them of what was cut short, too, and an estimate), eight for the origin. */
  function learnt(paths: readonly string[]): LatencyMemory {
    const { memory, at } = stage();
    for (const path of paths) {
      const place = at(path);
      for (const ms of [10, 20, 30]) note(place, 10, ms);
      note(place, 1, 40, true);
      place.quantile(0.5);
    }
    return memory;
  }
  const keysOf = (memory: LatencyMemory, mostNumbers?: number): string[] => memory.save(mostNumbers).routes.map(({ key }) => key);

  it('is in the order in which it was used last, without routes that nothing is known of', () => {
    const { memory, at } = stage();
    for (const path of ['a', 'b', 'c', 'a']) note(at(path), path === 'c' ? 0 : 1, 10);
    expect(keysOf(memory)).toEqual(['GET http://a.test/b', 'GET http://a.test/a']);
  });

  it('fits into the room that there is, which the routes used last get first', () => {
    const memory = learnt(['a', 'b']);
    const [first, second] = ['GET http://a.test/a', 'GET http://a.test/b'];
    expect([28, 27, 18, 17].map((room) => keysOf(memory, room))).toEqual([[first, second], [second], [second], []]);
  });

  it('has empty lists for an origin that nothing is known of', () => {
    const { memory, at } = stage();
    at('x').load({ events: [5, 1], censored: [], estimates: [] }, 0);
    const { origins, routes } = memory.save();
    expect(origins).toEqual([{ origin: 'http://a.test', raceUntil: 'body', events: [], censored: [], estimates: [] }]);
    expect(routes).toEqual([{ key: 'GET http://a.test/x', origin: 0, events: [5, 1], censored: [], estimates: [] }]);
  });
});
