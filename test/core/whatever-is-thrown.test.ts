import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger, hedgeInfo, type AttemptScope, type HedgeCall, type HedgeObserver, type HedgerOptions } from '@hedgerow/core';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { Stage, type Answer } from './stage.js';

const oops = (): never => {
  throw new Error('oops');
};
/** What cannot be printed, asked or written to. */
const bare: unknown = Object.create(null);
const hostile: object = new Proxy({}, { get: oops, set: oops, has: oops, isExtensible: oops, getPrototypeOf: oops, ownKeys: oops, defineProperty: oops });
const throwsBare = (): never => {
  throw bare as Error;
};

let rejections: RejectionCounter;
let warned: jest.SpiedFunction<typeof process.emitWarning>;

beforeEach(() => {
  rejections = countUnhandledRejections();
  warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
});

afterEach(async () => {
  expect(await rejections.count()).toBe(0);
  rejections.stop();
  warned.mockRestore();
});

type Tell = (what: unknown) => unknown;

/** A call whose primary takes 30 ms and whose hedge, due after 10, takes 5. */
async function outcomeOf(options: HedgerOptions = {}, extra: Partial<HedgeCall<Answer>> = {}, statuses: readonly number[] = [200, 200]): Promise<unknown> {
  const stage = new Stage({ delay: 10, ...options });
  const call = stage.run(statuses.map((status, number) => ({ ms: number === 0 ? 30 : 5, status })), {}, extra).catch((error: unknown) => error);
  await stage.clock.advance(20_000);
  return Promise.race([call, new Promise((resolve) => setImmediate(() => setImmediate(resolve, 'it hangs')))]);
}

describe('a call settles as it would without hedging', () => {
  it.each(['statusOf', 'headerOf', 'pushbackMsOf', 'discard', 'whenReleased', 'keep', 'hasRoom', 'timeoutError'] as const)('though `%s` of its adapter throws', async (hook) => {
    const { signal } = new AbortController();
    for (const thrower of [oops, throwsBare]) {
      for (const statuses of [[200, 200], [503, 503], [200, 503], [503, 200]]) {
        const outcome = await outcomeOf({ timeoutMs: hook === 'timeoutError' ? 3 : 1_000 }, { signal, [hook]: thrower }, statuses);
        if (hook === 'timeoutError') expect(outcome).toMatchObject({ code: 'HEDGE_TIMEOUT' });
        else expect(outcome).toMatchObject({ from: expect.any(Number), status: expect.any(Number) });
      }
    }
  });

  it.each(['statusOf', 'headerOf', 'pushbackMsOf', 'discard', 'keep', 'hasRoom'] as const)('though `%s` of its adapter answers with a promise that fails', async (hook) => {
    expect(await outcomeOf({ losers: 'drain' }, { [hook]: () => Promise.reject(new Error('late')) }, [503, 503])).toMatchObject({ from: hook === 'statusOf' ? 1 : 0 });
  });

  it.each([['a value that refuses everything', hostile], ['no object at all', undefined], ['a frozen one', Object.freeze({ status: 200 })], ['one without a prototype', bare]])('with %s', async (_, value) => {
    const hedger = new Hedger({ delay: 1 });
    const statusOf: HedgeCall<unknown>['statusOf'] = (settled) => (settled.ok ? (settled.value as Answer).status : undefined);
    const request = { method: 'GET', url: 'http://a.test/' };
    // Not awaited as it is: `await` asks for a `then`.
    const settled = await hedger.run<{ readonly value: unknown }>({ request, start: () => Promise.resolve({ value }), statusOf: (s) => statusOf(s.ok ? { ok: true, value: s.value.value } : s) });
    expect(Object.is(settled.value, value)).toBe(true);
    const rejected = await hedger.run({ request, start: () => Promise.reject(value as Error), statusOf }).then(() => 'resolved', (error: unknown) => ({ error }));
    expect(Object.is((rejected as { error: unknown }).error, value)).toBe(true);
    expect(hedgeInfo(hostile)).toBeUndefined();
  });

  it.each([
    ['returns no promise', () => ({ from: 0, status: 200 }), { from: 0 }],
    ['returns nothing', () => undefined, undefined],
    ['throws', oops, { message: 'oops' }],
    ['returns a promise of another make, whose `then` throws', () => ({ then: oops }), { message: 'oops' }],
    ['returns one that says both', () => ({ then: (ok: Tell, no: Tell) => [ok({ from: 0, status: 200 }), no(new Error('no'))] }), { from: 0 }],
    ['returns one that says it twice', () => ({ then: (ok: Tell) => [0, 9].forEach((from) => ok({ from, status: 200 })) }), { from: 0 }],
  ])('though what starts its attempts %s', async (_, start, expected) => {
    const discard = jest.fn();
    const outcome = await outcomeOf({}, { start: start as never, discard, statusOf: undefined });
    if (expected === undefined) expect(outcome).toBeUndefined();
    else expect(outcome).toMatchObject(expected);
    expect(discard).not.toHaveBeenCalled();
  });

  it('though its signal wants no listener', async () => {
    const signal = { aborted: false, reason: undefined, addEventListener: oops, removeEventListener: () => undefined };
    expect(await outcomeOf({}, { signal })).toMatchObject({ from: 1 });
  });

  it('though a client throws when it is aborted', async () => {
    const start: HedgeCall<Answer>['start'] = (attempt) => {
      attempt.onAbort(oops);
      attempt.onAbort(throwsBare);
      return attempt.isHedge ? Promise.resolve({ from: 1, status: 200 }) : new Promise<Answer>(() => undefined);
    };
    expect(await outcomeOf({}, { start })).toMatchObject({ from: 1 });
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: a client threw when it was aborted: something that cannot be printed']);
  });

  it.each([null, undefined, 5, hostile])('though its caller gives up with whatever reason (%#), which is no timeout', async (reason) => {
    const stage = new Stage({ delay: 10 });
    const [listeners, signal] = [new Set<{ handleEvent: () => void }>(), { aborted: false, reason }];
    const start = (): Promise<never> => new Promise(() => undefined);
    const call = stage.run([], {}, { start, signal: { ...signal, addEventListener: (_type: string, listener: never) => listeners.add(listener), removeEventListener: () => undefined } });
    await stage.clock.advance(20);
    for (const listener of listeners) listener.handleEvent();
    await stage.clock.advance(1);
    expect(Object.is((await call.catch((error: unknown) => ({ error })) as { readonly error: unknown }).error, reason)).toBe(true);
    expect(stage.hedger.stats()).toMatchObject({ cancelled: 1, failed: 0 });
  });

  it.each([null, undefined, 5])('though its hedge answers %s; and what a loser brings is freed, be it nothing', async (value) => {
    const stage = new Stage({ delay: 10 });
    const discard = jest.fn();
    const start = ({ isHedge }: { readonly isHedge: boolean }): Promise<unknown> => stage.clock.sleep(isHedge ? 5 : 30).then(() => (isHedge ? value : undefined));
    const call = stage.hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start, discard });
    await stage.clock.advance(50);
    expect(await call).toBe(value);
    expect(discard.mock.calls).toEqual([[{ ok: true, value: undefined }]]);
    expect(warned).not.toHaveBeenCalled();
  });

  it.each([
    ['timers cannot be set, with a failure that waits for its copy', 'setTimeout', {}, 503, { from: 0 }, 0],
    ['timers cannot be set, with a loser that is let to finish', 'setTimeout', { losers: 'drain' }, 200, { from: 1 }, 1],
    ['timers cannot be cleared', 'clearTimeout', { timeoutMs: 500 }, 200, { from: 1 }, 0],
  ] as const)('though its clock breaks: %s', async (_, broken, options, status, expected, wins) => {
    const stage = new Stage({ delay: 10, ...options });
    const answers: ((value: Answer) => void)[] = [];
    const call = stage.run([], {}, { start: () => new Promise((resolve) => answers.push(resolve)) });
    await stage.clock.advance(20);
    Object.assign(stage.clock, { [broken]: oops });
    answers[status === 503 ? 0 : 1]?.({ from: status === 503 ? 0 : 1, status });
    expect(await call).toMatchObject(expected);
    answers[status === 503 ? 1 : 0]?.({ from: 2, status: 200 });
    await stage.clock.advance(20);
    expect(stage.discarded).toMatchObject([{ from: 2 }]);
    expect(stage.hedger.stats().wins).toEqual({ primary: 0, hedge: wins });
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: a call could not be judged: oops']);
  });

  it.each([
    ['throws where it looks', { onCall: oops }],
    ['throws what cannot be printed', { onCall: () => ({ onAttempt: throwsBare, onAttemptEnd: throwsBare, onSuppressed: throwsBare, onEnd: throwsBare }) }],
    ['rejects', { onCall: () => ({ onAttemptEnd: () => Promise.reject(new Error('late')), onEnd: () => Promise.reject(new Error('late')) }) }],
    ['has a scope that throws before it starts', scoped({ run: oops })],
    ['has a scope that throws after that', scoped({ run: (start) => (start(), oops()) })],
    ['has a scope that forgets what came of it', scoped({ run: ((start: () => unknown) => void start()) as never })],
    ['has a scope that forgets to start', scoped({ run: (() => undefined) as never })],
    ['has a scope that starts twice', scoped({ run: (start) => (start(), start()) })],
    ['has a scope whose headers throw', scoped({ get headers(): never { return oops(); } })],
    ['has a scope that is a promise', { onCall: () => ({ onAttempt: () => Promise.reject(new Error('late')) as never }) }],
  ] satisfies [string, object][])('though an observer %s', async (_, observer) => {
    for (const twice of [false, true]) {
      const stage = new Stage({ delay: 10 });
      stage.hedger.observe(observer);
      if (twice) stage.hedger.observe(observer);
      const call = stage.run([{ ms: 30 }, { ms: 5 }]);
      await stage.clock.advance(50);
      expect(await call).toMatchObject({ from: 1 });
      expect(stage.started).toHaveLength(2);
      stage.hedger.recordBypass({ method: 'GET', url: '/' }, 'off');
    }
  });
});

function scoped(scope: AttemptScope): HedgeObserver {
  return { onCall: () => ({ onAttempt: () => scope }) };
}

describe('callbacks that answer with a promise', () => {
  const late = (): never => Promise.resolve(true) as never;
  const failing = (): never => Promise.reject(new Error('late')) as never;

  it.each([late, failing])('fail closed: `when`', async (when) => {
    const stage = new Stage({ delay: 10, when });
    void stage.run([{ ms: 30 }]);
    await stage.clock.advance(50);
    expect(stage.hedger.stats()).toMatchObject({ eligible: 0, attempts: { hedge: 0 } });
    expect(warned.mock.calls[0]?.[0]).toMatch(/^hedgerow: option `when` re(?:turned a promise|jected)/);
  });

  it.each([late, failing])('fail closed: `accept` lets no copy win, and the primary by the usual rule', async (accept) => {
    expect(await outcomeOf({ accept })).toMatchObject({ from: 0, status: 200 });
    expect(await outcomeOf({ accept }, {}, [503, 200])).toMatchObject({ from: 0, status: 503 });
  });

  it.each([late, failing])('fail closed: a budget that cannot say yes at once', async (tryTake) => {
    expect(await outcomeOf({ budget: { deposit: tryTake, tryTake, usage: tryTake } })).toMatchObject({ from: 0 });
  });

  it('fail closed: a budget that throws', async () => {
    expect(await outcomeOf({ budget: { deposit: oops, tryTake: oops, usage: oops } })).toMatchObject({ from: 0 });
    expect(new Hedger({ budget: { deposit: oops, tryTake: oops, usage: oops } }).stats().budget).toBeUndefined();
  });

  it.each([late, failing])('are no delay', async (delay) => {
    expect(await outcomeOf({ delay })).toMatchObject({ from: 0 });
  });

  it.each([late, failing, oops, (): never => 5 as never])('are no key, and no base URL', async (fn) => {
    expect(await outcomeOf({ latency: { key: fn }, route: fn })).toMatchObject({ from: 1 });
  });

  it('may be what listeners are, and end nothing when they reject; what with is not shown', async () => {
    const secret = (): never => Promise.reject(new Error('hunter2')) as never;
    expect(await outcomeOf({ onHedge: secret, onComplete: secret })).toMatchObject({ from: 1 });
    const said = warned.mock.calls.map(String).join('\n');
    expect(said).toContain('option `onComplete` rejected');
    expect(said).not.toContain('hunter2');
  });
});

describe('warnings', () => {
  it('are given of what cannot be printed, too', async () => {
    await outcomeOf({ onHedge: throwsBare, onComplete: () => { throw hostile as Error; } });
    expect(warned.mock.calls.map(([message]) => message)).toEqual([
      'hedgerow: option `onHedge` threw: something that cannot be printed',
      'hedgerow: option `onComplete` threw: something that cannot be printed',
    ]);
  });

  it('end nothing where nobody takes them', async () => {
    warned.mockImplementation(oops);
    expect(await outcomeOf({ onHedge: oops })).toMatchObject({ from: 1 });
  });
});

describe('information on calls that end with one and the same object', () => {
  it.each([1, 3])('is each call’s own, for whoever asks at once, or after %d functions have handed it on', async (hops) => {
    const hedger = new Hedger({ delay: 1_000 });
    const shared = new Error('enough');
    const controller = new AbortController();
    const ask = async (path: string, left: number): Promise<unknown> => {
      if (left > 0) return await ask(path, left - 1);
      const start = (): Promise<never> => new Promise((_, reject) => controller.signal.addEventListener('abort', () => reject(shared)));
      return hedger.run({ request: { method: 'GET', url: `http://a.test/${path}` }, start, signal: controller.signal });
    };
    const calls = ['a', 'b', 'c', 'd'].map((path) => ask(path, hops - 1).catch((error: unknown) => `${path}: ${String(hedgeInfo(error)?.key)}`));
    controller.abort(shared);
    expect(await Promise.all(calls)).toEqual(['a', 'b', 'c', 'd'].map((path) => `${path}: GET http://a.test/${path}`));
  });

  it('is the latest call’s where one is given out again much later', async () => {
    const hedger = new Hedger();
    const constant = { status: 200 };
    for (const path of ['a', 'b', 'c']) {
      const value = await hedger.run({ request: { method: 'GET', url: `http://a.test/${path}` }, start: () => Promise.resolve(constant) });
      expect(hedgeInfo(value)?.key).toBe(`GET http://a.test/${path}`);
    }
  });
});

describe('one object that both attempts were given', () => {
  it.each(['abort', 'drain'] as const)('is not discarded for the loser’s sake, with losers: %s', async (losers) => {
    const shared: Answer = { from: 0, status: 200 };
    const discard = jest.fn();
    const start: HedgeCall<Answer>['start'] = () => new Promise((resolve) => setImmediate(resolve, shared));
    const hedger = new Hedger({ delay: 0, losers, budget: false });
    expect(await hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start, discard })).toBe(shared);
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(discard).not.toHaveBeenCalled();
  });

  it('is not discarded while it is kept as the primary’s failure', async () => {
    const shared: Answer = { from: 0, status: 503 };
    const discarded: unknown[] = [];
    const outcome = await outcomeOf({}, { start: () => Promise.resolve(shared), discard: (settled) => discarded.push(settled) }, [503, 503]);
    expect(outcome).toBe(shared);
    expect(discarded).toEqual([]);
  });
});
