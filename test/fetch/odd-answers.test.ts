import { EventEmitter } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Agent, type Dispatcher } from 'undici';
import { hedgedFetch, hedgeInterceptor, type FetchHedgeOptions } from '@hedgerow/fetch';
import { countUnhandledRejections } from '../support/rejections.js';
import { turns, within } from '../support/wait.js';
import { get, Recorder, serve } from './dispatching.js';

type Fetch = typeof globalThis.fetch;

const refusing = (): unknown =>
  new Proxy(new Response('x'), {
    get: (_target, name) => {
      if (name === 'then') return undefined; // or no promise could hold it
      throw new Error('not to be looked at');
    },
    getPrototypeOf: () => {
      throw new Error('nor this');
    },
  });

/** What mocks and wrappers of `fetch` answer with, which is less than a Response, or minds being looked at. */
const answers: Readonly<Record<string, () => unknown>> = {
  nothing: () => undefined,
  null: () => null,
  text: () => 'text',
  'a number': () => 7,
  'an empty object': () => ({}),
  'an object without a body': () => ({ ok: true, status: 200, json: () => Promise.resolve({}) }),
  'a bad status without headers': () => ({ ok: false, status: 500 }),
  'a bad status with headers that are an object': () => ({ status: 429, headers: { 'retry-after': '1' } }),
  'a status that is text': () => ({ status: '503', statusText: 503, headers: new Map([['retry-after', '1']]) }),
  'headers that throw': () => ({
    status: 503,
    headers: {
      get: () => {
        throw new Error('no headers');
      },
    },
  }),
  'a frozen object': () => Object.freeze({ status: 503, body: null }),
  'a frozen Response': () => Object.freeze(new Response('x', { status: 503 })),
  'a Response that was used': () => {
    const response = new Response('x', { status: 503 });
    void response.text();
    return response;
  },
  'a Response that is locked': () => {
    const response = new Response('x', { status: 503 });
    response.body?.getReader();
    return response;
  },
  'a proxy of a Response': () => {
    const response = new Response('x', { status: 503 });
    return new Proxy(response, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
  },
  'a proxy that refuses': refusing,
  'a body that is text': () => ({ status: 503, body: 'x' }),
  'a body that is half a stream': () => ({ status: 503, body: { getReader: () => undefined } }),
  'a body that is a stream of Node': () => ({ status: 503, body: Readable.from(['x']) }),
  'a body that is an emitter with pipe': () => ({ status: 503, body: Object.assign(new EventEmitter(), { pipe: () => undefined }) }),
  'a function': () => () => undefined,
};

const ways: Readonly<Record<string, FetchHedgeOptions>> = {
  alone: { delay: 60_000 },
  'with hedges': { delay: 0, budget: false, hedgeOnFailure: true, maxHedges: 2 },
  'to the first chunk': { delay: 0, budget: false, raceUntil: 'firstChunk' },
  'to the whole body': { delay: 60_000, raceUntil: 'body' },
  draining: { delay: 0, budget: false, losers: 'drain' },
  'turned down': { delay: 0, budget: false, accept: () => false },
  off: { mode: 'off' },
};

describe.each(Object.entries(ways))('odd answers, %s', (_way, options) => {
  it.each(Object.entries(answers))('%s is what the caller gets, and nothing is unhandled', async (_what, make) => {
    const unhandled = countUnhandledRejections();
    const { signal } = new AbortController();
    const given: unknown[] = [];
    for (const isLate of [false, true]) {
      const inner = (async () => {
        const answer = make();
        given.push(answer);
        if (isLate) await nextTurn();
        return answer;
      }) as Fetch;
      const hedged = hedgedFetch(inner, { telemetry: false, ...options });
      const answer: unknown = await within(5_000, 'the call', hedged('http://a.test/', { signal }));
      expect(given.some((each) => Object.is(each, answer))).toBe(true);
    }
    await turns();
    expect(await unhandled.count()).toBe(0);
    unhandled.stop();
  });

  it('of a function that returns no promise, the answer is asked for once if it is not hedged', async () => {
    let calls = 0;
    const inner = (() => {
      calls++;
    }) as unknown as Fetch;
    expect(await hedgedFetch(inner, { telemetry: false, ...options })('http://a.test/', { hedge: false })).toBeUndefined();
    expect(calls).toBe(1);
  });
});

describe('one response for several attempts', () => {
  it.each(Object.entries({ abort: {}, drain: { losers: 'drain' }, 'to the first chunk': { raceUntil: 'firstChunk' }, 'to the whole body': { raceUntil: 'body' } } as const))(
    'is not given up with the one that lost: %s',
    async (_way, options) => {
      await using server = await serve((_request, response) => {
        setTimeout(() => {
          response.write('hello ');
          setTimeout(() => response.end('world'), 30);
        }, 30);
      });
      let pending: Promise<Response> | undefined;
      const coalescing = ((input: string) => (pending ??= fetch(input))) as Fetch;
      for (const status of [undefined, () => false]) {
        pending = undefined;
        const accept = status === undefined ? {} : { accept: status };
        const hedged = hedgedFetch(coalescing, { delay: 5, budget: false, ...options, ...accept });
        const { signal } = new AbortController();
        expect(await (await hedged(server.origin, { signal })).text()).toBe('hello world');
      }
    },
  );

  it("does obey the caller's signal", async () => {
    await using server = await serve((_request, response) => void response.write('begun'));
    let pending: Promise<Response> | undefined;
    const coalescing = ((input: string, init: RequestInit) => (pending ??= fetch(input, init))) as Fetch;
    const controller = new AbortController();
    const response = await hedgedFetch(coalescing, { delay: 0, budget: false })(server.origin, { signal: controller.signal });
    const reading = response.text();
    controller.abort(new Error('enough'));
    await expect(within(5_000, 'the read to fail', reading)).rejects.toThrow('enough');
  });
});

describe('odd handlers of a dispatcher', () => {
  type Told = 'request' | 'head' | 'data' | 'end' | 'error';
  const settle = async (dispatcher: Dispatcher, origin: string, when: readonly Told[]): Promise<unknown> => {
    const thrower = Object.fromEntries(
      when.map((each) => [
        each,
        () => {
          throw new Error(`at ${each}`);
        },
      ]),
    );
    const recorder = new Recorder(thrower);
    dispatcher.dispatch(get(origin), recorder);
    await recorder.over;
    return [recorder.told, String(recorder.error)];
  };

  it.each([['request'], ['head'], ['data'], ['end']] as const)('that throw at %s are told what they are told without hedging, whoever wins', async (...when) => {
    let requests = 0;
    let holdsPrimaries = false;
    await using server = await serve((_request, response) => {
      if (requests++ % 2 === 0 && holdsPrimaries) return;
      response.end('body');
    });
    const agent = new Agent();
    const plain = await settle(agent, server.origin, when);
    for (holdsPrimaries of [false, true]) {
      requests = 0;
      const hedging = agent.compose(hedgeInterceptor({ delay: holdsPrimaries ? 10 : 60_000, budget: false }));
      expect(await settle(hedging, server.origin, when)).toEqual(plain);
    }
    await agent.destroy();
  });

  it('that throw at an error, or know of none, leave nothing unhandled', async () => {
    const unhandled = countUnhandledRejections();
    const failing: Dispatcher.Dispatch = (_options, handler) => {
      handler.onResponseError?.(undefined as never, new Error('failed'));
      return true;
    };
    const dispatch = hedgeInterceptor({ delay: 60_000 })(failing);
    const recorder = new Recorder({
      error: () => {
        throw new Error('at error');
      },
    });
    dispatch(get('http://a.test'), recorder);
    await recorder.over;
    dispatch(get('http://a.test'), { onRequestStart: () => undefined });
    await turns();
    expect(await unhandled.count()).toBe(0);
    unhandled.stop();
  });

  it("that are told of a hedge's start, and throw, get that back, and its connection is closed", async () => {
    const contexts = [{ one: 1 }, { two: 2 }];
    const controllers: Dispatcher.DispatchController[] = [];
    const aborted: unknown[] = [];
    const dispatch: Dispatcher.Dispatch = (_options, handler) => {
      const number = controllers.length;
      const controller = { aborted: false, paused: false, reason: null, abort: (reason: unknown) => void aborted.push([number, reason]), pause: () => undefined, resume: () => undefined };
      controllers.push(controller);
      handler.onRequestStart?.(controller, contexts[number]);
      if (number === 1) handler.onResponseStart?.(controller, 200, {});
      return true;
    };
    const unhandled = countUnhandledRejections();
    let starts = 0;
    const thrown = new Error('at the second start');
    const recorder = new Recorder({
      request: () => {
        if (starts++ === 1) throw thrown;
      },
    });
    hedgeInterceptor({ delay: 5, budget: false })(dispatch)(get('http://a.test'), recorder);
    await recorder.over;
    expect(recorder.error).toBe(thrown);
    expect(aborted).toContainEqual([1, thrown]);
    expect(await unhandled.count()).toBe(0);
    unhandled.stop();
  });
});
