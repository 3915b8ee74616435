import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from '@jest/globals';
import { Hedger, type AttemptContext, type HedgeCall, type HedgerOptions } from '@hedgerow/core';
import { FakeClock } from './fake-clock.js';

/** A fake clock that runs its timers in the context in which they were set, and leaves the way back into others to promises, as the system's does. */
function contextClock(): FakeClock {
  const clock = new FakeClock();
  const { setTimeout, afterPoll } = clock;
  return Object.assign(clock, {
    bind: undefined,
    setTimeout: (callback: () => void, delayMs: number) => setTimeout(AsyncResource.bind(callback), delayMs),
    afterPoll: (callback: () => void) => afterPoll(AsyncResource.bind(callback)),
  });
}

interface Store {
  readonly id: number;
}

const store = new AsyncLocalStorage<Store>();

/** A Hedger whose options and observers note in whose context they run, and calls of one context each. */
class Contexts {
  readonly clock = contextClock();
  /** What ran in the context of another call than its own: whose, where, in which. */
  readonly foreign: string[] = [];
  ran = 0;
  readonly hedger: Hedger;

  constructor(options: HedgerOptions = {}) {
    this.hedger = new Hedger({
      clock: this.clock,
      budget: false,
      maxConcurrentHedges: 1_000,
      efficacy: false,
      when: (request) => this.see('when', request.url),
      accept: ({ request, acceptable }) => (this.see('accept', request.url), acceptable),
      route: ({ request }) => (this.see('route', request.url), undefined),
      onHedge: ({ request }) => void this.see('onHedge', request.url),
      onComplete: ({ request }) => void this.see('onComplete', request.url),
      ...options,
    });
    this.hedger.observe({
      onCall: ({ request: { url } }) => ({
        onAttempt: () => (this.see('onAttempt', url), { run: (start) => start() }),
        onAttemptEnd: () => void this.see('onAttemptEnd', url),
        onSuppressed: () => void this.see('onSuppressed', url),
        onEnd: () => void this.see('onEnd', url),
      }),
    });
  }

  see(where: string, url: string): true {
    this.ran++;
    const own = Number(url.split('/').pop());
    const now = store.getStore()?.id;
    if (now !== own) this.foreign.push(`${where} of ${own} ran in ${String(now)}`);
    return true;
  }

  call(id: number, primaryMs: number, extra: Partial<HedgeCall<string>> = {}): Promise<string> {
    const url = `http://service.test/items/${id}`;
    const start = async (attempt: AttemptContext): Promise<string> => {
      this.see(attempt.isHedge ? 'a hedge' : 'a primary', url);
      await this.clock.sleep(attempt.isHedge ? 5 : primaryMs);
      return attempt.isHedge ? 'hedge' : 'primary';
    };
    return store.run({ id }, () => this.hedger.run({ request: { method: 'GET', url }, start, ...extra }));
  }
}

/** Calls that overlap, each a millisecond after the one before. */
async function overlap(contexts: Contexts, count: number, call: (id: number) => Promise<unknown>): Promise<void> {
  const calls: Promise<unknown>[] = [];
  for (let id = 0; id < count; id++) {
    calls.push(call(id).catch(() => undefined));
    await contexts.clock.advance(1);
  }
  await contexts.clock.advance(1_000);
  await Promise.all(calls);
}

describe('the async context of a call', () => {
  it.each([
    ['one hedge', { delay: 20 }, 100],
    ['several hedges', { delay: [20, 22, 30], losers: 'drain' }, 100],
    ['hedges at once', { delay: 0 }, 100],
    ['hedges after failures', { delay: 50, hedgeOnFailure: true, accept: () => false }, 10],
    ['a time limit', { delay: 20, timeoutMs: 23, accept: () => false }, 100],
    ['shadows', { delay: 20, mode: 'shadow' }, 100],
    ['nothing due', { delay: 500 }, 30],
  ] as const)('is where everything runs: %s', async (_, options, primaryMs) => {
    const contexts = new Contexts(options);
    await overlap(contexts, 200, (id) => contexts.call(id, primaryMs));
    expect(contexts.foreign).toEqual([]);
    expect(contexts.ran).toBeGreaterThan(200 * 5);
    expect(contexts.clock.pending).toBe(0);
  });

  it('is where calls end that somebody gave up in another, though their attempts are deaf', async () => {
    const contexts = new Contexts({ delay: 20 });
    const controllers = Array.from({ length: 100 }, () => new AbortController());
    const calls = controllers.map(({ signal }, id) => contexts.call(id, 1e6, { signal, start: () => new Promise(() => undefined) }).catch((error: unknown) => error));
    await contexts.clock.advance(30);
    store.run({ id: -1 }, () => controllers.forEach((controller) => controller.abort(new Error('enough'))));
    await contexts.clock.advance(10);
    expect(await Promise.all(calls)).toEqual(controllers.map(() => new Error('enough')));
    expect(contexts.foreign).toEqual([]);
    expect(contexts.hedger.stats().cancelled).toBe(100);
  });

  it('is where a call ends once, though an attempt answers while it is given up', async () => {
    const contexts = new Contexts({ delay: 20 });
    const controller = new AbortController();
    let answer: ((value: string) => void) | undefined;
    const call = contexts.call(0, 0, { signal: controller.signal, start: () => new Promise((resolve) => (answer = resolve)) });
    contexts.clock.afterPoll(() => answer?.('late'));
    controller.abort(new Error('enough'));
    await contexts.clock.advance(1);
    expect(await call).toBe('late');
    expect(contexts.hedger.stats()).toMatchObject({ calls: 1, cancelled: 1 });
  });

  it('is where a kept outcome is handed out that cannot be kept any longer', async () => {
    const contexts = new Contexts({ delay: 20 });
    const releases: (() => void)[] = [];
    const calls = Array.from({ length: 50 }, (_, id) =>
      contexts.call(id, 30, {
        start: ({ isHedge }) => (isHedge ? new Promise(() => undefined) : contexts.clock.sleep(30).then(() => 'no')),
        statusOf: () => 503,
        keep: (_settled, giveUp) => void releases.push(giveUp),
      }),
    );
    await contexts.clock.advance(50);
    expect(releases).toHaveLength(50);
    store.run({ id: -1 }, () => releases.forEach((giveUp) => giveUp()));
    expect(await Promise.all(calls)).toEqual(calls.map(() => 'no'));
    expect(contexts.foreign).toEqual([]);
  });

  it('is where streams are cancelled that had to wait for it', async () => {
    const clock = contextClock();
    const { resets } = new Hedger({ clock, maxResetsPerSecond: 1 });
    const seen: (number | undefined)[] = [];
    for (let id = 0; id < 30; id++) {
      store.run({ id }, () => resets.cancel('one', { hasEnded: false, cancel: () => void seen.push(store.getStore()?.id) }));
    }
    await clock.advance(15_000);
    expect(seen).toEqual(Array.from({ length: 30 }, (_, id) => id));
  });

  it.each([20, 10_000])('is not kept after its call, though others go on, with a delay of %d ms', async (delay) => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const contexts = new Contexts({ delay });
    const stores: WeakRef<Store>[] = [];
    const call = async (id: number): Promise<void> => {
      const own = { id };
      stores.push(new WeakRef(own));
      await store.run(own, () => contexts.hedger.run({ request: { method: 'GET', url: `http://service.test/items/${id}` }, start: ({ isHedge }) => (isHedge ? new Promise(() => undefined) : contexts.clock.sleep(50)) }));
    };
    let left = 60;
    for (let id = 0; id < 60; id++) {
      void call(id).then(() => left--);
      await contexts.clock.advance(5);
    }
    expect(left).toBeGreaterThan(2);
    expect(contexts.hedger.stats().attempts.hedge > 30).toBe(delay === 20);
    // References from the stack and from WeakRefs that were just made last until the next turn of the event loop.
    for (let turn = 0; turn < 3; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collect();
    }
    // That of the call which set the timer first, above all.
    expect(stores[0]?.deref()).toBeUndefined();
    // A call that is under way has its context, and so may the one that ended last.
    expect(stores.filter((ref) => ref.deref() !== undefined).length).toBeLessThanOrEqual(left + 1);
  });
});

describe('the timer of waiting calls', () => {
  it('is set anew by another one when the one that set it leaves', async () => {
    const contexts = new Contexts({ delay: 1_000 });
    const first = contexts.call(0, 5);
    await contexts.clock.advance(1);
    const second = contexts.call(1, 2_000);
    await contexts.clock.advance(10);
    expect(await first).toBe('primary');
    await contexts.clock.advance(1_500);
    expect(await second).toBe('hedge');
    expect(contexts.foreign).toEqual([]);
    expect(contexts.clock.pending).toBe(1);
  });

  it('serves the earliest, whoever set it', async () => {
    const contexts = new Contexts();
    const started: number[] = [];
    const calls = [300, 40, 200, 41, 100].map((delay, id) =>
      store.run({ id }, () =>
        contexts.hedger.run(
          { request: { method: 'GET', url: `http://service.test/items/${id}` }, start: ({ isHedge }) => (isHedge ? (started.push(delay), Promise.resolve(delay)) : new Promise<number>(() => undefined)) },
          { delay },
        ),
      ),
    );
    for (let ms = 0; ms < 400; ms += 10) {
      await contexts.clock.advance(10);
      expect(started.every((delay) => delay <= ms + 10)).toBe(true);
    }
    await Promise.all(calls);
    expect(started).toEqual([40, 41, 100, 200, 300]);
  });
});
