import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { AxiosHeaders, type AxiosAdapter, type AxiosRequestConfig, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { hedgedAdapter, hedgeInfo, type AxiosHedgeOptions } from '@hedgerow/axios';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { turns, within } from '../support/wait.js';

let rejections: RejectionCounter;
beforeEach(() => void (rejections = countUnhandledRejections()));
afterEach(async () => {
  expect(await rejections.count()).toBe(0);
  rejections.stop();
});

type Odd = (config: InternalAxiosRequestConfig) => unknown;

/** What comes of a call, as far as it can be told. */
async function outcome(adapter: AxiosAdapter | string, config: AxiosRequestConfig = {}): Promise<unknown> {
  const call = axios.create({ adapter: adapter as AxiosAdapter }).get('http://a/', config);
  return within(5_000, 'the call', call.then(resolved, rejected));
}

const resolved = (value: unknown): unknown => ({ resolved: value instanceof Object ? attempt(() => (value as AxiosResponse).data) : value });
const rejected = (error: unknown): unknown => ({ rejected: typeof error === 'object' && error !== null ? [(error as Error).name, (error as Error).message] : error });

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return `threw ${String(error)}`;
  }
}

const good = (config: InternalAxiosRequestConfig): AxiosResponse => ({ data: 'fine', status: 200, statusText: 'OK', headers: {}, config });

function refusing(...names: string[]): ProxyHandler<AxiosResponse> {
  return {
    get(target, name, receiver) {
      if (names.length === 0 || names.includes(String(name))) throw new Error(`no ${String(name)}`);
      return Reflect.get(target, name, receiver) as unknown;
    },
  };
}

/** Of what is no error. */
function rejection(reason: unknown): Promise<never> {
  return Promise.reject(reason);
}

const odd: Record<string, Odd> = {
  'no response': () => Promise.resolve(undefined),
  'null for a response': () => Promise.resolve(null),
  'a string for a response': () => Promise.resolve('text'),
  'a response without headers': (config) => Promise.resolve({ data: 'x', status: 200, config }),
  'a response of nothing but data': () => Promise.resolve({ data: 'x' }),
  'a response with a status of text': (config) => Promise.resolve({ ...good(config), status: '200' }),
  'a frozen response': (config) => Promise.resolve(Object.freeze(good(config))),
  'a response whose status throws': (config) => Promise.resolve(new Proxy(good(config), refusing('status'))),
  'a response whose headers throw': (config) => Promise.resolve(new Proxy(good(config), refusing('headers'))),
  'a response whose data throw': (config) => Promise.resolve(new Proxy(good(config), refusing('data'))),
  'a response whose config throws': (config) => Promise.resolve(new Proxy(good(config), refusing('config'))),
  'a response that takes nothing': (config) => Promise.resolve(new Proxy(good(config), { set: () => false, defineProperty: () => false })),
  'an error that is none': () => rejection('text'),
  'no error': () => rejection(undefined),
  'a frozen error': (config) => Promise.reject(Object.freeze(new axios.AxiosError('frozen', 'E', config))),
  'an error whose response throws': () => Promise.reject(Object.defineProperty(new Error('mine'), 'config', { get: () => { throw new Error('no'); } })),
  'an error with a frozen response': (config) => Promise.reject(Object.assign(new Error('mine'), { response: Object.freeze({ ...good(config), status: 500 }) })),
  'a throw': () => {
    throw new Error('thrown');
  },
  'no promise': (config) => good(config),
  'nothing at all': () => undefined,
  'a thenable': (config) => ({ then: (onResponse: (response: unknown) => unknown) => new Promise((done) => done(onResponse(good(config)))) }),
  'a config that it has frozen': (config) => Promise.resolve(good(Object.freeze(config))),
  'headers that it has frozen': (config) => (Object.freeze(config.headers), Promise.resolve(good(config))),
};

/** What plain axios makes of the same, for what its types do not allow. */
for (const [name, adapter] of Object.entries(odd)) {
  for (const [hedges, options] of Object.entries<AxiosHedgeOptions>({
    'no hedge due': { delay: 60_000 },
    'a hedge of the same kind': { delay: 0 },
    'both read': { delay: 0, accept: ({ header, response, acceptable }) => (header('x'), typeof response !== 'bigint') && acceptable },
  })) {
    it(`an adapter that gives ${name} ends a call as in plain axios: ${hedges}`, async () => {
      const plain = await outcome(adapter as AxiosAdapter);
      expect(await outcome(hedgedAdapter({ adapter: adapter as AxiosAdapter, budget: false, ...options }))).toEqual(plain);
    });
  }

  it(`a primary that gives ${name} never, and a hedge that gives it, end a call`, async () => {
    let sent = 0;
    const stalling = (config: InternalAxiosRequestConfig): unknown => (sent++ === 0 ? new Promise(() => undefined) : adapter(config));
    const call = outcome(hedgedAdapter({ adapter: stalling as AxiosAdapter, budget: false, delay: 0, timeoutMs: 200 }));
    expect(Object.keys((await call) as object)).toHaveLength(1);
  });
}

it('a thenable that settles twice, and throws then, settles a call once', async () => {
  const adapter = ((config: InternalAxiosRequestConfig) => ({
    then: (onResponse: (response: unknown) => void, onError: (error: unknown) => void) => {
      onResponse(good(config));
      onError(new Error('late'));
      onResponse({ ...good(config), data: 'late' });
      throw new Error('later');
    },
  })) as unknown as AxiosAdapter;
  for (const delay of [0, 60_000]) expect(await outcome(hedgedAdapter({ adapter, budget: false, delay }))).toEqual({ resolved: 'fine' });
});

describe('configs that adapters get from others', () => {
  const headers = new AxiosHeaders({ 'X-Own': 'mine' });
  const bare: InternalAxiosRequestConfig = { url: 'http://a/', method: 'get', headers, params: { a: 1 }, paramsSerializer: { serialize: () => 'a=1' } };
  const configs: Record<string, () => InternalAxiosRequestConfig> = {
    frozen: () => Object.freeze({ ...bare }),
    'frozen, headers and all': () => Object.freeze({ ...bare, headers: Object.freeze(new AxiosHeaders(headers)) }),
    'that take no signal': () => Object.defineProperty({ ...bare }, 'signal', { value: undefined, writable: false }),
    'that are proxies': () => new Proxy({ ...bare }, { set: () => false }),
    'without headers': () => ({ url: 'http://a/', method: 'get' }) as InternalAxiosRequestConfig,
    'with null for a URL': () => ({ ...bare, url: null, baseURL: 'http://a/' }) as unknown as InternalAxiosRequestConfig,
    'with a URL object': () => ({ ...bare, url: new URL('http://a/path') }) as unknown as InternalAxiosRequestConfig,
  };
  for (const [name, make] of Object.entries(configs)) {
    it(`${name}: every attempt is sent, and the config stays as it was`, async () => {
      const sent: unknown[] = [];
      const adapter: AxiosAdapter = async (config) => {
        sent.push((config.headers as Partial<AxiosHeaders> | undefined)?.get?.('x-own'));
        await turns(sent.length === 1 ? 20 : 1);
        return good(config);
      };
      const config = make();
      const keys = Object.keys(config);
      for (const telemetry of [false, {}] as const) {
        sent.length = 0;
        const response = await hedgedAdapter({ adapter, budget: false, delay: 0, telemetry })(config);
        const own = name === 'without headers' ? undefined : 'mine';
        expect({ sent, data: response.data as unknown, keys: Object.keys(config) }).toEqual({ sent: [own, own], data: 'fine', keys });
        expect(hedgeInfo(response)).toMatchObject({ winner: 1 });
      }
    });
  }
});

describe('what is no signal, or no token', () => {
  let server: ScriptedServer;
  beforeAll(async () => void (server = await startScriptedServer()));
  afterAll(() => server.close());

  const signals = ['', 0, false, null, 'x', 1, true, {}, [], { aborted: false }, { aborted: true }, () => undefined, new EventTarget()];
  const tokens = ['', 0, null, {}, { throwIfRequested: () => undefined }, { throwIfRequested: () => undefined, subscribe: 'x' }];
  const given = [...signals.map((signal) => ({ signal })), ...tokens.map((cancelToken) => ({ cancelToken }))];
  for (const adapter of ['http', 'fetch'] as const) {
    for (const [index, config] of given.entries()) {
      if (adapter === 'fetch' && isFatal(config)) continue;
      it(`is refused or ignored as by plain axios, and nothing is sent where that sends nothing: number ${index} (${adapter})`, async () => {
        const run = async (sends: AxiosAdapter | 'http' | 'fetch'): Promise<unknown> => {
          const before = server.requests.length;
          server.script((request) => request.respond({ body: 'fine' }));
          const call = axios.create({ adapter: sends, baseURL: server.origin }).get<unknown>('/', config as AxiosRequestConfig);
          const seen = await within(5_000, 'the call', call.then(resolved, rejected));
          await turns();
          return { seen, requests: server.requests.length - before };
        };
        const expected = adapter === 'http' && isRefused(config) ? { seen: { rejected: ['TypeError', expect.stringMatching(/^config\.\w+\.\w+ is not a function$/)] }, requests: 0 } : await run(adapter);
        expect(await run(hedgedAdapter({ adapter, delay: 60_000 }))).toEqual(expected);
      });
    }
  }
});

/** The fetch adapter of axios 1.7.0 cannot let go of what is no signal, hedged or not: a timer throws, which ends the process. */
function isFatal(config: { readonly signal?: unknown; readonly cancelToken?: unknown }): boolean {
  return axios.VERSION === '1.7.0' && isRefused(config);
}

/** What the Node adapter of older versions trips over: plain axios never settles such a call. */
function isRefused({ signal, cancelToken }: { readonly signal?: unknown; readonly cancelToken?: unknown }): boolean {
  if (cancelToken) return typeof cancelToken === 'object' && 'throwIfRequested' in cancelToken;
  if (!signal || signal instanceof EventTarget) return false;
  return (signal as Partial<AbortSignal>).aborted !== true;
}

describe('what does not go over HTTP', () => {
  const urls = ['data:text/plain,hello', 'data:text/plain;base64,aGVsbG8=', ' DATA:text/plain,hello', 'da\nta:text/plain,hello', 'blob:nodedata:1234', 'file:///etc/hostname', 'ftp://a/', 'localhost:80/x', 'gopher://a/'];
  for (const url of urls) {
    for (const adapter of ['http', 'fetch'] as const) {
      it(`${JSON.stringify(url)} is not hedged (${adapter})`, async () => {
        const run = (sends: AxiosAdapter | 'http' | 'fetch'): Promise<unknown> =>
          axios.create({ adapter: sends }).get<unknown>(url).then(
            (response) => ({ response, seen: resolved(response) }),
            (error: unknown) => ({ response: error, seen: rejected(error) }),
          );
        const plain = (await run(adapter)) as { seen: unknown };
        const hedged = (await run(hedgedAdapter({ adapter, budget: false, delay: 0 }))) as { response: unknown; seen: unknown };
        expect(hedged.seen).toEqual(plain.seen);
        expect(hedgeInfo(hedged.response)).toMatchObject({ eligible: false, ineligibleReason: 'unsupported', attempts: 1 });
      });
    }
  }

  it('relative URLs are hedged: in browsers they are those of the page', async () => {
    let sent = 0;
    const adapter: AxiosAdapter = async (config) => (await turns(sent++ === 0 ? 20 : 1), good(config));
    for (const url of ['/path', 'path?x=data:1', '//host/path', 'HTTPS://host/']) {
      sent = 0;
      const response = await axios.create({ adapter: hedgedAdapter({ adapter, budget: false, delay: 0 }) }).get(url);
      expect([url, hedgeInfo(response)?.attempts]).toEqual([url, 2]);
    }
  });

  it('a call that is not to be hedged is not for that reason', async () => {
    const response = await axios.create({ adapter: hedgedAdapter({ adapter: 'http' }) }).get('data:text/plain;base64,aGVsbG8=', { hedge: false });
    expect(hedgeInfo(response)).toMatchObject({ ineligibleReason: 'disabled' });
  });
});
