import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, fetch as undiciFetch, request, type Dispatcher } from 'undici';
import { hedgedFetch, hedgeInterceptor, isHedge, type FetchHedgeOptions } from '@hedgerow/fetch';
import { closeServer, trackSockets } from '../support/sockets.js';
import { until } from '../support/wait.js';
import { countAlive } from '../support/witness.js';

type Fetch = typeof globalThis.fetch;

interface Store {
  readonly id: number;
}

const CALLS = 200;
const store = new AsyncLocalStorage<Store>();

/** What ran in the context of another call than its own. */
let foreign: string[];
let ran: number;

function see(where: string, own: number): boolean {
  ran++;
  const now = store.getStore()?.id;
  if (now !== own) foreign.push(`${where} of ${own} ran in ${String(now)}`);
  return true;
}

const idOf = (url: string): number => Number(url.split('/').pop());

/** Options whose functions note in whose context they run. */
const noting: FetchHedgeOptions = {
  delay: 15,
  budget: false,
  efficacy: false,
  maxConcurrentHedges: 1_000,
  markHedges: 'x-copy',
  when: ({ url }) => see('when', idOf(url)),
  accept: ({ request: { url }, acceptable }) => (see('accept', idOf(url)), acceptable),
  onHedge: ({ request: { url } }) => void see('onHedge', idOf(url)),
  onComplete: ({ request: { url } }) => void see('onComplete', idOf(url)),
};

/** A server that answers hedges, in two pieces, and tells whose token they carried. */
class Answering {
  readonly hedges = new Set<number>();
  readonly #server: Server;
  readonly #sockets;
  isPlain = false;

  constructor() {
    this.#server = createServer((received, response) => {
      const url = received.url ?? '';
      if (!this.isPlain && received.headers['x-copy'] === undefined) return;
      this.hedges.add(idOf(url));
      void this.#answer(response, `${url} with ${String(received.headers['x-token'])}`);
    });
    this.#sockets = trackSockets(this.#server);
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return closeServer(this.#server, this.#sockets);
  }

  async #answer(response: ServerResponse, text: string): Promise<void> {
    response.write(text.slice(0, 3));
    await new Promise((resolve) => setTimeout(resolve, 5));
    response.end(text.slice(3));
  }
}

/** A `fetch` that signs what it sends with the token of whoever's context it runs in. */
function signing(inner: Fetch): Fetch {
  return (input, init) => {
    const url = input as string;
    see('the wrapped fetch', idOf(url));
    return inner(input, { ...init, headers: { ...(init?.headers as object), 'x-token': String(store.getStore()?.id) } });
  };
}

/** The same as an interceptor, which notes what it can of handlers: undici calls most of them in the context of its connections. */
const signingBelow: Dispatcher.DispatcherComposeInterceptor = (dispatch) => (options, handler) => {
  see('an interceptor below', idOf(options.path));
  return dispatch({ ...options, headers: { ...(options.headers as object), 'x-token': String(store.getStore()?.id) } }, handler);
};

/** Asks once, and reads the answer. */
type Ask = (url: string, id: number) => Promise<string>;

interface Asking {
  readonly ask: Ask;
  readonly close?: () => Promise<void>;
}

async function readAll(response: { readonly body: unknown }, id: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    see('a chunk', id);
    text += decoder.decode(chunk, { stream: true });
  }
  return text;
}

function overFetch(inner: Fetch, options: FetchHedgeOptions | undefined): Asking {
  const fetch = options === undefined ? signing(inner) : hedgedFetch(signing(inner), options);
  return {
    ask: async (url, id) => {
      const { signal } = new AbortController();
      const response = await fetch(url, { signal });
      see('the answer', id);
      if (options !== undefined) expect(isHedge(response)).toBe(true);
      return readAll(response, id);
    },
  };
}

function overDispatcher(options: FetchHedgeOptions | undefined, ask: (dispatcher: Dispatcher) => Ask): Asking {
  const agent = new Agent();
  const below = agent.compose(signingBelow);
  return { ask: ask(options === undefined ? below : below.compose(hedgeInterceptor(options))), close: () => agent.destroy() };
}

/** Notes the context of everything that a handler is told: hedged, all of it is the call's own. */
class Noting implements Dispatcher.DispatchHandler {
  readonly text: Promise<string>;
  readonly #id: number;
  #chunks = '';
  #resolve!: (text: string) => void;
  #reject!: (error: Error) => void;

  constructor(id: number) {
    this.#id = id;
    this.text = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  onRequestStart(): void {
    // Of a primary that waited for a connection, in the context of that, as without hedging.
  }

  onResponseStart(): void {
    see('onResponseStart', this.#id);
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks += String(chunk);
  }

  onResponseEnd(): void {
    this.#resolve(this.#chunks);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}

const clients: Readonly<Record<string, (options: FetchHedgeOptions | undefined) => Asking>> = {
  "Node's fetch": (options) => overFetch(globalThis.fetch, options),
  "undici's fetch": (options) => overFetch(undiciFetch as unknown as Fetch, options),
  'undici.request over the interceptor': (options) =>
    overDispatcher(options, (dispatcher) => async (url, id) => {
      const { body } = await request(url, { dispatcher });
      see('the answer', id);
      let text = '';
      for await (const chunk of body) {
        see('a chunk', id);
        text += String(chunk);
      }
      return text;
    }),
  "undici's fetch over the interceptor": (options) =>
    overDispatcher(options, (dispatcher) => async (url, id) => {
      const response = await undiciFetch(url, { dispatcher });
      see('the answer', id);
      return readAll(response, id);
    }),
  'a handler over the interceptor': (options) =>
    overDispatcher(options, (dispatcher) => (url, id) => {
      const handler = new Noting(id);
      const { origin, pathname } = new URL(url);
      dispatcher.dispatch({ origin, path: pathname, method: 'GET' }, handler);
      return handler.text;
    }),
};

let server: Answering;
let origin: string;
beforeEach(async () => {
  foreign = [];
  ran = 0;
  server = new Answering();
  origin = await server.listen();
});
afterEach(() => server.close());

/** Asks in so many contexts at once, and keeps nothing of them but weakly. */
async function askInContexts(ask: Ask, count = CALLS, stores: WeakRef<Store>[] = []): Promise<void> {
  const calls: Promise<void>[] = [];
  for (let id = 0; id < count; id++) {
    const own: Store = { id };
    stores.push(new WeakRef(own));
    calls.push(
      store.run(own, async () => {
        expect(await ask(`${origin}/items/${id}`, id)).toBe(`/items/${id} with ${id}`);
        see('what follows', id);
      }),
    );
    if (id % 8 === 7) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(calls);
}

describe.each(Object.entries(clients))('the async context of a call, over %s', (_name, make) => {
  it.each([
    ['racing to headers', CALLS, {}],
    ['racing to the first chunk', 40, { raceUntil: 'firstChunk' }],
    ['racing to the whole body', 40, { raceUntil: 'body' }],
    ['draining losers', 40, { losers: { drainMs: 100 } }],
    ['sending copies at once', 40, { delay: 0 }],
    ['without telemetry', 40, { telemetry: false }],
  ] as const)('is where its hedge and all that follows run, %s', async (_way, count, options) => {
    const { ask, close } = make({ ...noting, ...options });
    await askInContexts(ask, count);
    expect(foreign).toEqual([]);
    expect(server.hedges.size).toBe(count);
    expect(ran).toBeGreaterThan(count * 5);
    await close?.();
  });

  it('is not kept alive any longer than without hedging', async () => {
    const leftBy = async (options: FetchHedgeOptions | undefined, enough: number, rounds: number): Promise<number> => {
      server.isPlain = options === undefined;
      const { ask, close } = make(options);
      const stores: WeakRef<Store>[] = [];
      await askInContexts(ask, 60, stores);
      await close?.();
      await server.close();
      server = new Answering();
      origin = await server.listen();
      return countAlive(stores, enough, rounds);
    };
    const plain = await leftBy(undefined, 0, 4);
    expect(await leftBy(noting, plain + 1, 8)).toBeLessThanOrEqual(plain + 1); // of undici's own timers, which keep the context of whoever was first
  });
});

it('a hedge of a call that was made without a context has none', async () => {
  const seen: unknown[] = [];
  const inner = ((url: string, init: RequestInit) => {
    seen.push(store.getStore());
    return fetch(url, init);
  }) as Fetch;
  const hedged = hedgedFetch(inner, { delay: 10, budget: false, markHedges: 'x-copy' });
  const other = store.run({ id: 1 }, () => hedged(`${origin}/items/1`));
  const bare = hedged(`${origin}/items/2`);
  await Promise.all([other, bare]);
  await until('all are sent', () => seen.length === 4);
  expect(seen.slice(0, 2)).toEqual([{ id: 1 }, undefined]);
  expect(seen.filter((each) => each === undefined)).toHaveLength(2);
});
