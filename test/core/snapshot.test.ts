import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Hedger, type LatencySnapshot } from '@hedgerow/core';
import { checkSnapshot } from '#core/latency/snapshot.js';
import { LEAST_BUCKET, MOST_BUCKET } from '#core/latency/window.js';
import { cpuMsOf } from '../support/busy-time.js';
import { FakeClock } from './fake-clock.js';
import { Stage } from './stage.js';

const url = 'http://service.test/items/1';

/** A Hedger that has seen these latencies; negative ones were cut short. */
function taught(latenciesMs: readonly number[], clock = new FakeClock(), at = url): Hedger {
  const hedger = new Hedger({ clock, budget: false, delay: { quantile: 0.9 } });
  const memory = hedger.state.memory as unknown as Memory;
  for (const ms of latenciesMs) memory.locate({ method: 'GET', url: at }, 'body').record(Math.abs(ms), ms < 0, clock.now());
  return hedger;
}

interface Memory {
  locate(request: { method: string; url: string }, raceUntil: string): Place;
}

interface Place {
  load(saved: object, ageMs: number): void;
  record(elapsedMs: number, isCensored: boolean, nowMs: number): void;
  quantile(quantile: number): number | undefined;
}

function quantilesOf(hedger: Hedger, quantiles: readonly number[], at = url): (number | undefined)[] {
  const place = (hedger.state.memory as unknown as Memory).locate({ method: 'GET', url: at }, 'body');
  return quantiles.map((quantile) => place.quantile(quantile));
}

function throughJson(snapshot: LatencySnapshot): LatencySnapshot {
  return JSON.parse(JSON.stringify(snapshot)) as LatencySnapshot;
}

function restored(snapshot: unknown, clock = new FakeClock()): Hedger {
  const hedger = new Hedger({ clock, budget: false, delay: { quantile: 0.9 } });
  hedger.restore(snapshot as LatencySnapshot);
  return hedger;
}

const samples = Array.from({ length: 300 }, (_, index) => (index % 20 === 0 ? -(index + 1) : index + 1));

describe('a snapshot', () => {
  it('may hold origins of which it holds no route', () => {
    const snapshot = taught(samples).snapshot();
    const next = restored({ ...snapshot, origins: [...snapshot.origins, { ...snapshot.origins[0], origin: 'http://other.test' }] });
    expect(next.routes()).toEqual(restored(snapshot).routes());
  });

  it('brings the same quantiles to the next process, those asked for before and others (property)', () => {
    const latency = fc.oneof(fc.double({ min: 0.5, max: 200, noNaN: true }), fc.integer({ min: 1, max: 10 }));
    const asked = fc.array(fc.double({ min: 0.01, max: 0.99, noNaN: true }), { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(fc.array(fc.tuple(latency, fc.boolean()), { minLength: 1, maxLength: 8 }), asked, asked, (seen, before, after) => {
        // Each so often that many quantiles are trusted.
        const hedger = taught(seen.flatMap(([ms, isEvent]) => new Array<number>(15).fill(isEvent ? ms : -ms)));
        quantilesOf(hedger, before);
        const next = restored(throughJson(hedger.snapshot()));
        expectEqual(quantilesOf(next, [...before, ...after]), quantilesOf(hedger, [...before, ...after]));
        expectEqual(next.routes(), hedger.routes());
      }),
      { numRuns: 2_000 },
    );
  });

  it('survives being taken again without a call', () => {
    const first = throughJson(taught(samples).snapshot());
    expect(restored(first).snapshot()).toEqual(first);
  });

  it('lets a short-lived process hedge from its first call on', async () => {
    const stage = new Stage({ delay: { quantile: 0.9 }, worth: 0 });
    stage.hedger.restore(throughJson(taught(samples).snapshot()));
    const call = stage.run([{ ms: 2_000 }, { ms: 1 }]);
    await stage.clock.advance(1_000);
    expect(await call).toMatchObject({ from: 1 });
    expect(stage.hedger.stats().suppressions.warmup).toBe(0);
  });

  it('also one that seeks a goal, however old the snapshot is', async () => {
    const old = throughJson(taught(samples).snapshot());
    const stage = new Stage({ delay: { minimize: 0.9 }, worth: 0 });
    stage.clock.random = () => 0;
    await stage.clock.advance(86_400_000);
    stage.hedger.restore(old);
    void stage.run([{ ms: 2_000 }, { ms: 1 }]);
    await stage.clock.advance(1_000);
    expect(stage.hedger.stats()).toMatchObject({ hedged: 1, suppressions: { warmup: 0 } });
  });

  it('ages: its samples leave the window, its estimates stand until there are new ones', async () => {
    const clock = new FakeClock();
    const hedger = taught(samples, clock);
    const [p90] = quantilesOf(hedger, [0.9]);
    const snapshot = throughJson(hedger.snapshot());
    await clock.advance(30_000);
    const soon = restored(snapshot, clock);
    expect(soon.routes()).toMatchObject([{ samples: 300 }]);
    await clock.advance(45_000);
    expect(soon.routes()).toMatchObject([{ samples: 0 }]);
    const late = restored(snapshot, clock);
    expect(late.routes()).toMatchObject([{ samples: 0 }]);
    expect(quantilesOf(soon, [0.9, 0.5])).toEqual(quantilesOf(late, [0.9, 0.5]));
    expect(quantilesOf(late, [0.9])).toEqual([p90]);
    for (let sample = 0; sample < 200; sample++) {
      (late.state.memory as unknown as Memory).locate({ method: 'GET', url }, 'body').record(5, false, clock.now());
    }
    await clock.advance(1_000);
    quantilesOf(late, [0.75]); // renews what is known
    expect(quantilesOf(late, [0.9])[0]).toBeCloseTo(5, 0);
  });

  it('is kept until somebody asks, however late', async () => {
    const clock = new FakeClock();
    const hedger = restored(throughJson(taught(samples, clock).snapshot()), clock);
    const memory = hedger.state.memory as unknown as Memory;
    await clock.advance(300_000);
    memory.locate({ method: 'GET', url }, 'body').record(5, false, clock.now());
    await clock.advance(5_000);
    expect(quantilesOf(hedger, [0.9])[0]).toBeGreaterThan(100);
  });

  it('made in the future is taken for one of now', () => {
    expect(restored({ ...taught(samples).snapshot(), savedAtMs: 8e15 }).routes()).toMatchObject([{ samples: 300 }]);
  });

  it('adds to what was learnt since, and takes nothing away', () => {
    const clock = new FakeClock();
    const hedger = taught([7, 7, 7], clock, 'http://service.test/other');
    hedger.restore(taught(samples).snapshot());
    expect(hedger.routes()).toMatchObject([{ samples: 3 }, { samples: 300 }]);
    // A route with too few samples borrows from its origin, as ever.
    expect(quantilesOf(hedger, [0.5], 'http://service.test/other')[0]).toBeGreaterThan(100);
  });

  it('is bounded: the routes used least recently are left out', () => {
    const clock = new FakeClock();
    const hedger = new Hedger({ clock, latency: { maxKeys: 800 } });
    const memory = hedger.state.memory as unknown as Memory;
    const full = Array.from({ length: 2_000 }, (_, index) => (index % 2 === 0 ? index / 2 : 1));
    for (let route = 0; route < 800; route++) {
      const place = memory.locate({ method: 'GET', url: `http://${route}.test/` }, 'body');
      place.load({ events: full, censored: [], estimates: [] }, 0);
    }
    const { routes } = hedger.snapshot();
    expect(routes.length).toBeGreaterThan(100);
    expect(routes.length).toBeLessThan(800);
    expect(routes.at(-1)?.key).toBe('GET http://799.test/');
    expect(JSON.stringify(hedger.snapshot()).length).toBeLessThan(8e6);
    const next = new Hedger({ clock, latency: { maxKeys: 800 } });
    next.restore(hedger.snapshot());
    expect(next.routes()).toHaveLength(routes.length);
  });

  it('has no names that are too long, so that it is always taken', () => {
    const hedger = taught([1, 2, 3], new FakeClock(), `http://${'a'.repeat(5_000)}.test/`);
    expect(hedger.snapshot().routes).toHaveLength(1);
    expect(() => restored(hedger.snapshot())).not.toThrow();
  });
});

describe('restore', () => {
  const route = { key: 'GET http://service.test/items/:id', origin: 0, events: [35, 1, 55, 250, 185, 30], censored: [0, 1, 153, 9], estimates: [0.9, 22] };
  const origin = { origin: 'http://service.test', raceUntil: 'body' as const, events: [35, 1], censored: [], estimates: [] };
  const good: LatencySnapshot = { version: 1, savedAtMs: 1, origins: [origin], routes: [route] };
  const withRoute = (change: object): unknown => ({ ...good, routes: [{ ...route, ...change }] });

  it.each([
    [null, TypeError, '`snapshot` must be an object, got null'],
    ['{}', TypeError, '`snapshot` must be an object, got "{}"'],
    [[], TypeError, '`snapshot` must be an object'],
    [{}, TypeError, '`snapshot.version` must be there, got undefined'],
    [{ ...good, version: 2 }, TypeError, '`snapshot.version` must be 1, got 2'],
    [{ ...good, extra: 1 }, TypeError, 'got "a member \\"extra\\""'],
    [JSON.parse(`{"__proto__":{"polluted":1},${JSON.stringify(good).slice(1)}`), TypeError, 'a member \\"__proto__\\"'],
    [Object.create(good), TypeError, '`snapshot.version` must be there'],
    [{ ...good, savedAtMs: '1' }, TypeError, '`snapshot.savedAtMs`'],
    [{ ...good, savedAtMs: NaN }, RangeError, '`snapshot.savedAtMs`'],
    [{ ...good, routes: {} }, TypeError, '`snapshot.routes` must be a list, got an object'],
    [{ ...good, routes: [route, route] }, RangeError, '`snapshot.routes` must be a list without repetition'],
    [{ ...good, routes: Array.from({ length: 1_001 }, () => route) }, RangeError, '`snapshot.routes` must be a list of at most 1000 items, got "1001 items"'],
    [{ ...good, origins: [] }, RangeError, '`snapshot.routes[0].origin` must be the index of an origin'],
    [{ ...good, origins: [{ ...origin, raceUntil: 'tail' }] }, TypeError, '`snapshot.origins[0].raceUntil` must be "headers" or "firstChunk" or "until" or "body", got "tail"'],
    [withRoute({ key: 7 }), TypeError, '`snapshot.routes[0].key` must be a string, got 7'],
    [withRoute({ key: 'x'.repeat(4_097) }), RangeError, '`snapshot.routes[0].key` must be a string of at most 4096 characters'],
    [withRoute({ origin: 0.5 }), RangeError, '`snapshot.routes[0].origin`'],
    [withRoute({ events: [1] }), RangeError, '`snapshot.routes[0].events` must be a list of pairs, got "1 items"'],
    [withRoute({ events: [5, 1, 5, 1] }), RangeError, '`snapshot.routes[0].events[2]` must be a bucket above the one before'],
    [withRoute({ events: [5, 0] }), RangeError, '`snapshot.routes[0].events[1]` must be a count'],
    [withRoute({ events: [5, 2 ** 40] }), RangeError, '`snapshot.routes[0].events[1]`'],
    [withRoute({ events: [1e6, 1] }), RangeError, '`snapshot.routes[0].events[0]`'],
    [withRoute({ events: [5, '1'] }), TypeError, '`snapshot.routes[0].events[1]`'],
    [withRoute({ censored: new Array(10_000).fill(1) }), RangeError, '`snapshot.routes[0].censored` must be a list of at most'],
    [withRoute({ estimates: [1.5, 5] }), RangeError, '`snapshot.routes[0].estimates[0]`'],
    [withRoute({ estimates: [0.9, -1] }), RangeError, '`snapshot.routes[0].estimates[1]`'],
    [withRoute({ estimates: [0.9, Infinity] }), RangeError, '`snapshot.routes[0].estimates[1]`'],
    [withRoute({ estimates: [1, 5] }), RangeError, '`snapshot.routes[0].estimates[0]` must be a quantile above the one before, below 1, got 1'],
    [withRoute({ estimates: [0.5, 5, 0.5, 6] }), RangeError, '`snapshot.routes[0].estimates[2]` must be a quantile above the one before, below 1, got 0.5'],
    [withRoute({ estimates: [1.5, 5] }), RangeError, 'must be a quantile above the one before, 0 to 1, got 1.5'],
    [withRoute({ estimates: [0.5, -5] }), RangeError, 'must be milliseconds, 0 to 10000000000, got -5'],
    [withRoute({ estimates: Array.from({ length: 34 }, () => 0) }), RangeError, '`snapshot.routes[0].estimates` must be a list of at most 32 items'],
    [withRoute({ events: [5.5, 1] }), RangeError, 'a whole number, got 5.5'],
    [withRoute({ events: [5, 2 ** 32] }), RangeError, '`snapshot.routes[0].events[1]` must be a count'],
    [{ ...good, savedAtMs: -1 }, RangeError, '`snapshot.savedAtMs` must be milliseconds since the epoch, 0 to 8640000000000000, got -1'],
    [{ ...good, origins: [{ ...origin, origin: 5 }] }, TypeError, '`snapshot.origins[0].origin` must be a string, got 5'],
    [{ ...good, origins: [origin, origin] }, RangeError, '`snapshot.origins` must be a list without repetition, got "1 repeated"'],
    [{ ...good, routes: [route, route, route] }, RangeError, '`snapshot.routes` must be a list without repetition, got "2 repeated"'],
    [{ ...good, ['x'.repeat(61)]: 1 }, TypeError, `must be an object of version, savedAtMs, origins, routes, got "a member \\"${'x'.repeat(60).slice(0, 40)}`],
    [withRoute({ estimates: [0.9, [[[]]]] }), TypeError, '`snapshot.routes[0].estimates[1]`'],
  ] as const)('refuses garbage and says what is wrong (%#)', (garbage, type, message) => {
    const hedger = new Hedger();
    const restore = (): void => hedger.restore(garbage as LatencySnapshot);
    expect(restore).toThrow(type);
    expect(restore).toThrow(message);
    expect(hedger.routes()).toEqual([]);
    expect(Object.prototype).not.toHaveProperty('polluted');
  });

  it('takes the longest name, the largest count, and an origin that is raced to different ends', () => {
    const longest = { ...route, key: 'x'.repeat(4_096), events: [5, 2 ** 32 - 1], origin: 1 };
    const hedger = restored({ ...good, origins: [origin, { ...origin, raceUntil: 'headers' }], routes: [route, longest] });
    expect(hedger.routes().map(({ key }) => key.length)).toEqual([route.key.length, 4_096]);
  });

  it('takes a list of all the buckets that there are', () => {
    const events = Array.from({ length: MOST_BUCKET - LEAST_BUCKET + 1 }, (_, index) => [LEAST_BUCKET + index, 1]).flat();
    expect(() => restored(withRoute({ events }))).not.toThrow();
    expect(() => restored(withRoute({ events: [...events, MOST_BUCKET + 1, 1] }))).toThrow(`must be a list of at most ${events.length} items`);
  });

  it('takes so many numbers in all and no more', () => {
    expect(checkSnapshot(good, 1, 14)).toBe(good);
    expect(() => checkSnapshot(good, 1, 13)).toThrow(new RangeError('hedgerow: `snapshot` must be no more than 13 numbers, got 14'));
  });

  it('refuses whatever is not a snapshot (property)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), fc.object()), (garbage) => {
        expectRefused(garbage);
      }),
      { numRuns: 10_000 },
    );
  });

  it('refuses a snapshot with any part of it spoilt, and then has changed nothing (property)', () => {
    const small = throughJson(taught([1, 2, -3], new FakeClock()).snapshot());
    const paths = pathsOf(small);
    const spoilt = fc.oneof(
      fc.constantFrom<unknown>(null, undefined, NaN, Infinity, -Infinity, -1, 0.5, 1e300, '', '1', true, {}, [], [[]], { length: 2 }),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.constantFrom(...paths), spoilt, (path, value) => {
        const garbage = throughJson(small);
        fc.pre(!isHarmless(path, value));
        put(garbage, path, value);
        expectRefused(garbage);
      }),
      { numRuns: 10_000 },
    );
  });

  it('takes no longer than it should over a hostile one', async () => {
    const hostile = {
      ...good,
      routes: Array.from({ length: 1_000 }, (_, index) => ({ ...route, key: `k${index}`, events: Array.from({ length: 2_600 }, (_, i) => (i % 2 === 0 ? i / 2 - 300 : 1)) })),
    };
    const ms = await cpuMsOf(() => {
      expect(() => restored(hostile)).toThrow('no more than 500000 numbers');
      expect(() => restored({ ...good, routes: { length: 1e9 } })).toThrow(TypeError);
      expect(() => restored({ ...good, routes: new Array(2 ** 32 - 1) })).toThrow(RangeError);
    });
    expect(ms).toBeLessThan(1_000);
  });
});

function expectRefused(garbage: unknown): void {
  const hedger = new Hedger();
  let error: unknown;
  try {
    hedger.restore(garbage as LatencySnapshot);
  } catch (caught) {
    error = caught;
  }
  const isRefusal = (error instanceof TypeError || error instanceof RangeError) && /^hedgerow: `snapshot[\w.[\]]*` must be /.test(error.message);
  if (!isRefusal || hedger.routes().length > 0) throw new Error(`not refused: ${String(error)}`);
}

/** Asks `expect`, which takes most of the time of ten thousand runs, only for what it says of a difference. */
function expectEqual(found: unknown, wanted: unknown): void {
  if (!isDeepStrictEqual(found, wanted)) expect(found).toEqual(wanted);
}

type Path = readonly (string | number)[];

/** The way to every part of it. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  const own = path.length === 0 ? [] : [path];
  if (typeof value !== 'object' || value === null) return own;
  return [...own, ...Object.entries(value).flatMap(([key, part]) => pathsOf(part, [...path, Array.isArray(value) ? Number(key) : key]))];
}

function put(target: object, path: Path, value: unknown): void {
  const parent = path.slice(0, -1).reduce<unknown>((part, key) => (part as Record<string, unknown>)[key], target);
  (parent as Record<string, unknown>)[path.at(-1) ?? ''] = value;
}

/** Another name, no samples at all, or another time are no garbage. */
function isHarmless(path: Path, value: unknown): boolean {
  const last = path.at(-1);
  if (typeof value === 'string') return last === 'key' || (last === 'origin' && path[0] === 'origins');
  if (Array.isArray(value) && value.length === 0) return ['events', 'censored', 'estimates', 'routes'].includes(String(last));
  if (value === -1) return path.at(-2) === 'events' || path.at(-2) === 'censored'; // a bucket
  return last === 'savedAtMs' && value === 0.5;
}
