import { describe, expect, it, jest } from '@jest/globals';
import { Hedger, hedgeInfo, type AttemptContext, type HedgeRequest, type HedgerOptions, type PromiseHedgeOptions } from '@hedgerow/core';
import { FakeClock } from './fake-clock.js';

/** What an attempt of {@link World.ask} does after so many milliseconds. */
interface Deed {
  readonly ms: number;
  readonly value?: unknown;
  readonly error?: unknown;
}

/** Calls by key on a fake clock. Aborted attempts reject with the reason. */
class World {
  readonly clock = new FakeClock();
  readonly hedger: Hedger;
  readonly started: AttemptContext[] = [];

  constructor(options: HedgerOptions = {}) {
    this.hedger = new Hedger({ clock: this.clock, budget: false, delay: 10, ...options });
  }

  ask(deeds: readonly Deed[], options?: PromiseHedgeOptions<unknown>, key = 'users.find'): Promise<unknown> {
    const call = this.hedger.hedge(key, (attempt) => this.attempt(attempt, deeds[attempt.number] ?? { ms: 1e6 }), options);
    call.catch(() => undefined);
    return call;
  }

  private attempt(attempt: AttemptContext, deed: Deed): Promise<unknown> {
    this.started.push(attempt);
    return new Promise((resolve, reject) => {
      attempt.onAbort(reject);
      this.clock.setTimeout(() => ('error' in deed ? reject(deed.error) : resolve(deed.value)), deed.ms);
    });
  }
}

describe('hedge()', () => {
  it('gives what the faster of two attempts resolves with, and aborts the other', async () => {
    const world = new World();
    const call = world.ask([{ ms: 500, value: 'slow' }, { ms: 5, value: 'fast' }]);
    await world.clock.advance(20);
    expect(await call).toBe('fast');
    expect(world.started.map(({ aborted }) => aborted)).toEqual([true, false]);
    expect(world.hedger.stats()).toMatchObject({ calls: 1, eligible: 1, hedged: 1, wins: { hedge: 1 }, activeHedges: 0 });
    expect(world.clock.pending).toBe(1); // the slow one's own
  });

  it.each([[7], [null], [undefined], [''], [Object.freeze({ id: 1 })], [[1, 2]]])('tells of %j by the promise, and leaves the value alone', async (value) => {
    const world = new World();
    const call = world.ask([{ ms: 500 }, { ms: 5, value }]);
    expect(hedgeInfo(call)).toBeUndefined();
    await world.clock.advance(20);
    const result = await call;
    expect(result).toBe(value);
    expect(hedgeInfo(call)).toMatchObject({ key: 'users.find', attempts: 2, winner: 1, isHedge: true, delayMs: 10, durationMs: 15 });
    expect(hedgeInfo(result)).toBeUndefined();
  });

  it('tells of a failure by the promise and by the error, which is the primary’s own', async () => {
    const world = new World();
    const error = new Error('no such table');
    const call = world.ask([{ ms: 3, error }]);
    await world.clock.advance(20);
    await expect(call).rejects.toBe(error);
    expect(hedgeInfo(call)).toMatchObject({ attempts: 1, winner: undefined });
    expect(hedgeInfo(error)).toBe(hedgeInfo(call));
  });

  it('learns by key: each has a delay, and samples, of its own', async () => {
    const world = new World({ delay: { quantile: 0.8 } });
    for (let round = 0; round < 300; round++) {
      void world.ask([{ ms: round % 10 === 0 ? 50 : 2, value: 1 }, { ms: 2 }], { hedge: { worth: 0 } }, 'cache.get');
      void world.ask([{ ms: round % 10 === 0 ? 900 : 200, value: 1 }, { ms: 200 }], { hedge: { worth: 0 } }, 'report');
      await world.clock.advance(1_000);
    }
    const routes = new Map(world.hedger.routes().map((route) => [route.key, route]));
    expect([...routes.keys()].sort()).toEqual(['cache.get', 'report']);
    expect(routes.get('cache.get')?.samples).toBeGreaterThan(0);
    world.started.length = 0;
    void world.ask([{ ms: 150, value: 1 }, { ms: 1 }], { hedge: { worth: 0 } }, 'cache.get');
    void world.ask([{ ms: 150, value: 1 }, { ms: 1 }], { hedge: { worth: 0 } }, 'report');
    await world.clock.advance(1_000);
    // 150 ms are long for the one and short for the other.
    expect(world.started.map(({ number }) => number)).toEqual([0, 0, 1]);
  });

  it('remembers no more keys than `latency.maxKeys`', async () => {
    const world = new World({ latency: { maxKeys: 10 } });
    for (let id = 0; id < 100; id++) void world.ask([{ ms: 1 }], {}, `user.${id}`);
    await world.clock.advance(5);
    expect(world.hedger.stats().keys).toBe(10);
  });

  it('has a budget by key, inside the one for all', async () => {
    const world = new World({ budget: { ratio: 0.1, burst: 10 }, delay: 1 });
    for (let call = 0; call < 20; call++) void world.ask([{ ms: 5 }, { ms: 1 }], {}, 'a');
    await world.clock.advance(3);
    expect(world.hedger.stats().attempts.hedge).toBe(5); // three to begin with, and a tenth of twenty calls
  });

  it('carries over a restart', async () => {
    const world = new World({ delay: undefined });
    for (let round = 0; round < 200; round++) {
      void world.ask([{ ms: 2 + (round % 10), value: 1 }]);
      await world.clock.advance(20);
    }
    const next = new World({ delay: undefined });
    next.hedger.restore(JSON.parse(JSON.stringify(world.hedger.snapshot())) as ReturnType<Hedger['snapshot']>);
    expect(next.hedger.routes()).toMatchObject([{ key: 'users.find', samples: 200 }]);
  });

  it('shows rules and callbacks its key, no method and no URL, and asks `latency.key` nothing', async () => {
    const seen: HedgeRequest[] = [];
    const key = jest.fn(() => 'other');
    const world = new World({ latency: { key }, when: (request) => seen.push(request) > 0, onHedge: ({ request }) => void seen.push(request) });
    const call = world.ask([{ ms: 500 }, { ms: 5 }]);
    await world.clock.advance(20);
    await call;
    expect(seen).toEqual([{ key: 'users.find', method: '', url: '' }, { key: 'users.find', method: '', url: '' }]);
    expect(key).not.toHaveBeenCalled();
  });

  it('is not steered by what is for requests', async () => {
    const route = jest.fn(() => 'http://elsewhere.test');
    const world = new World({ targets: ['http://a.test', 'http://b.test'], route, markHedges: true });
    const call = world.ask([{ ms: 500 }, { ms: 5, value: 1 }]);
    await world.clock.advance(20);
    expect(await call).toBe(1);
    expect(route).not.toHaveBeenCalled();
    expect(world.started.map(({ steered, headers }) => ({ steered, headers }))).toEqual(Array(2).fill({ steered: undefined, headers: undefined }));
  });

  it.each(['off', 'disposed', 'disabled'])('runs once where it is %s, and says why', async (reason) => {
    const world = new World(reason === 'off' ? { mode: 'off' } : {});
    if (reason === 'disposed') world.hedger.dispose();
    const call = world.ask([{ ms: 500, value: 1 }], reason === 'disabled' ? { hedge: false } : {});
    await world.clock.advance(1_000);
    expect(await call).toBe(1);
    expect(hedgeInfo(call)).toMatchObject({ eligible: false, ineligibleReason: reason, attempts: 1, key: 'users.find', durationMs: 500 });
    expect(world.hedger.stats()).toMatchObject({ calls: 1, eligible: 0, ineligible: { [reason]: 1 } });
  });
});

describe('what starts an attempt', () => {
  it('may throw, or return what is no promise, or a promise that settles at once', async () => {
    const hedger = new Hedger();
    const error = new Error('at once');
    const thrown = hedger.hedge('a', () => {
      throw error;
    });
    await expect(thrown).rejects.toBe(error);
    expect(hedgeInfo(thrown)).toMatchObject({ attempts: 1 });
    const plain = hedger.hedge('b', () => 7);
    const atOnce = hedger.hedge('c', () => ({ then: (resolve: (value: number) => void) => resolve(8) }) as PromiseLike<number>);
    expect([hedgeInfo(atOnce)?.attempts, await plain, await atOnce, hedgeInfo(plain)?.attempts]).toEqual([1, 7, 8, 1]);
  });

  it('may throw where nothing is hedged', async () => {
    const error = new Error('at once');
    const call = new Hedger({ mode: 'off' }).hedge('a', () => {
      throw error;
    });
    await expect(call).rejects.toBe(error);
    expect(hedgeInfo(call)).toMatchObject({ ineligibleReason: 'off' });
  });
});

describe('the signal of a caller', () => {
  it('aborts every attempt; the call rejects with its reason if they do not', async () => {
    const world = new World();
    const controller = new AbortController();
    const call = world.hedger.hedge('deaf', (attempt) => {
      world.started.push(attempt);
      return new Promise(() => undefined);
    }, { signal: controller.signal });
    call.catch(() => undefined);
    await world.clock.advance(20);
    const reason = new Error('the page was closed');
    controller.abort(reason);
    await world.clock.advance(0);
    await expect(call).rejects.toBe(reason);
    expect(world.started.map(({ aborted, reason: why }) => [aborted, why])).toEqual([[true, reason], [true, reason]]);
    expect(hedgeInfo(call)).toMatchObject({ attempts: 2 });
  });

  it('starts nothing if it has been aborted already', async () => {
    const world = new World();
    const reason = new Error('too late');
    await expect(world.ask([], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(world.started).toEqual([]);
  });

  it('keeps no listener of a call that has ended', async () => {
    const world = new World();
    const { signal } = new AbortController();
    const [add, remove] = [jest.spyOn(signal, 'addEventListener'), jest.spyOn(signal, 'removeEventListener')];
    for (const deed of [{ ms: 1, value: 1 }, { ms: 1, error: new Error() }]) void world.ask([deed], { signal });
    await world.clock.advance(5);
    expect([add.mock.calls.length, remove.mock.calls.length]).toEqual([2, 2]);
  });
});

describe('results', () => {
  it('that may not win are returned if they are the primary’s and nothing is better', async () => {
    const world = new World();
    const isAcceptable = (value: unknown): boolean => value !== 'stale';
    const better = world.ask([{ ms: 20, value: 'stale' }, { ms: 50, value: 'fresh' }], { isAcceptable });
    const none = world.ask([{ ms: 20, value: 'stale' }, { ms: 50, value: 'stale' }], { isAcceptable });
    await world.clock.advance(200);
    expect([await better, await none]).toEqual(['fresh', 'stale']);
    expect([hedgeInfo(better)?.winner, hedgeInfo(none)?.winner]).toEqual([1, undefined]);
  });

  it.each([
    ['throws', (): boolean => { throw new Error('broken'); }],
    ['answers with a promise', (): boolean => Promise.resolve(true) as never],
  ])('are not acceptable to a rule that %s, which is said once', async (_what, isAcceptable) => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const world = new World();
    const call = world.ask([{ ms: 5, value: 'own' }], { isAcceptable });
    await world.clock.advance(20);
    expect(await call).toBe('own');
    expect(hedgeInfo(call)?.winner).toBeUndefined();
    expect(warned.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('isAcceptable')]);
    warned.mockRestore();
  });

  it('that the caller does not get are released, each once, and no other', async () => {
    const world = new World({ losers: 'drain' });
    const released: unknown[] = [];
    const options = { release: (value: unknown): unknown => released.push(value), isAcceptable: (value: unknown): boolean => value !== 'bad' };
    const calls = [
      world.ask([{ ms: 40, value: 'late primary' }, { ms: 5, value: 'hedge' }], options),
      world.ask([{ ms: 20, value: 'primary' }, { ms: 20, value: 'late hedge' }], options),
      world.ask([{ ms: 20, value: 'bad' }, { ms: 20, value: 'good' }], options),
      world.ask([{ ms: 40, value: 'good primary' }, { ms: 5, value: 'bad' }], options),
      world.ask([{ ms: 40, value: 'after the end' }, { ms: 900, error: new Error() }], { ...options, hedge: { timeoutMs: 30, losers: 'abort' } }),
    ];
    await world.clock.advance(2_000);
    const results = await Promise.all(calls.map((call) => call.catch(() => 'failed')));
    expect(results).toEqual(['hedge', 'primary', 'good', 'good primary', 'failed']);
    expect(released.sort()).toEqual(['bad', 'bad', 'late hedge', 'late primary']);
  });

  it('that come in spite of an abort are released too', async () => {
    const world = new World();
    const released: unknown[] = [];
    const call = world.hedger.hedge(
      'deaf',
      ({ number }) => new Promise((resolve) => world.clock.setTimeout(() => resolve(number), number === 0 ? 500 : 5)),
      { release: (value) => void released.push(value) },
    );
    await world.clock.advance(1_000);
    expect([await call, released]).toEqual([1, [0]]);
  });

  it.each([
    ['throws', (): unknown => { throw new Error('broken'); }],
    ['rejects', (): unknown => Promise.reject(new Error('broken'))],
  ])('may be released by what %s, which is said once and fails no call', async (_what, release) => {
    const warned = jest.spyOn(process, 'emitWarning').mockReturnValue();
    const world = new World({ losers: 'drain' });
    for (let call = 0; call < 2; call++) {
      const result = world.ask([{ ms: 40, value: 0 }, { ms: 5, value: 1 }], { release });
      await world.clock.advance(100);
      expect(await result).toBe(1);
    }
    expect(warned.mock.calls.map(([text]) => String(text))).toEqual([expect.stringContaining('option `release`')]);
    warned.mockRestore();
  });
});

describe('bad arguments of hedge()', () => {
  const start = (): number => 1;
  it.each<[readonly unknown[], string]>([
    [[undefined, start], '`key` must be a non-empty string, got undefined'],
    [['', start], '`key` must be a non-empty string, got ""'],
    [[{}, start], '`key` must be a non-empty string, got an object'],
    [['k', undefined], '`start` must be a function, got undefined'],
    [['k', Promise.resolve(1)], '`start` must be a function, got an object'],
    [['k', start, 5], 'option `options` must be an object, got 5'],
    [['k', start, null], 'option `options` must be an object, got null'],
    [['k', start, { delay: 50 }], 'unknown option `delay`; known are signal, isAcceptable, release, hedge'],
    [['k', start, { signal: {} }], 'option `signal` must be an AbortSignal, got an object'],
    [['k', start, { signal: null }], 'option `signal` must be an AbortSignal, got null'],
    [['k', start, { release: 1 }], 'option `release` must be a function, got 1'],
    [['k', start, { isAcceptable: 'yes' }], 'option `isAcceptable` must be a function, got "yes"'],
    [['k', start, { hedge: { delays: 1 } }], 'unknown option `hedge.delays`'],
    [['k', start, { hedge: { methods: ['GET'] } }], 'option `methods` is about HTTP'],
    [['k', start, { hedge: { budget: false } }], 'option `budget` belongs to a Hedger'],
  ])('%j reject by name', async (args, message) => {
    const hedger = new Hedger();
    const call = (hedger.hedge as (...args: unknown[]) => Promise<unknown>).apply(hedger, [...args]);
    await expect(call).rejects.toThrow(TypeError);
    await expect(call).rejects.toThrow(`hedgerow: ${message}`);
    expect(hedger.stats().calls).toBe(0);
  });

  it('cut keys that nobody can read', async () => {
    const call = new Hedger().hedge('k'.repeat(5_000), () => 1);
    await call;
    expect(hedgeInfo(call)?.key).toBe('k'.repeat(1_000));
  });
});
