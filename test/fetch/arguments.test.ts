import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nodeFetch, { Request as NodeFetchRequest } from 'node-fetch';
import { fetch as undiciFetch, Headers as UndiciHeaders } from 'undici';
import { Hedger, hedgedFetch, hedgeInfo, type FetchHedgeOptions } from '@hedgerow/fetch';
import { within } from '../support/wait.js';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { countUnhandledRejections } from '../support/rejections.js';

type Fetch = typeof globalThis.fetch;

let server: ScriptedServer;
beforeEach(async () => void (server = await startScriptedServer()));
afterEach(() => server.close());

const fetches: readonly (readonly [string, Fetch])[] = [
  ["Node's fetch", globalThis.fetch],
  ["undici's fetch", undiciFetch as unknown as Fetch],
];

/** Ways in which a call may go out; those that hedge do so after 10 ms. */
const modes: Readonly<Record<string, FetchHedgeOptions & { readonly once?: true }>> = {
  'is hedged': { delay: 10, budget: false },
  'is hedged with a header more': { delay: 10, budget: false, markHedges: 'x-mark' },
  'is looked at by `when`': { delay: 10, budget: false, when: (request) => request.header?.('x-none') === undefined },
  'is refused by `when`': { when: (request) => request.header?.('authorization') === undefined, once: true },
  'is off': { mode: 'off', once: true },
  'has no telemetry': { delay: 60_000, telemetry: false, once: true },
};

function optionsOf(mode: FetchHedgeOptions & { readonly once?: true }): FetchHedgeOptions {
  const options = { methods: ['GET', 'PUT'], idempotencyKey: true, ...mode };
  delete options.once;
  return options;
}

describe.each(fetches)('what is read once, by %s,', (_name, inner) => {
  let reads = 0;
  beforeEach(() => void (reads = 0));
  const token = (): string => `token ${++reads}`;

  function* generated(): Generator<[string, string]> {
    yield ['authorization', token()];
    yield ['x-b', '2'];
  }
  class OwnInit {
    readonly method = 'PUT';
    readonly #token = token;
    get headers(): object {
      return { authorization: this.#token(), 'x-b': '2' };
    }
    get body(): string {
      return ['from', 'a', 'getter'].join(' ');
    }
  }
  const headers: Readonly<Record<string, () => unknown>> = {
    'an iterator': () => new Map([['authorization', token()], ['x-b', '2']]).entries(),
    'a generator': generated,
    'an iterable that can be read once': () => {
      const items = generated();
      return { [Symbol.iterator]: () => items };
    },
    'an iterable that gives something else each time': () => ({ [Symbol.iterator]: generated }),
    'pairs that are iterators': () => [['authorization', token()].values(), new Set(['x-b', '2'])],
    'a Map': () => new Map([['authorization', token()], ['x-b', '2']]),
    'an object with a getter': () => ({
      get authorization() {
        return token();
      },
      'x-b': '2',
    }),
    'an object whose value makes its text anew': () => ({ authorization: { toString: token }, 'x-b': 2 }),
  };

  describe.each(Object.entries(modes))('if the call %s', (_mode, mode) => {
    const { once } = mode;
    const hedging = optionsOf(mode);

    async function arrives(input: Parameters<Fetch>[0], init: unknown): Promise<void> {
      const call = hedgedFetch(inner, hedging)(input, init as RequestInit);
      const sent = [await server.next(), ...(once === true ? [] : [await server.next()])];
      for (const request of sent) expect([request.headers.authorization, request.headers['x-b']]).toEqual(['token 1', '2']);
      for (const request of sent) request.respond();
      await (await call).text();
      expect(reads).toBe(1);
    }

    it.each(Object.entries(headers))('arrives whole: headers from %s', async (_what, make) => {
      await arrives(server.origin, { headers: make() });
    });

    it('arrives whole: a class instance as init', async () => {
      await arrives(server.origin, new OwnInit());
      for (const request of server.requests) expect([request.method, String(await request.body)]).toEqual(['PUT', 'from a getter']);
    });

    it('arrives whole: an object that inherits its members', async () => {
      const base = {
        get headers() {
          return { authorization: token(), 'x-b': '2' };
        },
      };
      await arrives(server.origin, Object.create(base));
    });

    it('arrives whole: an address that counts how often it is asked', async () => {
      let asked = 0;
      const input = { toString: () => `${server.origin}/${++asked}` };
      await arrives(input as unknown as URL, { headers: { authorization: token(), 'x-b': '2' } });
      expect(new Set(server.requests.map(({ path }) => path))).toEqual(new Set(['/1']));
    });
  });
});

describe('bodies', () => {
  const hedging: FetchHedgeOptions = { delay: 10, budget: false, methods: ['PUT'] };

  it('may be forms of a class that wants arguments', async () => {
    class Form extends FormData {
      constructor(name: string) {
        super();
        this.append(name.toUpperCase(), 'x');
      }
    }
    const call = hedgedFetch(hedging)(server.origin, { method: 'PUT', body: new Form('field') });
    const [primary, hedge] = [await server.next(), await server.next()];
    for (const { body } of [primary, hedge]) expect(String(await body)).toContain('name="FIELD"');
    hedge.respond();
    await call;
  });

  it('that call themselves forms, and are streams, are sent once', async () => {
    const { Readable } = await import('node:stream');
    const body = Object.assign(Readable.from(['once']), { [Symbol.toStringTag]: 'FormData' });
    const call = hedgedFetch(nodeFetch, hedging)(server.origin, { method: 'PUT', body });
    const only = await server.next();
    expect(String(await only.body)).toBe('once');
    only.respond();
    expect(hedgeInfo(await call)).toMatchObject({ ineligibleReason: 'body_not_replayable' });
  });
});

describe('what is refused', () => {
  /** What a signal may not be, though some of it looks like one. */
  const signals: Readonly<Record<string, () => unknown>> = {
    text: () => '',
    'a number': () => 0,
    'a boolean': () => false,
    'an object': () => ({}),
    'a function': () => () => undefined,
    'another target of events': () => new EventTarget(),
    'its controller': () => new AbortController(),
    'half of one': () => ({ aborted: false, removeEventListener: () => undefined }),
    'what looks like one': () => ({ aborted: false, addEventListener: () => undefined, removeEventListener: () => undefined, reason: undefined }),
    'one without its insides': () => Object.create(AbortSignal.prototype) as unknown,
  };
  const arguments_: Readonly<Record<string, () => readonly unknown[]>> = {
    'no address': () => [],
    'null for an address': () => [null],
    'a number for an address': () => [5],
    'a symbol for an address': () => [Symbol('url')],
    'an object without text': () => [Object.create(null) as unknown],
    'a bad address': () => ['http://'],
    'text for init': () => ['', 'GET'],
    'a bad scheme': () => ['htp://127.0.0.1'],
    'a symbol for a body': () => ['', { method: 'PUT', body: Symbol('body') }],
    'null for headers': () => ['', { headers: null }],
    'headers without names': () => ['', { headers: [['only']] }],
    'flat headers': () => ['', { headers: ['x-a', '1'] }],
    'headers that throw': () => [
      '',
      {
        headers: (function* () {
          yield ['x-a', '1'];
          throw new RangeError('no more headers');
        })(),
      },
    ],
  };
  const all = [
    ...Object.entries(signals).map(([name, make]) => [`${name} for a signal`, () => ['', { signal: make() }]] as const),
    ...Object.entries(arguments_),
  ];

  describe.each([...fetches, ['node-fetch', nodeFetch as unknown as Fetch]] as const)('by %s', (_name, inner) => {
    it.each(all)('is refused in its words, and nothing is sent: %s', async (_what, make) => {
      const settle = async (fetch: (...all: never[]) => Promise<Response>): Promise<unknown> => {
        const [input, ...rest] = make();
        const given = input === '' ? [server.origin, ...rest] : make();
        try {
          const { status } = await fetch(...(given as never[]));
          return { status };
        } catch (error) {
          return { name: (error as Error).name, message: (error as Error).message };
        }
      };
      server.script((request) => request.respond({ status: 204 }));
      const plain = await settle(inner);
      const sent = server.requests.length;
      const unhandled = countUnhandledRejections();
      expect(await settle(hedgedFetch(inner, { delay: 0, budget: false, hedgeOnFailure: true, methods: ['GET', 'PUT'] }) as never)).toEqual(plain);
      expect(await unhandled.count()).toBe(0);
      unhandled.stop();
      expect(server.requests.length - sent).toBeLessThanOrEqual(sent === 0 ? 0 : 2);
    });
  });

  it("a signal of a make of its own is handed to the client that takes it, and obeyed", async () => {
    class Polyfill extends EventTarget {
      aborted: boolean;
      reason: unknown;
      constructor() {
        super();
        this.aborted = false;
      }
      readonly [Symbol.toStringTag] = 'AbortSignal';
      abort(): void {
        this.aborted = true;
        this.dispatchEvent(new Event('abort'));
      }
    }
    const signal = new Polyfill();
    const call = hedgedFetch(nodeFetch as unknown as Fetch, { delay: 0, budget: false })(server.origin, { signal: signal as unknown as AbortSignal });
    const only = await server.next();
    signal.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
    await only.gone;
    expect(server.requests).toHaveLength(1);
  });

  it('null is no init and no signal, also of a Request of node-fetch, which has none', async () => {
    server.script((request) => request.respond({ body: 'x' }));
    expect(await (await hedgedFetch()(server.origin, null as unknown as RequestInit)).text()).toBe('x');
    expect(await (await hedgedFetch()(server.origin, { signal: null })).text()).toBe('x');
    expect(await (await hedgedFetch(nodeFetch)(new NodeFetchRequest(server.origin))).text()).toBe('x');
  });
});

describe('addresses', () => {
  const blob = URL.createObjectURL(new Blob(['x'.repeat(100_000)]));

  describe.each(fetches)('over %s', (_name, inner) => {
    it.each([
      ['data:text/plain,hello', 5],
      ['DATA:text/plain,hello', 5],
      [' data:text/plain;base64,aGVsbG8=', 5],
      [new URL('data:,hello'), 5],
      [blob, 100_000],
    ] as const)('of no server are asked once: %s', async (url, length) => {
      const hedger = new Hedger({ delay: 0, budget: false });
      const asked: unknown[] = [];
      hedger.observe({ onBypass: ({ url: said }, reason) => void asked.push([said, reason]) });
      const response = await hedgedFetch(inner, { hedger })(url);
      expect((await response.text()).length).toBe(length);
      expect(hedgeInfo(response)).toMatchObject({ eligible: false, ineligibleReason: 'unsupported', attempts: 1 });
      expect(asked).toEqual([[new URL(url).protocol, 'unsupported']]);
      expect(hedger.stats()).toMatchObject({ calls: 1, eligible: 0 });
    });

    it('that the client does not know fail as without hedging', async () => {
      for (const url of ['file:///etc/hostname', 'about:blank', 'ftp://127.0.0.1/', 'custom:x']) {
        const [plain, hedged] = await Promise.all([inner, hedgedFetch(inner, { delay: 0, budget: false })].map((send) => send(url).catch((error: unknown) => error)));
        expect(hedged).toMatchObject({ name: (plain as Error).name, message: (plain as Error).message });
      }
    });
  });

  it('of HTTP are hedged, however they are written, also relative ones where the client knows of what', async () => {
    const seen: string[] = [];
    let answer!: (response: Response) => void;
    const relative = ((input: string) => {
      // The primary is answered once its hedge has been sent.
      if (seen.push(input) === 2) answer(new Response('x'));
      return new Promise<Response>((resolve) => (answer = resolve));
    }) as unknown as Fetch;
    for (const url of ['HTTP://127.0.0.1:1/a', '\thttps://127.0.0.1:1/', '/relative']) {
      seen.length = 0;
      await within(5_000, 'the answer', hedgedFetch(relative, { delay: 5, budget: false })(url));
      expect(seen).toEqual([url, url]);
    }
  });

  it('given as a URL reach the wrapped fetch as that', async () => {
    const seen: unknown[] = [];
    const inner = ((input: unknown) => {
      seen.push(input);
      return Promise.resolve(new Response());
    }) as Fetch;
    const url = new URL(server.origin);
    await hedgedFetch(inner)(url);
    expect(seen[0]).toBe(url);
  });
});

describe('on the wire', () => {
  let raw: Server;
  let heads: string[];
  let sockets: Socket[];
  let url: string;
  beforeEach(async () => {
    heads = [];
    sockets = [];
    raw = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (data) => {
        if (heads.push(String(data)) === 2) socket.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => raw.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(raw.address() as AddressInfo).port}/`;
  });
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    raw.close();
  });

  const own = { 'X-Own-Name': '1', AuthoriZation: 'b' };
  it.each([
    ["Node's fetch", fetch, 'an object', () => own],
    ["Node's fetch", fetch, 'pairs', () => Object.entries(own)],
    ["Node's fetch", fetch, 'Headers', () => new Headers(own)],
    ["Node's fetch", fetch, 'an iterator', () => new Map(Object.entries(own)).entries()],
    ["undici's fetch", undiciFetch as unknown as Fetch, 'an object', () => own],
    ["undici's fetch", undiciFetch as unknown as Fetch, 'its Headers', () => new UndiciHeaders(own) as unknown],
  ])('names of headers keep their case: %s, %s', async (_name, inner, _form, make) => {
    const hedger = new Hedger({ delay: 10, budget: false, markHedges: 'x-mark' });
    hedger.observe({ onCall: () => ({ onAttempt: () => ({ headers: { traceparent: '00-1' } }) }) });
    await hedgedFetch(inner, { hedger })(url, { headers: make() as [string, string][] });
    expect(heads).toHaveLength(2);
    for (const head of heads) expect(head).toMatch(/X-Own-Name: 1\r\n[^]*AuthoriZation: b\r\n/);
    for (const head of heads) expect(head).toContain('traceparent: 00-1\r\n');
    expect(heads[1]).toContain('x-mark: 1\r\n');
  });
});

describe('the hedged function', () => {
  it('has the name and the length of the wrapped one', () => {
    const myFetch = (input: string, init: object, more: object): Promise<Response> => Promise.resolve(Response.json([input, init, more]));
    for (const each of [globalThis.fetch, undiciFetch, nodeFetch, myFetch] as readonly Fetch[]) {
      const hedged = hedgedFetch(each);
      expect([hedged.name, hedged.length]).toEqual([each.name, each.length]);
    }
    expect([hedgedFetch(myFetch as unknown as Fetch).name, hedgedFetch(myFetch as unknown as Fetch).length]).toEqual(['myFetch', 3]);
  });
});
