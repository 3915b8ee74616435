import { expect, it, jest } from '@jest/globals';
import axios, { AxiosHeaders, type AxiosProgressEvent, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import axiosRetry from 'axios-retry';
import { CookieJar } from 'tough-cookie';
import { Hedger, hedgeInfo } from '@hedgerow/axios';
import { hedgedClient, isSince, sameAsPlain, winningClient, withPlayground, wonByHedge, type MakeClient } from './variants.js';

withPlayground('interceptors, transforms and configs', (playground) => {
  sameAsPlain(
    'interceptors and transforms run once per call',
    playground,
    async (make) => {
      const order: string[] = [];
      const client = make({
        transformRequest: [(data: unknown) => (order.push('transformRequest'), data)],
        transformResponse: [(data: string) => (order.push('transformResponse'), data.length)],
      });
      client.interceptors.request.use((config) => (order.push('request'), config));
      client.interceptors.request.use(async (config) => (order.push('async request'), await Promise.resolve(config)));
      client.interceptors.response.use((response) => (order.push('response'), response));
      const { data } = await client.get<number>('/bytes/7');
      return { order, data };
    },
    (outcome) =>
      expect(outcome).toEqual({ order: ['async request', 'request', 'transformRequest', 'transformResponse', 'response'], data: 7 }),
  );

  sameAsPlain(
    'synchronous interceptors, and errors',
    playground,
    async (make) => {
      const order: string[] = [];
      const client = make({ transformResponse: [(data: unknown) => (order.push('transformResponse'), data)] });
      client.interceptors.request.use((config) => (order.push('request'), config), null, { synchronous: true });
      client.interceptors.response.use(null, (error: unknown) => (order.push('rejected'), Promise.reject(error)));
      await client.get('/status/404').catch(() => order.push('caught'));
      return order;
    },
    (outcome) => expect(outcome).toEqual(['request', 'transformResponse', 'rejected', 'caught']),
  );

  for (const path of ['/echo', '/status/404']) {
    sameAsPlain(
      `the config of ${path} is the caller’s own object`,
      playground,
      async (make) => {
        const configs: unknown[] = [];
        const client = make();
        client.interceptors.request.use((config) => (configs.push(config), config));
        const { config, response } = await client.get(path).then(
          (answered) => ({ config: answered.config, response: answered }),
          (error: unknown) => error as { config: unknown; response: AxiosResponse },
        );
        return [config === configs[0], response.config === configs[0]];
      },
      // Newer versions of axios copy what interceptors return.
      (outcome) => expect((outcome as boolean[])[0]).toBe((outcome as boolean[])[1]),
    );
  }

  it('a hedge has a config of its own, every attempt its own headers and signal, and they share the rest', async () => {
    const sent: InternalAxiosRequestConfig[] = [];
    const asSent: Pick<InternalAxiosRequestConfig, 'headers' | 'signal'>[] = [];
    const http = axios.getAdapter('http');
    const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
      const { headers, signal } = config;
      sent.push(config);
      asSent.push({ headers, ...(signal && { signal }) });
      return http(config);
    };
    const params = new URLSearchParams({ a: '1' });
    const response = await winningClient(playground().origin, { adapter }).get('/echo', { params });
    const [primary, hedge] = sent as [InternalAxiosRequestConfig, InternalAxiosRequestConfig];
    expect(sent).toHaveLength(2);
    expect(hedge).not.toBe(primary);
    expect(response.config).toBe(primary); // the caller's own, and as it was
    expect(Object.keys(response.config)).not.toContain('signal');
    expect(asSent[0]?.headers).not.toBe(asSent[1]?.headers);
    for (const { signal } of asSent) expect(signal).toBeInstanceOf(AbortSignal);
    expect(asSent.map(({ signal }) => signal?.aborted)).toEqual([true, false]);
    for (const config of sent) {
      expect(config.headers).toBeInstanceOf(AxiosHeaders);
      expect(config.params).toBe(response.config.params);
      expect(config.validateStatus).toBe(response.config.validateStatus);
      expect(config.env).toBe(response.config.env);
    }
  });

  it('each attempt carries its own trace context, which the caller’s config never sees', async () => {
    const { origin, arrivals } = playground();
    const before = arrivals.length;
    const hedger = new Hedger({ budget: false });
    hedger.observe({
      onCall: () => ({ onAttempt: ({ number }) => ({ headers: { traceparent: `trace ${number}`, baggage: 'ours' } }) }),
    });
    const client = winningClient(origin, {}, { hedger, budget: undefined, telemetry: false });
    const response = await client.get('/echo', { headers: { Baggage: 'mine' } });
    expect(arrivals.slice(before).map(({ headers }) => [headers.traceparent, headers.baggage])).toEqual([
      ['trace 0', 'ours'],
      ['trace 1', 'ours'],
    ]);
    expect(response.config.headers.has('traceparent')).toBe(false);
    expect(response.config.headers.get('Baggage')).toBe('mine');
    expect(response.config.headers.get('User-Agent')).toMatch(/^axios/);
  });

  it('an ineligible request goes through with its config untouched', async () => {
    const adapter = jest.fn((config: InternalAxiosRequestConfig) =>
      Promise.resolve({ data: '', status: 200, statusText: '', headers: {}, config }),
    );
    const response = await hedgedClient(playground().origin, { delay: 0 }, { adapter }).post('/echo', { a: 1 });
    expect(adapter).toHaveBeenCalledTimes(1);
    expect(adapter.mock.calls[0]?.[0]).toBe(response.config);
    expect(hedgeInfo(response)).toMatchObject({ eligible: false, ineligibleReason: 'method' });
  });

  it('a POST is never sent twice', async () => {
    const { origin, arrivals } = playground();
    const before = arrivals.length;
    const client = hedgedClient(origin, { delay: 0 });
    await Promise.all(Array.from({ length: 200 }, () => client.post('/echo', 'once')));
    expect(arrivals.length - before).toBe(200);
  });

  sameAsPlain(
    'cookies kept by interceptors',
    playground,
    async (make, { origin }) => {
      const jar = new CookieJar();
      const client = make();
      client.interceptors.request.use(async (config) => {
        config.headers.set('Cookie', await jar.getCookieString(origin));
        return config;
      });
      client.interceptors.response.use(async (response) => {
        for (const cookie of response.headers['set-cookie'] ?? []) await jar.setCookie(cookie, origin);
        return response;
      });
      await client.get('/cookies');
      return (await client.get<{ headers: { cookie: string } }>('/echo')).data.headers.cookie;
    },
    (outcome) => expect(outcome).toBe('a=1; b=2'),
  );
});

withPlayground('axios-retry over hedging', (playground) => {
  let name = 0;
  const flaky = async (make: MakeClient, times: number): Promise<unknown> => {
    const client = make();
    const retries: unknown[] = [];
    axiosRetry(client, { retries: 3, onRetry: (count, { response }) => void retries.push([count, response?.status]) });
    const path = `/flaky/${name++}?times=${times}`;
    const answered = await client.get<string>(path, { timeout: 5_000 }).catch((error: unknown) => (error as { response: AxiosResponse<string> }).response);
    return { data: answered.data, status: answered.status, retries };
  };

  // Two failures and then an answer: every retry is a newly hedged call, so only a hedge that is not due compares exactly.
  it('retries what plain axios retries', async () => {
    const { origin } = playground();
    const plain = await flaky((config) => axios.create({ baseURL: origin, ...config }), 2);
    expect(plain).toMatchObject({ data: 'up', retries: [[1, 503], [2, 503]] });
    expect(await flaky((config) => hedgedClient(origin, { delay: 60_000 }, config), 2)).toEqual(plain);
    const exhausted = await flaky((config) => axios.create({ baseURL: origin, ...config }), 9);
    expect(exhausted).toMatchObject({ data: 'down', status: 503 });
    expect(await flaky((config) => hedgedClient(origin, { delay: 60_000 }, config), 9)).toEqual(exhausted);
  });

  it('sees one call per race, and each retry is a race of its own', async () => {
    const { origin, arrivals } = playground();
    const before = arrivals.length;
    const hedger = new Hedger({ budget: false, delay: 0 });
    // Four copies fail, so the first two races do, and the third is won.
    const outcome = await flaky((config) => hedgedClient(origin, { hedger, budget: undefined }, config), 4);
    expect(outcome).toMatchObject({ data: 'up', retries: [[1, 503], [2, 503]] });
    expect(hedger.stats()).toMatchObject({ calls: 3, failed: 2, hedged: 3 });
    expect(arrivals.length - before).toBe(6);
  });

  sameAsPlain(
    'timeouts and cancellations are retried, or not, as with plain axios',
    playground,
    async (make) => {
      const client = make();
      const retries: unknown[] = [];
      axiosRetry(client, { retries: 2, onRetry: (count, { code }) => void retries.push([count, code]) });
      const codeOf = ({ code }: { code: unknown }): unknown => code;
      const timedOut: unknown = await client.get('/hang', { timeout: 50 }).catch(codeOf);
      const cancelled: unknown = await client.get('/hang', { signal: AbortSignal.timeout(30) }).catch(codeOf);
      return { timedOut, cancelled, retries };
    },
    (outcome) => expect(outcome).toMatchObject({ timedOut: 'ECONNABORTED', cancelled: 'ERR_CANCELED' }),
    'fails too',
  );
});

withPlayground('progress', (playground) => {
  // The fetch adapter did not tell the last of it.
  for (const adapter of isSince('1.7.3') ? ['http', 'fetch'] : ['http']) {
    it(`of a download ends at the whole, and never goes back (${adapter})`, async () => {
      const { origin } = playground();
      for (const client of [hedgedClient(origin, { delay: 60_000 }, { adapter }), winningClient(origin, { adapter })]) {
        const events: AxiosProgressEvent[] = [];
        await client.get('/slow-bytes/20000?pieces=20', { onDownloadProgress: (event) => void events.push(event) });
        const loaded = events.map((event) => event.loaded);
        expect(loaded).toEqual([...loaded].sort((a, b) => a - b));
        expect(events.at(-1)).toMatchObject({ loaded: 20_000, total: 20_000, progress: 1, download: true });
        expect(events.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(20_000);
      }
    });
  }

  it('of an upload by a hedge', async () => {
    const events: AxiosProgressEvent[] = [];
    const response = await winningClient(playground().origin, { hedge: { methods: ['PUT'] } }).put('/echo', 'x'.repeat(50_000), {
      onUploadProgress: (event) => void events.push(event),
    });
    expect(wonByHedge(response)).toBe(true);
    expect(events.at(-1)).toMatchObject({ loaded: 50_000, total: 50_000, upload: true });
  });

  it('follows whichever attempt is ahead', async () => {
    const heard: [number, number][] = [];
    const report = new Map<number, (loaded: number, bytes: number) => void>();
    let finish: (() => void) | undefined;
    const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
      const listener = config.onDownloadProgress;
      report.set(report.size, (loaded, bytes) => listener?.({ loaded, bytes, total: 100, lengthComputable: true }));
      return new Promise((resolve) => {
        finish = () => resolve({ data: '', status: 200, statusText: '', headers: {}, config });
      });
    };
    const call = hedgedClient(playground().origin, { delay: 0 }, { adapter }).get('/x', {
      onDownloadProgress: ({ loaded, bytes }) => void heard.push([loaded, bytes]),
    });
    await new Promise((resolve) => setTimeout(resolve, 5));
    report.get(0)?.(10, 10);
    report.get(0)?.(40, 30);
    report.get(1)?.(20, 20);
    report.get(1)?.(60, 40);
    report.get(0)?.(50, 10);
    report.get(1)?.(100, 40);
    finish?.();
    await call;
    expect(heard).toEqual([
      [10, 10],
      [40, 30],
      [60, 20],
      [100, 40],
    ]);
  });
});
