import type { Readable } from 'node:stream';
import { getEventListeners, setMaxListeners } from 'node:events';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import axios, { type AxiosInstance, type AxiosRequestConfig, type CancelToken } from 'axios';
import { Hedger } from '@hedgerow/axios';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { until } from '../support/wait.js';
import { failure, hedgedClient, isSince, sameAsPlain, winningClient, withPlayground } from './variants.js';

let rejections: RejectionCounter;
beforeEach(() => void (rejections = countUnhandledRejections()));
afterEach(async () => {
  expect(await rejections.count()).toBe(0);
  rejections.stop();
});

/** How a caller may give up, and the listeners it has left afterwards. */
const ways: [string, () => { config: AxiosRequestConfig; cancel: () => void; listeners: () => number }][] = [
  [
    'signal',
    () => {
      const controller = new AbortController();
      return { config: { signal: controller.signal }, cancel: () => controller.abort(), listeners: () => listenersOf(controller.signal) };
    },
  ],
  [
    'signal with a reason',
    () => {
      const controller = new AbortController();
      return { config: { signal: controller.signal }, cancel: () => controller.abort(new Error('mine')), listeners: () => listenersOf(controller.signal) };
    },
  ],
  [
    'cancelToken',
    () => {
      const { token, cancel } = axios.CancelToken.source();
      return { config: { cancelToken: token }, cancel: () => cancel('no longer needed'), listeners: () => subscribersOf(token) };
    },
  ],
  [
    'cancelToken beside a signal',
    () => {
      const { token, cancel } = axios.CancelToken.source();
      const { signal } = new AbortController();
      return { config: { cancelToken: token, signal }, cancel: () => cancel(), listeners: () => subscribersOf(token) + listenersOf(signal) };
    },
  ],
  [
    'signal beside a cancelToken',
    () => {
      const { token } = axios.CancelToken.source();
      const controller = new AbortController();
      const { signal } = controller;
      return { config: { cancelToken: token, signal }, cancel: () => controller.abort(), listeners: () => subscribersOf(token) + listenersOf(signal) };
    },
  ],
];

withPlayground('cancelling', (playground) => {
  for (const [name, way] of ways) {
    for (const adapter of ['http', 'fetch'] as const) {
      // Plain axios would wait for ever: its fetch adapter did not know tokens.
      if (adapter === 'fetch' && name.startsWith('cancelToken') && !isSince('1.7.6')) continue;
      sameAsPlain(
        `by ${name}, while waiting (${adapter})`,
        playground,
        async (make, servers) => {
          const { config, cancel, listeners } = way();
          const before = servers.arrivals.length;
          const request = failure(make({ adapter }).get('/hang', config));
          await until('it arrived', () => servers.arrivals.length > before);
          cancel();
          const outcome = await request;
          await until('all are gone', () => servers.arrivals.every(({ isGone, path }) => isGone || path !== '/hang'));
          return { outcome, listeners: listeners() };
        },
        (outcome) => expect(outcome).toMatchObject({ outcome: { isCancel: true, code: 'ERR_CANCELED' }, listeners: 0 }),
      );
    }

    it(`by ${name}, closes every attempt`, async () => {
      const servers = playground();
      const { config, cancel, listeners } = way();
      const before = servers.arrivals.length;
      const hedger = new Hedger({ budget: false, delay: [0, 0] });
      const request = failure(hedgedClient(servers.origin, { hedger, budget: undefined }).get('/hang', config));
      await until('all arrived', () => servers.arrivals.length === before + 3);
      cancel();
      expect(await request).toMatchObject({ isCancel: true, code: 'ERR_CANCELED', name: 'CanceledError' });
      await until('all are gone', () => servers.arrivals.slice(before).every(({ isGone }) => isGone));
      expect(listeners()).toBe(0);
      expect(hedger.stats()).toMatchObject({ cancelled: 1, failed: 0 });
    });

    it(`by ${name}, while the winner’s stream is read`, async () => {
      const { config, cancel, listeners } = way();
      const message = (client: AxiosInstance): Promise<unknown> => readUntilCancelled(client, config, cancel);
      const outcome = await message(winningClient(playground().origin));
      expect(outcome).toMatchObject({ name: 'CanceledError', code: 'ERR_CANCELED' });
      expect(listeners()).toBe(0);
    });
  }

  it('the error is the token’s own', async () => {
    const { token, cancel } = axios.CancelToken.source();
    const request = hedgedClient(playground().origin, { delay: 0 }).get('/hang', { cancelToken: token });
    const caught = request.catch((reason: unknown) => reason);
    cancel('mine');
    const error: unknown = await caught;
    expect(error).toMatchObject({ message: 'mine' });
    expect(error).toBe(token.reason);
  });

  it('before the call, sends nothing', async () => {
    const servers = playground();
    const before = servers.arrivals.length;
    const client = hedgedClient(servers.origin, { delay: 0 });
    expect(await failure(client.get('/hang', { signal: AbortSignal.abort() }))).toMatchObject({ isCancel: true });
    expect(servers.arrivals.length).toBe(before);
  });

  it('the stream’s error carries the caller’s own config', async () => {
    const controller = new AbortController();
    const config = { signal: controller.signal };
    const error = await readUntilCancelled(winningClient(playground().origin), config, () => controller.abort());
    expect((error as { config: AxiosRequestConfig }).config.signal).toBe(controller.signal);
  });

  it('a signal outlives many calls without a listener left or a warning', async () => {
    const servers = playground();
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const { token } = axios.CancelToken.source();
    const client = hedgedClient(servers.origin, { delay: 0 });
    const config = { signal: controller.signal, cancelToken: token };
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 30 }, () => client.get('/echo', config)));
      await Promise.all(Array.from({ length: 10 }, () => client.get('/status/500', config).catch(() => undefined)));
      await Promise.all(Array.from({ length: 10 }, () => client.post('/echo', {}, config)));
      const streams = await Promise.all(
        Array.from({ length: 10 }, () => client.get<Readable>('/bytes/10', { ...config, responseType: 'stream' })),
      );
      for (const { data } of streams) await data.toArray();
    }
    await until('no listener is left', () => listenersOf(controller.signal) + subscribersOf(token) === 0);
  });

  it('a signal that is not the platform’s own works', async () => {
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_type: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_type: string, listener: () => void) => void listeners.delete(listener),
    };
    const request = failure(hedgedClient(playground().origin, { delay: 0 }).get('/hang', { signal }));
    await until('it is listened to', () => listeners.size > 0);
    signal.aborted = true;
    for (const listener of listeners) listener();
    expect(await request).toMatchObject({ isCancel: true, message: 'canceled' });
    expect(listeners.size).toBe(0);
  });
});

async function readUntilCancelled(client: AxiosInstance, config: AxiosRequestConfig, cancel: () => void): Promise<unknown> {
  const response = await client.get<Readable>('/slow-bytes/4000?pieces=400', { ...config, responseType: 'stream' });
  const failed = new Promise((resolve) => response.data.once('error', resolve));
  response.data.once('data', cancel).resume();
  const error = await failed;
  return error;
}

function listenersOf(signal: AbortSignal): number {
  return getEventListeners(signal, 'abort').length;
}

function subscribersOf(token: CancelToken): number {
  return (token as { _listeners?: unknown[] | null })._listeners?.length ?? 0;
}

