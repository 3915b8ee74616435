import { once } from 'node:events';
import { PassThrough, Readable, type Readable as NodeReadable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { AxiosError, type AxiosRequestConfig, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { hedgeInfo, type AxiosHedgeOptions } from '@hedgerow/axios';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedServer, type OpenAnswer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { turns, within } from '../support/wait.js';
import { hedgedClient } from './variants.js';

let server: ScriptedServer;
let rejections: RejectionCounter;
beforeAll(async () => void (server = await startScriptedServer()));
afterAll(() => server.close());
beforeEach(() => void (rejections = countUnhandledRejections()));
afterEach(async () => {
  expect(await rejections.count()).toBe(0);
  rejections.stop();
});

/** A call whose primary has answered with the head of a bad status, and whose hedge is out. */
interface Waiting {
  readonly call: Promise<AxiosResponse<unknown>>;
  readonly primary: ReceivedRequest;
  readonly hedge: ReceivedRequest;
  readonly answer: OpenAnswer;
}

async function waiting(config: AxiosRequestConfig, headers = {}, options: AxiosHedgeOptions = {}): Promise<Waiting> {
  const { adapter = 'http', ...rest } = config;
  const client = hedgedClient(server.origin, { delay: 0, markHedges: 'x-hedge', ...options }, { adapter, responseType: 'stream', validateStatus: null, ...rest });
  const call = client.get<unknown>('/');
  call.catch(() => undefined);
  const both = [await server.next(), await server.next()] as const;
  const [primary, hedge] = both[0].headers['x-hedge'] === undefined ? both : [both[1], both[0]];
  const answer = primary.open({ status: 503, headers });
  return { call, primary, hedge, answer };
}

/** The first half of something compressed. */
function halfOf(encoding: string): Buffer {
  const text = Array.from({ length: 200 }, (_, index) => `line ${index}`).join('\n');
  const whole = encoding === 'br' ? brotliCompressSync(text) : gzipSync(text);
  return whole.subarray(0, whole.length / 2);
}

/** How callers read, from the moment on in which they have the response. */
const readers: [string, (data: NodeReadable) => Promise<Buffer>][] = [
  ['by for await', buffer],
  [
    'by events',
    (data) =>
      new Promise((resolve, reject) => {
        const chunks: Buffer[] = [];
        data.on('data', (chunk: Buffer) => chunks.push(chunk));
        data.on('end', () => resolve(Buffer.concat(chunks)));
        data.on('error', reject);
      }),
  ],
  [
    'by pipeline',
    async (data) => {
      const target = new PassThrough();
      const [read] = await Promise.all([buffer(target), pipeline(data, target)]);
      return read;
    },
  ],
  [
    'by readable',
    async (data) => {
      const chunks: Buffer[] = [];
      const ended = once(data, 'end');
      data.on('readable', () => {
        for (let chunk = data.read() as Buffer | null; chunk !== null; chunk = data.read() as Buffer | null) chunks.push(chunk);
      });
      await ended;
      return Buffer.concat(chunks);
    },
  ],
];

for (const adapter of ['http', 'fetch'] as const) {
  describe(`a stream that is kept while a hedge is out (${adapter})`, () => {
    for (const [name, read] of adapter === 'http' ? readers : readers.slice(0, 1)) {
      const readAll = (response: AxiosResponse<unknown>): Promise<Buffer> => within(5_000, 'the body', read(response.data as NodeReadable));

      for (const encoding of ['identity', 'gzip']) {
        it(`is whole when it is delivered after all, read ${name} (${encoding})`, async () => {
          const body = Buffer.from('some bytes '.repeat(500));
          const { call, hedge, answer } = await waiting({ adapter }, { 'content-encoding': encoding });
          await answer.write(encoding === 'gzip' ? gzipSync(body) : body);
          answer.end();
          await turns(20);
          hedge.respond({ status: 500 });
          const response = await call;
          expect(response.status).toBe(503);
          expect((await readAll(response)).equals(body)).toBe(true);
        });
      }

      it(`ends for those who listen later, if it is empty, read ${name}`, async () => {
        const { call, hedge, answer } = await waiting({ adapter });
        answer.end();
        await turns(20);
        hedge.reset();
        expect(await readAll(await call)).toHaveLength(0);
      });

      it(`is delivered at once when it gets too large to be kept, and misses nothing, read ${name}`, async () => {
        const { call, hedge, answer } = await waiting({ adapter });
        const body = Buffer.alloc(400_000, 'abcdefghij');
        void answer.write(body).then(() => answer.end());
        const response = await within(5_000, 'the response', call);
        expect(response.status).toBe(503);
        expect(hedge.isAnswered).toBe(false);
        expect((await readAll(response)).equals(body)).toBe(true);
        await within(5_000, 'the end of the hedge', hedge.gone);
      });

      for (const encoding of ['identity', 'gzip', 'br']) {
        it(`fails for those who listen later, if its connection is cut, read ${name} (${encoding})`, async () => {
          const { call, primary, hedge, answer } = await waiting({ adapter }, { 'content-encoding': encoding });
          await answer.write(encoding === 'identity' ? 'only this' : halfOf(encoding));
          await turns(20);
          primary.reset();
          const response = await within(5_000, 'the response', call);
          expect([response.status, hedge.isAnswered]).toEqual([503, false]);
          await expect(readAll(response)).rejects.toThrow();
        });
      }
    }

    it('of an error is as good', async () => {
      const { call, hedge, answer } = await waiting({ adapter, validateStatus: (status) => status < 300 });
      await answer.write('the reason');
      answer.end();
      await turns(20);
      hedge.respond({ status: 500 });
      const error: unknown = await call.catch((reason: unknown) => reason);
      const { response } = error as AxiosError<NodeReadable>;
      expect(error).toBeInstanceOf(AxiosError);
      if (response === undefined) throw new Error('it carries no response');
      expect((await buffer(response.data)).toString()).toBe('the reason');
    });

    it('of an error fails for those who listen later', async () => {
      const { call, primary, answer } = await waiting({ adapter, validateStatus: (status) => status < 300 });
      await answer.write('only this');
      await turns(20);
      primary.reset();
      const error = (await within(5_000, 'the error', call.catch((reason: unknown) => reason))) as AxiosError<NodeReadable>;
      const { response } = error;
      if (response === undefined) throw new Error('it carries no response');
      expect(response.status).toBe(503);
      await expect(buffer(response.data)).rejects.toThrow();
    });

    it('is closed when the hedge wins', async () => {
      const { call, primary, hedge, answer } = await waiting({ adapter });
      await answer.write('endless');
      await turns(20);
      hedge.respond({ body: 'better' });
      const response = await call;
      expect((await buffer(response.data as NodeReadable)).toString()).toBe('better');
      await within(5_000, 'the end of the primary', primary.gone);
    });

    it('may have been cut when the hedge wins', async () => {
      const { call, primary, hedge, answer } = await waiting({ adapter });
      await answer.write('part');
      await turns(20);
      hedge.respond({ body: 'better' });
      primary.reset();
      const response = await call;
      expect([200, 503]).toContain(response.status);
      if (response.status === 200) expect((await buffer(response.data as NodeReadable)).toString()).toBe('better');
    });

    it('is delivered when the caller’s time is up, and fails then as it would have done', async () => {
      const controller = new AbortController();
      const { call, answer } = await waiting({ adapter, signal: controller.signal });
      await answer.write('part');
      await turns(20);
      controller.abort(new DOMException('time is up', 'TimeoutError'));
      const response = await within(5_000, 'the response', call);
      expect(response.status).toBe(503);
      await expect(buffer(response.data as NodeReadable)).rejects.toThrow();
      await turns();
      expect(response.config.signal === controller.signal).toBe(true);
    });
  });
}

it('the stream that is delivered is the client’s own, with nothing left on it', async () => {
  const { call, hedge, answer } = await waiting({});
  answer.end();
  await turns(20);
  hedge.respond({ status: 500 });
  const { data, request } = (await call) as { readonly data: NodeReadable; readonly request: { readonly res: unknown } };
  expect(data).toBe(request.res);
  await turns();
  for (const name of ['read', 'push', 'destroy']) expect(Object.hasOwn(data, name)).toBe(false);
});

it('streams of adapters of users’ own are kept as well, whatever they do meanwhile', async () => {
  const fates: [string, (data: NodeReadable) => void, (data: NodeReadable) => Promise<unknown>, unknown][] = [
    ['ends', (data) => (data.push('all'), data.push(null)), async (data) => (await buffer(data)).toString(), 'all'],
    // As Node's HTTP/2 client does.
    ['ends with nothing, and is asked for that', (data) => (data.push(null), void data.read(0)), (data) => new Promise((resolve) => data.on('end', () => resolve('ended')).resume()), 'ended'],
    ['fails', (data) => data.destroy(new Error('mine')), (data) => buffer(data).catch((error: unknown) => (error as Error).message), 'mine'],
    ['is closed', (data) => data.destroy(), (data) => buffer(data).catch(() => 'closed'), 'closed'],
    ['emits an error', (data) => data.emit('error', new Error('said')), (data) => (data.push(null), buffer(data).then(() => 'read')), 'read'],
  ];
  for (const [fate, happen, read, expected] of fates) {
    let sent = 0;
    let failHedge: (() => void) | undefined;
    const data = new Readable({ read: () => undefined });
    const adapter = (config: InternalAxiosRequestConfig): Promise<AxiosResponse> => {
      const response = { status: 503, statusText: 'no', headers: {}, config };
      if (sent++ === 0) return Promise.resolve({ ...response, data });
      return new Promise((resolve) => (failHedge = () => resolve({ ...response, data: '' })));
    };
    const call = hedgedClient('http://a', { delay: 0 }, { adapter, responseType: 'stream', validateStatus: null }).get<NodeReadable>('/');
    await turns();
    happen(data);
    await turns();
    failHedge?.();
    const response = await call;
    expect(hedgeInfo(response)).toMatchObject({ attempts: 2, winner: undefined });
    expect([fate, await within(5_000, 'the stream', read(response.data))]).toEqual([fate, expected]);
  }
});

describe('a stream of Node’s that is kept while a hedge is out', () => {
  it.each(['gzip', undefined])('fails once, and to whoever iterates it, if its caller gives it up after its connection was cut (%s)', async (encoding) => {
    const controller = new AbortController();
    const headers = { 'content-length': '5000', ...(encoding !== undefined && { 'content-encoding': encoding }) };
    const { call, primary, answer } = await waiting({ signal: controller.signal }, headers);
    await answer.write(encoding === undefined ? 'half' : halfOf(encoding));
    await turns(50);
    primary.reset();
    const { data } = (await within(5_000, 'the call', call)) as AxiosResponse<NodeReadable>;
    const failed = jest.fn();
    data.on('error', failed);
    controller.abort();
    await expect(buffer(data)).rejects.toThrow();
    await turns(100);
    expect(failed).toHaveBeenCalledTimes(1);
  });
});
