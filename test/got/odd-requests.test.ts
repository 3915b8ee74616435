import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import got, { type ExtendOptions, type Got } from 'got';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { hedgedClient } from './variants.js';

/** What a test's own request says of itself, and when. */
interface Script {
  readonly write?: (request: OddRequest, callback: Callback | undefined) => void;
  readonly end?: (request: OddRequest, callback: Callback | undefined) => void;
}

type Callback = (error?: Error | null) => void;
type Listener = (...args: unknown[]) => void;

/** The least that got takes for a request. */
class OddRequest extends EventEmitter {
  readonly writable = true;
  readonly writableEnded = false;
  destroyed = false;
  readonly #script: Script;

  constructor(script: Script, onResponse: Listener | undefined) {
    super();
    this.#script = script;
    if (onResponse !== undefined) this.once('response', onResponse);
  }

  write(...args: unknown[]): boolean {
    this.#script.write?.(this, args.find(isCallback));
    return true;
  }

  end(...args: unknown[]): void {
    const callback = args.find(isCallback);
    if (this.#script.end !== undefined) this.#script.end(this, callback);
    else callback?.();
  }

  setTimeout(): this {
    return this;
  }

  destroy(error?: Error): this {
    this.destroyed = true;
    if (error !== undefined) process.nextTick(() => this.emit('error', error));
    return this;
  }
}

function isCallback(value: unknown): value is Callback {
  return typeof value === 'function';
}

function isListener(value: unknown): value is Listener {
  return typeof value === 'function';
}

const broken = (): Error => Object.assign(new Error('write ETEST'), { code: 'ETEST' });

/** A response as mocks make them. */
function answer(members: object = { statusCode: 200, headers: {} }, body = 'odd'): IncomingMessage {
  return Object.assign(Readable.from([Buffer.from(body)]), { complete: true, ...members }) as unknown as IncomingMessage;
}

/** Soon, in a turn of its own. */
function soon(run: () => void): void {
  setTimeout(run, 15);
}

/** Each way in which a request may tell of its end, or not. */
const ends: Readonly<Record<string, Script>> = {
  'an error to the callback of end() alone': { end: (_, callback) => soon(() => callback?.(broken())) },
  'an error to the callback of end(), at once': { end: (_, callback) => callback?.(broken()) },
  'an error to the callback of write() alone': { write: (_, callback) => soon(() => callback?.(broken())) },
  'an error to the callback of write(), and an answer': {
    write: (_, callback) => soon(() => callback?.(broken())),
    end: (request, callback) => {
      callback?.();
      setTimeout(() => request.emit('response', answer()), 40);
    },
  },
  'an error to both callbacks': { write: (_, callback) => soon(() => callback?.(broken())), end: (_, callback) => soon(() => callback?.(broken())) },
  "an error by 'error' and to end()": {
    end: (request, callback) =>
      soon(() => {
        request.emit('error', broken());
        callback?.(broken());
      }),
  },
  "'close' without 'response'": {
    end: (request, callback) => {
      callback?.();
      soon(() => request.emit('close'));
    },
  },
  "'abort' without 'response'": {
    end: (request, callback) => {
      callback?.();
      soon(() => request.emit('abort'));
    },
  },
  "'error' after 'response'": {
    end: (request, callback) => {
      callback?.();
      soon(() => {
        const stalling = new Readable({ read: () => undefined });
        request.emit('response', Object.assign(stalling, { statusCode: 200, headers: {}, complete: false }));
        soon(() => request.emit('error', broken()));
      });
    },
  },
  "'error' right after 'response'": {
    end: (request, callback) => {
      callback?.();
      soon(() => {
        request.emit('response', answer());
        request.emit('error', broken());
      });
    },
  },
  "'close' after 'response'": {
    end: (request, callback) => {
      callback?.();
      soon(() => {
        request.emit('response', answer());
        request.emit('close');
      });
    },
  },
  'a throw from write()': {
    write() {
      throw broken();
    },
  },
  'a throw from end()': {
    end() {
      throw broken();
    },
  },
  'silence': { end: () => undefined },
  'an answer, and end() never calls back': { end: (request) => soon(() => request.emit('response', answer())) },
  'an answer twice': {
    end: (request, callback) => {
      callback?.();
      soon(() => {
        request.emit('response', answer());
        request.emit('response', answer());
      });
    },
  },
};

/** What a request function may give out instead of a request. */
const given: Readonly<Record<string, () => unknown>> = {
  'a throw': () => {
    throw broken();
  },
  'a rejection': () => Promise.reject(broken()),
  'null': () => null,
  'a promise for null': () => Promise.resolve(null),
  'a number': () => 5,
  'a response': () => answer(),
  'a promise for a response': () => Promise.resolve(answer()),
  'a response without a status': () => answer({ headers: {} }),
  'a response without headers': () => answer({ statusCode: 200 }),
  'a failure without headers': () => answer({ statusCode: 503 }),
  'an empty object': () => ({}),
  'a request that is no emitter': () => ({ writable: true, writableEnded: false, write: () => true, end: () => undefined }),
  'a response whose headers refuse to be read': () => {
    const headers = new Proxy({}, { get: () => undefined, ownKeys: () => { throw broken(); } });
    return answer({ statusCode: 200, headers });
  },
};

/** By URL, options and callback, or from got's cache by the last two. */
type RequestFunction = (...args: unknown[]) => unknown;
type Make = (options: ExtendOptions) => Got;

const clients: Readonly<Record<string, Make>> = {
  'no hedge due': (options) => hedgedClient({ delay: 60_000, methods: ['PUT', 'GET'] }, options),
  'a hedge before': (options) => hedgedClient({ delay: 0, methods: ['PUT', 'GET'] }, options),
  'a hedge after': (options) => hedgedClient({ delay: 25, methods: ['PUT', 'GET'] }, options),
  'whole bodies': (options) => hedgedClient({ delay: 60_000, methods: ['PUT', 'GET'], raceUntil: 'body' }, options),
};

const plain: Make = (options) => got.extend({ https: { rejectUnauthorized: false }, retry: { limit: 0 } }, options);

/** What a caller is told within a time in which plain got is done, if ever. */
async function outcomeOf(call: PromiseLike<unknown>): Promise<unknown> {
  const told = Promise.resolve(call).then(
    (body) => ({ body }),
    (error: unknown) => {
      const { name, code, message, event } = error as Error & { code?: string; event?: string };
      return { name, code, message, event };
    },
  );
  return Promise.race([told, new Promise((resolve) => setTimeout(resolve, 300, 'still waiting'))]);
}

const ways: Readonly<Record<string, (client: Got) => PromiseLike<unknown>>> = {
  'a promise': (client) => client('https://odd.test/').text(),
  'a promise with a body': (client) => client.put('https://odd.test/', { body: 'sent' }).text(),
  'a stream': (client) => text(client.stream('https://odd.test/')),
  'a cached promise': (client) => client('https://odd.test/', { cache: new Map() }).text(),
  'a promise with a timeout': (client) => client('https://odd.test/', { timeout: { request: 150 } }).text(),
};

describe('what a request function of the user gives out', () => {
  let rejections: RejectionCounter;
  beforeEach(() => {
    rejections = countUnhandledRejections();
  });
  afterEach(() => rejections.stop());

  for (const [way, call] of Object.entries(ways)) {
    const cases: [string, RequestFunction][] = [
      ...Object.entries(ends).map(([name, script]): [string, RequestFunction] => [name, (...args) => new OddRequest(script, args.find(isListener))]),
      ...Object.entries(ends).map(([name, script]): [string, RequestFunction] => [
        `a promise of ${name}`,
        (...args) => Promise.resolve(new OddRequest(script, args.find(isListener))),
      ]),
      ...Object.entries(given),
    ];
    it.each(cases.filter(([name]) => !(way === 'a stream' && name.endsWith("'error' right after 'response'"))))(`${way}: %s`, async (name, request) => {
      const options = { request } as ExtendOptions;
      const [expected, ...seen] = await Promise.all([plain, ...Object.values(clients)].map((make) => outcomeOf(call(make(options)))));
      for (const [index, client] of Object.keys(clients).entries()) {
        // It reads the body before it answers, so it fails where plain got goes on waiting for it.
        if (client === 'whole bodies' && name.endsWith("'error' after 'response'")) continue;
        expect({ [client]: wordless(seen[index], name) }).toEqual({ [client]: wordless(expected, name) });
      }
      expect(await rejections.count()).toBe(0);
    });
  }
});

/** The words of a TypeError say at which line of whose code it was noticed that something is missing. */
function wordless(outcome: unknown, name: string): unknown {
  return name in given && typeof outcome === 'object' ? { ...outcome, message: undefined } : outcome;
}
