import { expect, it } from '@jest/globals';
import axios, { type AxiosRequestConfig, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { hedgeInfo } from '@hedgerow/axios';
import { measureStalls } from '../support/busy-time.js';
import { testClock } from '../support/clocks.js';
import { until } from '../support/wait.js';
import { failure, hedgedClient, isSince, sameAsPlain, winningClient, withPlayground, wonByHedge } from './variants.js';

withPlayground('failures are those of plain axios', (playground) => {
  const cases: [string, string, AxiosRequestConfig, Record<string, unknown>][] = [
    ['a 404', '/status/404', {}, { code: 'ERR_BAD_REQUEST', sameConfig: true, status: isSince('1.7.5') ? 404 : undefined }],
    ['a status that validateStatus refuses', '/status/200', { validateStatus: () => false }, { message: 'Request failed with status code 200' }],
    ['maxContentLength', '/bytes/2000', { maxContentLength: 1000 }, { message: 'maxContentLength size of 1000 exceeded' }],
    ['maxBodyLength', '/echo', { data: 'too long', maxBodyLength: 3 }, { code: 'ERR_BAD_REQUEST' }],
    ['too many redirects', '/loop', { maxRedirects: 3 }, { code: 'ERR_FR_TOO_MANY_REDIRECTS' }],
    ['strict JSON', '/text?base64=ew==', { responseType: 'json', transitional: { silentJSONParsing: false } }, { code: 'ERR_BAD_RESPONSE' }],
    ['an invalid URL', 'http://', { baseURL: '' }, { code: 'ERR_INVALID_URL' }],
    ['a relative URL without a base', '/echo', { baseURL: '' }, { code: isSince('1.7.4') ? 'ERR_INVALID_URL' : 'ECONNREFUSED' }],
    ['an unsupported protocol', 'gopher://localhost/', { baseURL: '' }, { code: 'ERR_BAD_REQUEST' }],
    ['a host that does not resolve', 'http://nowhere.invalid/', { proxy: false }, { name: 'Error' }],
    ['a timeout that is not a number', '/hang', { timeout: 'soon' as unknown as number }, { code: 'ERR_BAD_OPTION_VALUE' }],
  ];
  for (const [name, url, config, expected] of cases) {
    sameAsPlain(
      name,
      playground,
      (make) => failure(make().get(url, config)),
      (outcome) => expect(outcome).toMatchObject(expected),
      url.startsWith('/status') ? 'wins' : 'fails too',
    );
  }

  it('a params serializer that throws fails the request as it does in plain axios', async () => {
    const config: AxiosRequestConfig = {
      params: { a: 1 },
      paramsSerializer: () => {
        throw new Error('no serializer');
      },
    };
    const { origin } = playground();
    const messageOf = (error: unknown): unknown => (error as Error).message;
    const plain = await axios.get(`${origin}/echo`, config).catch(messageOf);
    expect(plain).toBe('no serializer');
    expect(await hedgedClient(origin, { delay: 0 }).get('/echo', config).catch(messageOf)).toBe(plain);
  });

  it('a rejected status may win: a hedge that says 404, where the user accepts that', async () => {
    const error: unknown = await winningClient(playground().origin).get('/status/404').catch((reason: unknown) => reason);
    expect(axios.isAxiosError(error) && error.response?.status).toBe(404);
    expect(wonByHedge(error)).toBe(true);
    expect(hedgeInfo(error)).toMatchObject({ attempts: 2, winner: 1 });
  });

  it('a response whose body broke off is no answer, even if the error carries its status', async () => {
    let attempts = 0;
    const adapter = async (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
      const response = { status: 200, statusText: 'OK', headers: {}, config };
      const isHedge = attempts++ > 0;
      await new Promise((resolve) => setTimeout(resolve, isHedge ? 20 : 1));
      if (isHedge) return { ...response, data: 'whole' };
      throw new axios.AxiosError('stream has been aborted', 'ERR_BAD_RESPONSE', config, {}, response as AxiosResponse);
    };
    const response = await hedgedClient(playground().origin, { delay: 0 }, { adapter }).get('/x');
    expect(response.data).toBe('whole');
    expect(hedgeInfo(response)).toMatchObject({ winner: 1 });
  });

  it('when all attempts fail, the error is the first request’s own', async () => {
    const client = hedgedClient(playground().origin, { delay: 10 });
    const error: unknown = await client.get('/cut', { timeout: 5_000 }).catch((reason: unknown) => reason);
    const message = isSince('1.7.8') ? 'stream has been aborted' : 'maxContentLength size of -1 exceeded';
    expect(error).toMatchObject({ name: 'AxiosError', message, code: 'ERR_BAD_RESPONSE' });
    expect(hedgeInfo(error)).toMatchObject({ attempts: 2, winner: undefined });
    const { url, timeout, headers } = (error as { config: AxiosRequestConfig }).config;
    expect({ url, timeout, straggle: headers?.['x-straggle'] as unknown }).toEqual({ url: '/cut', timeout: 5_000, straggle: undefined });
  });

  it('a reset connection is a network error with the caller’s own config', async () => {
    const config = { hedge: { delay: 0 } };
    const outcome = await failure(hedgedClient(playground().origin, { delay: 60_000 }).get('/reset', config));
    expect(outcome).toMatchObject({ code: 'ECONNRESET', isAxiosError: true, url: '/reset' });
  });
});

withPlayground('timeouts', (playground) => {
  const hanging: [string, AxiosRequestConfig, Record<string, unknown>][] = [
    ['timeout', {}, { code: 'ECONNABORTED', message: 'timeout of 120ms exceeded' }],
    ['clarifyTimeoutError', { transitional: { clarifyTimeoutError: true } }, { code: 'ETIMEDOUT' }],
    ['timeoutErrorMessage', { timeoutErrorMessage: 'too slow' }, { message: 'too slow' }],
    ['timeout without redirects', { maxRedirects: 0 }, { code: 'ECONNABORTED' }],
    ['timeout of the fetch adapter', { adapter: 'fetch' }, { code: 'ETIMEDOUT' }],
  ];
  for (const [name, config, expected] of hanging) {
    sameAsPlain(
      name,
      playground,
      (make) => failure(make(config).get('/hang', { timeout: 120 })),
      (outcome) => expect(outcome).toMatchObject({ ...expected, timeout: 120 }),
    );
  }

  it('bounds the call: a hedge gets what is left', async () => {
    const { origin } = playground();
    const seen: unknown[] = [];
    const inner = axios.getAdapter('http');
    const clock = testClock();
    const client = hedgedClient(origin, {
      delay: [60, 90],
      clock,
      adapter: (config) => {
        seen.push(config.timeout);
        return inner(config);
      },
    });
    const startedAt = performance.now();
    const stalls = measureStalls();
    const failed = expect(client.get('/hang', { timeout: 200 })).rejects.toMatchObject({ message: 'timeout of 200ms exceeded' });
    for (const [sent, passMs] of [[1, 60], [2, 30]] as const) {
      await until('it is sent', () => seen.length >= sent);
      clock.advance(passMs);
    }
    await failed;
    expect(performance.now() - startedAt - stalls.stop()).toBeLessThan(1_000);
    const [primary, first, second] = seen as [number, number, number];
    expect(primary).toBe(200);
    expect(first).toBeLessThanOrEqual(140);
    expect(second).toBeLessThanOrEqual(110);
    expect(second).toBeGreaterThan(0);
  });

  it('sends no hedge when nothing is left', async () => {
    const { origin, arrivals } = playground();
    const before = arrivals.length;
    // The timeout of axios ends with the headers; the body may take longer.
    const clock = testClock();
    const call = hedgedClient(origin, { delay: 6_000, clock }).get<string>('/slow-bytes/40?pieces=40', { timeout: 5_000 });
    await until('it has arrived', () => arrivals.length > before);
    clock.advance(6_000);
    const response = await call;
    expect(response.data).toHaveLength(40);
    expect(arrivals.length - before).toBe(1);
    expect(hedgeInfo(response)).toMatchObject({ attempts: 2, winner: 0 });
  });

  it('timeoutMs closes a request whose hedge is not due', async () => {
    const { origin, arrivals } = playground();
    for (const adapter of ['http', 'fetch'] as const) {
      const before = arrivals.length;
      const client = hedgedClient(origin, { delay: 60_000, timeoutMs: 60 }, { adapter });
      await expect(client.get('/hang')).rejects.toMatchObject({ message: 'timeout of 60ms exceeded' });
      await until('it is gone', () => arrivals[before]?.isGone === true);
    }
  });

  it('timeoutMs bounds the call with an error in the style of axios', async () => {
    const client = hedgedClient(playground().origin, { delay: 20, timeoutMs: 60 });
    expect(await failure(client.get('/hang'))).toMatchObject({
      name: 'AxiosError',
      code: 'ECONNABORTED',
      message: 'timeout of 60ms exceeded',
      isAxiosError: true,
      url: '/hang',
      request: 'Writable',
    });
    const config = { transitional: { clarifyTimeoutError: true }, timeoutErrorMessage: 'enough' };
    expect(await failure(client.get('/hang', config))).toMatchObject({ code: 'ETIMEDOUT', message: 'enough' });
  });
});
