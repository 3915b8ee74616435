import { once } from 'node:events';
import { connect, createServer as createH2Server, type ClientHttp2Session, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { PassThrough, type Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import axios, { type AxiosAdapter, type AxiosResponse, type InternalAxiosRequestConfig } from 'axios';
import { Hedger, hedgeInfo } from '@hedgerow/axios';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { turns, until, within } from '../support/wait.js';
import { hedgedClient } from './variants.js';

let rejections: RejectionCounter;
beforeEach(() => void (rejections = countUnhandledRejections()));
afterEach(async () => {
  expect(await rejections.count()).toBe(0);
  rejections.stop();
});

describe('the stream of an attempt that failed', () => {
  let server: ScriptedServer;
  beforeAll(async () => void (server = await startScriptedServer()));
  afterAll(() => server.close());
  afterEach(() => server.script(undefined));

  /** Writes for as long as somebody reads. */
  async function flood(request: ReceivedRequest, status: number): Promise<number> {
    const answer = request.open({ status });
    const chunk = Buffer.alloc(65_536);
    let written = 0;
    while (!request.isGone) {
      await Promise.race([answer.write(chunk), request.gone]);
      written += chunk.length;
    }
    return written;
  }

  for (const adapter of ['http', 'fetch'] as const) {
    for (const validateStatus of [null, (status: number) => status < 400]) {
      it(`is closed at once, however much is to come, ${validateStatus === null ? 'of a response' : 'of an error'} (${adapter})`, async () => {
        let flooded: Promise<number> | undefined;
        let primary: ReceivedRequest | undefined;
        server.script((request) => {
          if (request.headers['x-hedge'] === undefined) primary = request;
          else flooded = flood(request, 500);
        });
        const client = hedgedClient(server.origin, { delay: 0, markHedges: 'x-hedge' }, { adapter, responseType: 'stream', validateStatus });
        const call = client.get<Readable>('/');
        await until('the hedge has been answered', () => flooded !== undefined);
        const written = await within(5_000, 'the end of the hedge', flooded ?? Promise.resolve(0));
        expect(written).toBeLessThan(64 * 2 ** 20);
        primary?.respond({ body: 'fine' });
        expect((await buffer((await call).data)).toString()).toBe('fine');
      });
    }

    // Of an error over fetch axios lets go at once, and nobody can end what waits for its next chunk.
    for (const validateStatus of adapter === 'http' ? [null, (status: number) => status < 400] : [null]) {
      it(`is read for as long as losers may be drained, and no longer, ${validateStatus === null ? 'of a response' : 'of an error'} (${adapter})`, async () => {
        const received: ReceivedRequest[] = [];
        server.script((request) => {
          received.push(request);
          if (request.headers['x-hedge'] !== undefined) void request.open({ status: 500 }).write('a beginning');
        });
        const client = hedgedClient(server.origin, { delay: 0, markHedges: 'x-hedge', losers: { drainMs: 20 } }, { adapter, responseType: 'stream', validateStatus });
        const call = client.get<Readable>('/');
        await until('the hedge has arrived', () => received.some(({ headers }) => headers['x-hedge'] !== undefined));
        const [primary, hedge] = received.sort((a) => (a.headers['x-hedge'] === undefined ? -1 : 1)) as [ReceivedRequest, ReceivedRequest];
        await within(5_000, 'the end of the hedge', hedge.gone);
        primary.respond({ body: 'fine' });
        expect((await buffer((await call).data)).toString()).toBe('fine');
      });
    }

    it(`is read to its end where losers are to be drained (${adapter})`, async () => {
      const answers: { isAnswered: boolean; isGone: boolean }[] = [];
      server.script((request) => {
        answers.push(request);
        if (request.headers['x-hedge'] === undefined) return;
        const answer = request.open({ status: 500 });
        void answer.write(Buffer.alloc(300_000)).then(() => answer.end());
      });
      const client = hedgedClient(server.origin, { delay: 0, markHedges: 'x-hedge', losers: 'drain' }, { adapter, responseType: 'stream', validateStatus: null });
      const call = client.get<Readable>('/');
      await until('the hedge has been read', () => answers.length === 2 && answers.some(({ isAnswered }) => isAnswered));
      (answers.find(({ isAnswered }) => !isAnswered) as ReceivedRequest).respond({ body: 'fine' });
      expect((await buffer((await call).data)).toString()).toBe('fine');
      expect(answers.every(({ isGone }) => !isGone)).toBe(true);
    });
  }
});

describe('adapters that share requests', () => {
  const later = (controller: ReadableStreamDefaultController): void => {
    controller.enqueue(Buffer.from('shared'));
    controller.close();
  };
  const streams = [() => new PassThrough(), () => new ReadableStream({ start: (controller) => void setTimeout(later, 30, controller) })];
  for (const [index, make] of streams.entries()) {
    for (const [name, share] of Object.entries<(response: AxiosResponse) => AxiosResponse>({ 'one response': (response) => response, 'one body': (response) => ({ ...response }) })) {
      for (const status of [200, 503]) {
        // A hedge that fails first is closed before anybody can know that its primary will bring the same.
        for (const first of status === 200 ? [0, 1] : [0]) {
          it(`give ${name} to both attempts, and it is not closed for the loser: ${status}, attempt ${first} first (stream ${index})`, async () => {
            const data: unknown = make();
            let response: AxiosResponse | undefined;
            let sent = 0;
            const adapter: AxiosAdapter = async (config) => {
              const mine = sent++;
              response ??= { data, status, statusText: '', headers: {}, config };
              await turns(mine === first ? 5 : 15);
              return share(response);
            };
            const client = hedgedClient('http://a', { delay: 0 }, { adapter, responseType: 'stream', validateStatus: null });
            const delivered = await client.get<Readable>('/');
            await turns(30);
            if (data instanceof PassThrough) data.end('shared');
            expect((await within(5_000, 'the body', buffer(delivered.data))).toString()).toBe('shared');
          });
        }
      }
    }
  }
});

describe('a stream that is raced further than its head', () => {
  let server: ScriptedServer;
  beforeAll(async () => void (server = await startScriptedServer()));
  afterAll(() => server.close());

  for (const raceUntil of ['firstChunk', 'body'] as const) {
    for (const [name, method, status] of [['of HEAD', 'head', 200], ['of 204', 'get', 204], ['of an empty body', 'get', 200]] as const) {
      it(`ends for whoever is given it, if there is nothing in it: ${name}, ${raceUntil}`, async () => {
        const client = hedgedClient(server.origin, { delay: 60_000, raceUntil }, { responseType: 'stream' });
        const call = client.request<Readable>({ url: '/', method });
        (await server.next()).respond({ status });
        const { data } = await call;
        const ended = once(data, 'end'); // by its event: iterators do not wait for what is over
        data.resume();
        await within(5_000, 'the end', ended);
      });
    }

    it(`keeps its bytes where both attempts are given one response: ${raceUntil}`, async () => {
      const data = new PassThrough();
      data.write('sha');
      const one = { data, status: 200, statusText: '', headers: {} } as unknown as AxiosResponse;
      let sent = 0;
      let answer!: (response: AxiosResponse) => void;
      const answered = new Promise<AxiosResponse>((resolve) => (answer = resolve));
      const adapter: AxiosAdapter = () => {
        if (++sent === 2) answer(one);
        if (sent === 2) void turns(10).then(() => data.end('red'));
        return answered;
      };
      const client = hedgedClient('http://a', { delay: 0, raceUntil }, { adapter, responseType: 'stream' });
      const { data: delivered } = await client.get<Readable>('/');
      expect(sent).toBe(2);
      expect((await within(5_000, 'the body', buffer(delivered))).toString()).toBe('shared');
    });
  }

  it('fails as without hedging where an adapter resolves with nothing', async () => {
    const adapter: AxiosAdapter = () => Promise.resolve(undefined as unknown as AxiosResponse);
    const messages = await Promise.all([axios.create({ adapter }), hedgedClient('http://a', { raceUntil: 'firstChunk' }, { adapter })].map((client) => client.get('http://a/', { responseType: 'stream' }).catch(String)));
    expect(messages[1]).toBe(messages[0]);
  });
});

describe('connections that others use at the same time (HTTP/2)', () => {
  let server: Http2Server;
  let session: ClientHttp2Session;
  let onStream: (stream: ServerHttp2Stream, isHedge: boolean) => void;
  let resets: number;
  let sessions: ServerHttp2Session[];
  beforeEach(async () => {
    resets = 0;
    sessions = [];
    server = createH2Server();
    server.on('session', (each) => sessions.push(each));
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      stream.on('aborted', () => resets++);
      onStream(stream, headers['x-hedge'] !== undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  });
  afterEach(async () => {
    // From the server's side: Node 20 corrupts its memory when a client destroys a session while streams are being reset on it.
    for (const each of sessions) each.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  /** As that of newer versions of axios, for `httpVersion: 2`. */
  const transport = {
    request({ path, method, headers }: { path: string; method: string; headers: Record<string, string> }, onResponse: (response: unknown) => void): unknown {
      const stream = session.request({ ...headers, ':path': path, ':method': method });
      stream.once('response', (answered) => {
        const { ':status': statusCode, ...rest } = answered;
        onResponse(Object.assign(stream, { statusCode, headers: rest }));
      });
      return Object.assign(stream, { setTimeout: () => stream });
    },
  };

  /** Ten losers may be reset, and one a second more. */
  function client(options: object, config: object = {}): ReturnType<typeof hedgedClient> {
    const hedger = new Hedger({ budget: false, efficacy: false, maxResetsPerSecond: 0.5, maxConcurrentHedges: 1_000 });
    return hedgedClient('http://127.0.0.1', { hedger, budget: undefined, delay: 0, markHedges: 'x-hedge', ...options }, { transport, maxRedirects: 0, ...config } as object);
  }

  it('bear losers that are cancelled one by one, and no call on them fails', async () => {
    onStream = (stream, isHedge) => {
      if (!isHedge) return; // never answered
      stream.respond({ ':status': 200 });
      stream.end('fine');
    };
    const hedged = client({});
    const answers = await Promise.all(Array.from({ length: 60 }, () => hedged.get<string>('/').then(({ data }) => data)));
    expect(new Set(answers)).toEqual(new Set(['fine']));
    await until('losers have been reset', () => resets >= 10);
    expect(resets).toBeLessThan(30);
    expect(session.destroyed).toBe(false);
  });

  it('bear the streams of attempts that failed', async () => {
    const primaries: ServerHttp2Stream[] = [];
    let failed = 0;
    onStream = (stream, isHedge) => {
      if (!isHedge) return void primaries.push(stream);
      stream.respond({ ':status': 500 });
      stream.write('endless');
      failed++;
    };
    const hedged = client({}, { responseType: 'stream', validateStatus: null });
    const calls = Array.from({ length: 60 }, () => hedged.get<Readable>('/'));
    await until('all hedges have failed', () => failed === 60 && primaries.length === 60);
    await until('some have been reset', () => resets >= 10);
    for (const primary of primaries) {
      primary.respond({ ':status': 200 });
      primary.end('fine');
    }
    for (const { data } of await Promise.all(calls)) expect((await buffer(data)).toString()).toBe('fine');
    expect(resets).toBeLessThan(30);
  });

  it('bear no less of callers who give up: that is done at once', async () => {
    let open = 0;
    onStream = () => {
      open++;
    };
    const hedged = client({});
    const controller = new AbortController();
    const calls = Array.from({ length: 20 }, () => hedged.get('/', { signal: controller.signal }).catch((error: unknown) => (error as { code: unknown }).code));
    await until('all arrived', () => open === 40);
    controller.abort();
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['ERR_CANCELED']));
    await until('all are reset', () => resets === 40);
  });

  it('a stream that a hedge won obeys its caller at once', async () => {
    onStream = (stream, isHedge) => {
      if (!isHedge) return;
      stream.respond({ ':status': 200 });
      stream.write('part');
    };
    const hedged = client({}, { responseType: 'stream' });
    const controller = new AbortController();
    const { data } = await hedged.get<Readable>('/', { signal: controller.signal });
    const reading = buffer(data).catch(() => 'failed');
    controller.abort();
    expect(await within(5_000, 'the body', reading)).toBe('failed');
  });
});

describe('adapters that do not say what they speak', () => {
  /** Hangs, for a primary, until it is told to stop. */
  function adapterOf(statusText: string, stopped: { count: number }): AxiosAdapter {
    return (config: InternalAxiosRequestConfig) =>
      new Promise((resolve, reject) => {
        if (config.headers.has('x-hedge')) return resolve({ data: 'fine', status: 200, statusText, headers: {}, config });
        config.signal?.addEventListener?.('abort', () => {
          stopped.count++;
          reject(new axios.CanceledError());
        });
      });
  }

  for (const [protocol, statusText, expected] of [
    ['HTTP/1.1, whose connections are nobody else’s', 'OK', 60],
    ['HTTP/2', '', 10],
  ] as const) {
    it(`are taken to speak ${protocol}, by the last answer’s status text`, async () => {
      const stopped = { count: 0 };
      const hedger = new Hedger({ budget: false, efficacy: false, maxResetsPerSecond: 0.5, maxConcurrentHedges: 1_000 });
      const client = hedgedClient('http://a', { hedger, budget: undefined, delay: 0, markHedges: 'x-hedge' }, { adapter: adapterOf(statusText, stopped) });
      for (let call = 0; call < 60; call++) expect(hedgeInfo(await client.get('/'))?.isHedge).toBe(true);
      expect(stopped.count).toBe(expected);
    });
  }
});
