import { createRequire } from 'node:module';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import axios, { type AxiosInstance, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { Hedger, hedgedAdapter, hedgeInfo, isHedge, type AxiosHedgeOptions, type HedgeRequest } from '@hedgerow/axios';
import { hedgedClient, winningClient, withPlayground } from './variants.js';

/** An adapter that answers at once, and remembers what it was asked. */
function answering(): { adapter: (config: InternalAxiosRequestConfig) => Promise<AxiosResponse>; asked: InternalAxiosRequestConfig[] } {
  const asked: InternalAxiosRequestConfig[] = [];
  return {
    asked,
    adapter(config) {
      asked.push(config);
      return new Promise((resolve) => setTimeout(resolve, 5, { data: '', status: 200, statusText: '', headers: {}, config }));
    },
  };
}

describe('options', () => {
  it('needs none', () => {
    expect(typeof hedgedAdapter()).toBe('function');
  });

  const bad: [string, AxiosHedgeOptions, RegExp][] = [
    ['maxHedges', { maxHedges: -1 }, /`maxHedges` must be .* got -1/],
    ['an unknown key', { delays: 5 } as AxiosHedgeOptions, /unknown option `delays`/],
    ['hedger', { hedger: {} as never }, /`hedger` must be a Hedger/],
    ['budget beside hedger', { hedger: new Hedger(), budget: false }, /`budget` belongs to a Hedger/],
    ['telemetry', { telemetry: true as never }, /`telemetry` must be/],
    ['adapter', { adapter: 'carrier-pigeon' }, /Unknown adapter 'carrier-pigeon'/],
  ];
  for (const [name, options, message] of bad) {
    it(`refuses a bad ${name} at creation`, () => {
      expect(() => hedgedAdapter(options)).toThrow(message);
    });
  }

  it('options beside a shared hedger apply to this adapter alone', async () => {
    const hedger = new Hedger({ budget: false, delay: 60_000 });
    const { adapter } = answering();
    const eager = axios.create({ adapter: hedgedAdapter({ hedger, adapter, delay: 0, budget: undefined }) });
    const patient = axios.create({ adapter: hedgedAdapter({ hedger, adapter }) });
    expect(hedgeInfo(await eager.get('http://a/'))).toMatchObject({ attempts: 2 });
    expect(hedgeInfo(await patient.get('http://a/'))).toMatchObject({ attempts: 1 });
    expect(hedger.stats()).toMatchObject({ calls: 2, eligible: 2, hedged: 1 });
  });

  it('takes the first supported adapter of a list', async () => {
    const { adapter, asked } = answering();
    await axios.create({ adapter: hedgedAdapter({ adapter: ['xhr', adapter, 'http'] }) }).get('http://a/');
    expect(asked).toHaveLength(1);
  });

  it('never hedges what is hedged already', async () => {
    const { adapter, asked } = answering();
    const twice = hedgedAdapter({ adapter: hedgedAdapter({ adapter, delay: 0, budget: false }), delay: 0, budget: false });
    await axios.create({ adapter: twice }).get('http://a/');
    expect(asked).toHaveLength(2);
    const inList = hedgedAdapter({ adapter: ['xhr', twice], delay: 0, budget: false });
    await axios.create({ adapter: inList }).get('http://a/');
    expect(asked).toHaveLength(4);
  });

  describe('as the default of all axios', () => {
    const { adapter: saved } = axios.defaults;
    afterEach(() => void (axios.defaults.adapter = saved ?? []));

    it('does not call itself', async () => {
      const { adapter, asked } = answering();
      axios.defaults.adapter = adapter;
      axios.defaults.adapter = hedgedAdapter({ delay: 0, budget: false });
      axios.defaults.adapter = hedgedAdapter({ delay: 0, budget: false });
      await axios.get('http://a/');
      expect(asked).toHaveLength(2);
    });
  });
});

describe('config.hedge', () => {
  const attemptsOf = async (request: Promise<unknown>): Promise<unknown> => hedgeInfo(await request)?.attempts;
  let client: AxiosInstance;
  beforeEach(() => void (client = hedgedClient('http://a', { delay: 60_000 }, { adapter: answering().adapter })));

  it('overrides the adapter’s options for a request', async () => {
    expect(await attemptsOf(client.get('/'))).toBe(1);
    expect(await attemptsOf(client.get('/', { hedge: { delay: 0 } }))).toBe(2);
    expect(await attemptsOf(client.get('/', { hedge: { delay: [0, 0] } }))).toBe(3);
    expect(await attemptsOf(client.post('/', {}, { hedge: { delay: 0, methods: ['POST'] } }))).toBe(2);
  });

  it('false sends the request once', async () => {
    const response = await client.get('/', { hedge: false });
    expect(hedgeInfo(response)).toMatchObject({ eligible: false, ineligibleReason: 'disabled', attempts: 1 });
  });

  it('may stand in the defaults of an instance, which a request overrides', async () => {
    client.defaults.hedge = { delay: 0 };
    expect(await attemptsOf(client.get('/'))).toBe(2);
    expect(await attemptsOf(client.get('/', { hedge: false }))).toBe(1);
    expect(await attemptsOf(client.get('/', { hedge: { maxHedges: 2 } }))).toBe(3);
    client.defaults.hedge = false;
    expect(await attemptsOf(client.get('/'))).toBe(1);
    expect(await attemptsOf(client.get('/', { hedge: { delay: 0 } }))).toBe(2);
  });

  it('reaches the adapter from an interceptor', async () => {
    client.interceptors.request.use((config) => ({ ...config, hedge: { delay: 0 } }));
    expect(await attemptsOf(client.get('/'))).toBe(2);
  });

  it('rejects the call when it is wrong, and sends nothing', async () => {
    const { adapter, asked } = answering();
    const checked = hedgedClient('http://a', { delay: 0 }, { adapter });
    await expect(checked.get('/', { hedge: { maxHedges: 99 } })).rejects.toThrow(/`maxHedges` must be .* got 99/);
    await expect(checked.get('/', { hedge: true as never })).rejects.toThrow(TypeError);
    expect(asked).toHaveLength(0);
  });

  it('hears of hedges and of the end of calls', async () => {
    const onHedge = jest.fn();
    const onComplete = jest.fn();
    await client.get('/users/42', { hedge: { delay: 0, onHedge, onComplete } });
    const key = 'GET http://a/users/:id';
    expect(onHedge).toHaveBeenCalledWith(expect.objectContaining({ number: 1, key }));
    expect(onComplete).toHaveBeenCalledWith(expect.objectContaining({ attempts: 2, status: 200, key }));
  });
});

describe('what decisions see of a request', () => {
  const seen = async (config: Record<string, unknown>): Promise<HedgeRequest> => {
    const when = jest.fn<(request: HedgeRequest) => boolean>(() => true);
    const { adapter } = answering();
    await axios.create({ adapter: hedgedAdapter({ adapter, when, methods: ['GET', 'POST'] }) }).request(config);
    const [request] = when.mock.calls[0] ?? [];
    if (request === undefined) throw new Error('nobody asked');
    return request;
  };

  const urls: [string, Record<string, unknown>, string][] = [
    ['an absolute URL', { url: 'http://a/b?c=1' }, 'http://a/b?c=1'],
    ['a base', { baseURL: 'http://a/v1/', url: '/b' }, 'http://a/v1/b'],
    ['a base alone', { baseURL: 'http://a/v1/' }, 'http://a/v1/'],
    ['an absolute URL over a base', { baseURL: 'http://a', url: 'https://b/' }, 'https://b/'],
    ['a URL without a scheme', { baseURL: 'http://a', url: '//b/c' }, '//b/c'],
    ['params', { url: 'http://a/?b=1', params: { c: 2, d: null } }, 'http://a/?b=1&c=2'],
    ['a serializer', { url: 'http://a/', params: { b: 1 }, paramsSerializer: () => 'own' }, 'http://a/?own'],
    ['a socket', { url: '/containers', socketPath: '/var/run/docker.sock' }, 'http://localhost/containers'],
    ['nonsense', { url: 'ht!tp:/\\%' }, 'ht!tp:/\\%'],
    ['nothing', {}, ''],
  ];
  for (const [name, config, url] of urls) {
    it(`the URL of ${name}`, async () => expect((await seen(config)).url).toBe(url));
  }

  it('a base over an absolute URL, if asked', async () => {
    const config = { baseURL: 'http://a', url: 'http://b/', allowAbsoluteUrls: false };
    expect((await seen(config)).url).toBe('http://a/http://b/');
  });

  it('the URL is that of axios.getUri', async () => {
    const configs = [
      { baseURL: 'http://a/b//', url: '//c', params: { d: 'ü&', e: { f: 1 } } },
      { baseURL: 'http://a/b', url: 'c#d', params: new URLSearchParams('e=1') },
      { baseURL: '', url: '/only' },
    ];
    for (const config of configs) expect((await seen(config)).url).toBe(new axios.Axios({}).getUri(config));
  });

  it('headers by lower-case name, and the body', async () => {
    const request = await seen({ url: 'http://a/', method: 'POST', data: { a: 'ü' }, headers: { 'Idempotency-Key': 'k1' } });
    expect(request.method.toUpperCase()).toBe('POST');
    expect(request.header?.('idempotency-key')).toBe('k1');
    expect(request.header?.('content-type')).toBe('application/json');
    expect(request.header?.('x-missing')).toBeUndefined();
    expect(request.body).toMatchObject({ replayable: true, bytes: 10 });
  });
});

withPlayground('what a caller learns afterwards', (playground) => {
  it('hedgeInfo and isHedge, of responses and of errors', async () => {
    const client = winningClient(playground().origin);
    const response = await client.get('/echo');
    expect(isHedge(response)).toBe(true);
    expect(JSON.stringify(Object.keys(response))).not.toContain('hedge');
    const error: unknown = await winningClient(playground().origin).get('/status/404').catch((reason: unknown) => reason);
    expect(isHedge(error)).toBe(true);
    expect(hedgeInfo(await axios.get(`${playground().origin}/echo`))).toBeUndefined();
  });

  it('429 with Retry-After stops hedging', async () => {
    const hedger = new Hedger({ budget: false, delay: 0 });
    const { adapter } = answering();
    const limited = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> =>
      adapter(config).then((response) => ({ ...response, status: 429, headers: { 'Retry-After': '30' } }));
    await axios.create({ adapter: hedgedAdapter({ hedger, adapter: limited }) }).get('http://a/');
    const later = await axios.create({ adapter: hedgedAdapter({ hedger, adapter }) }).get('http://a/');
    expect(hedgeInfo(later)).toMatchObject({ attempts: 1, suppressionReason: 'pushback' });
  });
});

withPlayground('CommonJS code, with its own copy of axios', (playground) => {
  const theirs = createRequire(import.meta.url)('axios') as typeof axios;

  it('is another copy', () => expect(theirs.AxiosHeaders).not.toBe(axios.AxiosHeaders));

  for (const adapter of [undefined, theirs.getAdapter('http')]) {
    const client = (options: AxiosHedgeOptions): AxiosInstance =>
      theirs.create({ baseURL: playground().origin, adapter: hedgedAdapter({ budget: false, ...(adapter && { adapter }), ...options }) });

    it(`gets headers it understands ${adapter ? 'from its own adapter' : 'from ours'}`, async () => {
      const response = await client({ delay: 0 }).get<{ headers: unknown }>('/echo', { headers: { 'X-Own': 'mine' } });
      expect(hedgeInfo(response)).toMatchObject({ attempts: 2 });
      expect(response.headers).toBeInstanceOf(theirs.AxiosHeaders);
      expect(response.headers['x-served']).toBe('yes');
      expect(response.config.headers).toBeInstanceOf(theirs.AxiosHeaders);
      expect(response.data.headers).toMatchObject({ 'x-own': 'mine' });

      const posted = await client({ delay: 0 }).post<{ headers: unknown }>('/echo', { a: 1 });
      expect(posted.headers['x-served']).toBe('yes');
      expect(posted.data.headers).toMatchObject({ 'content-type': 'application/json' });

      const error: unknown = await client({ delay: 0 }).get('/status/404').catch((reason: unknown) => reason);
      expect(theirs.isAxiosError(error) && error.response?.headers['content-type']).toBe('application/json');
      expect((error as { config: unknown }).config).toMatchObject({ url: '/status/404' });
      expect(error instanceof theirs.AxiosError).toBe(adapter !== undefined);
    });
  }
});
