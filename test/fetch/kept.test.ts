import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, fetch as undiciFetch, request } from 'undici';
import { hedgedFetch, hedgeInterceptor, type FetchHedgeOptions } from '@hedgerow/fetch';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { turns, within } from '../support/wait.js';
import { bytes } from './dispatching.js';

interface Answer {
  readonly status: number;
  readonly read: () => Promise<Buffer>;
  readonly cancel: () => unknown;
  /** The first chunk, and no more. */
  readonly peek: () => Promise<unknown>;
}
type Ask = (url: string) => Promise<Answer>;

function overFetch(inner: typeof globalThis.fetch, options: FetchHedgeOptions): Ask {
  const fetch = hedgedFetch(inner, options);
  return async (url) => {
    const response = await fetch(url);
    return {
      status: response.status,
      read: async () => Buffer.from(await response.arrayBuffer()),
      cancel: () => response.body?.cancel(),
      peek: () => response.body?.getReader().read() ?? Promise.resolve(),
    };
  };
}

const agents: Agent[] = [];
afterEach(() => Promise.all(agents.splice(0).map((agent) => agent.destroy())));

const clients: Readonly<Record<string, (options: FetchHedgeOptions) => Ask>> = {
  "Node's fetch": (options) => overFetch(globalThis.fetch, options),
  "undici's fetch": (options) => overFetch(undiciFetch as unknown as typeof globalThis.fetch, options),
  'the interceptor': (options) => {
    const agent = new Agent();
    agents.push(agent);
    const dispatcher = agent.compose(hedgeInterceptor(options));
    return async (url) => {
      const { statusCode, body } = await request(url, { dispatcher });
      return {
        status: statusCode,
        read: async () => Buffer.from(await body.arrayBuffer()),
        cancel: () => body.on('error', () => undefined).destroy(),
        peek: () => body[Symbol.asyncIterator]().next(),
      };
    };
  },
};

const eager: FetchHedgeOptions = { delay: 10, budget: false, telemetry: false };

describe.each([["Node's", globalThis.fetch], ["undici's", undiciFetch as unknown as typeof globalThis.fetch]] as const)('a response that has come whole, over %s fetch', (_name, inner) => {
  it('is what the caller gets, body and all, when his time is up while its rival says nothing', async () => {
    const server = await startScriptedServer();
    const controller = new AbortController();
    const call = hedgedFetch(inner, eager)(server.origin, { signal: controller.signal });
    const [primary] = [await server.next(), await server.next()];
    primary.respond({ status: 503, body: 'primary' });
    await turns(300);
    controller.abort(new DOMException('time is up', 'TimeoutError'));
    const response = await call;
    expect([response.status, await response.text()]).toEqual([503, 'primary']);
    await server.close();
  });

  it('can be read although it has no body, and his time is up', async () => {
    const server = await startScriptedServer();
    const controller = new AbortController();
    const call = hedgedFetch(inner, eager)(server.origin, { method: 'HEAD', signal: controller.signal });
    const [primary] = [await server.next(), await server.next()];
    primary.respond({ status: 503 });
    await turns(300);
    controller.abort(new DOMException('time is up', 'TimeoutError'));
    const response = await call;
    expect([response.status, await response.text()]).toEqual([503, '']);
    await server.close();
  });
});

describe.each([["Node's", globalThis.fetch], ["undici's", undiciFetch as unknown as typeof globalThis.fetch]] as const)('a response of which a copy was read, over %s fetch', (_name, inner) => {
  let server: ScriptedServer;
  let rejections: RejectionCounter;
  beforeEach(async () => {
    server = await startScriptedServer();
    rejections = countUnhandledRejections();
  });
  afterEach(async () => {
    expect(await rejections.count()).toBe(0);
    rejections.stop();
    await server.close();
  });

  const marked = { ...eager, delay: 0, markHedges: 'x-hedge' };

  /** Both attempts, the primary first. */
  async function both(): Promise<[ReceivedRequest, ReceivedRequest]> {
    const received = [await server.next(), await server.next()] as const;
    return received[0].headers['x-hedge'] === undefined ? [...received] : [received[1], received[0]];
  }

  it('fails with the abort when its caller aborts as soon as he has it, and nothing is unhandled', async () => {
    const controller = new AbortController();
    const call = hedgedFetch(inner, marked)(server.origin, { signal: controller.signal });
    const [primary, hedge] = await both();
    await primary.open({ status: 503 }).write('a beginning');
    await turns();
    hedge.respond({ status: 500 });
    const response = await call;
    expect(response.status).toBe(503);
    controller.abort();
    await expect(response.text()).rejects.toMatchObject({ name: 'AbortError' });
  });

  it.each(['firstChunk', 'body'] as const)('of a call that is raced to its %s obeys the caller as well', async (raceUntil) => {
    const controller = new AbortController();
    const call = hedgedFetch(inner, { ...marked, raceUntil })(server.origin, { signal: controller.signal });
    const [primary] = await both();
    const answer = primary.open();
    await answer.write('a beginning');
    if (raceUntil === 'body') answer.end();
    const response = await call;
    controller.abort();
    // What has come whole may be read, or not; it is no answer to somebody else's question.
    const end = await response.text().catch((error: unknown) => (error as Error).name);
    expect(raceUntil === 'firstChunk' ? ['AbortError'] : ['a beginning', 'AbortError', 'TypeError']).toContain(end);
  });

  it('is ended when it has lost and its time to be drained is over', async () => {
    const call = hedgedFetch(inner, { ...marked, losers: { drainMs: 20 } })(server.origin);
    const [primary, hedge] = await both();
    await primary.open({ status: 503 }).write('a beginning');
    await turns();
    hedge.respond({ body: 'better' });
    expect(await (await call).text()).toBe('better');
    await within(5_000, 'the end of the primary', primary.gone);
  });
});

describe.each(Object.entries(clients))('a response that waits for its rival, over %s', (_name, make) => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  it.each([0, 5, 70_000, 1_000_000])('is read on, and whole for the caller if the rival is no better: %i bytes', async (size) => {
    const body = bytes(size);
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    const open = primary.open({ status: 503, headers: { 'content-length': String(size) } });
    await open.write(body); // more than sockets hold would not get through if nobody read
    open.end();
    await turns();
    hedge.respond({ status: 500 });
    const answer = await call;
    expect(answer.status).toBe(503);
    expect((await answer.read()).equals(body)).toBe(true);
  });

  it('is given up if the rival wins', async () => {
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    await primary.open({ status: 503, headers: { 'content-length': '9000000' } }).write(bytes(500_000));
    await turns();
    hedge.respond({ body: 'better' });
    expect(String(await (await call).read())).toBe('better');
    await within(5_000, 'the primary to be closed', primary.gone);
  });

  it('does not wait beyond a megabyte, and its reader sets the pace from then on', async () => {
    const size = 60_000_000;
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    const open = primary.open({ status: 503, headers: { 'content-length': String(size) } });
    let sent = 0;
    const piece = bytes(1_000_000);
    const sending = (async () => {
      for (; sent < size; sent += piece.length) await open.write(piece);
    })();
    const answer = await within(10_000, 'the call', call);
    expect(answer.status).toBe(503);
    await within(5_000, 'the rival to be closed', hedge.gone);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(sent).toBeLessThan(size / 2); // as much as the sockets of both ends hold
    expect((await answer.read()).length).toBe(size);
    await sending;
  });

  it('does not wait when it breaks off: the caller sees what he would have seen', async () => {
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    await primary.open({ status: 503, headers: { 'content-length': '300000' } }).write(bytes(100_000));
    await turns();
    primary.reset();
    const answer = await within(5_000, 'the call', call);
    expect(answer.status).toBe(503);
    await within(5_000, 'the rival to be closed', hedge.gone);
    await expect(answer.read()).rejects.toThrow();
  });

  it('leaves nothing behind that would hold its connection when the caller gives it up', async () => {
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    await primary.open({ status: 503, headers: { 'content-length': '300000' } }).write('the beginning');
    await turns();
    hedge.respond({ status: 500 });
    void (await call).cancel();
    await within(5_000, 'the connection to close', primary.gone);
  });

  it('is closed at once if it is a hedge that failed, however much it has to say', async () => {
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    await hedge.open({ status: 500 }).write(bytes(100_000));
    await within(5_000, 'the hedge to be closed', hedge.gone);
    primary.respond({ body: 'x' });
    expect(String(await (await call).read())).toBe('x');
  });

  it('is read to its end if it is a hedge that failed, and losers are to be drained', async () => {
    const call = make({ ...eager, losers: 'drain' })(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    const open = hedge.open({ status: 500 });
    for (let piece = 0; piece < 30; piece++) await open.write(bytes(100_000));
    open.end();
    primary.respond({ body: 'x' });
    expect(String(await (await call).read())).toBe('x');
    expect(hedge.isGone).toBe(false);
  });

  // A parser that is paused when the last of a body has been read, and hears of the end of its connection then, ends the process (undici 6 and 7).
  it('is read on once it is the caller’s, who does not look at it yet', async () => {
    const call = make(eager)(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    const answer = primary.open({ status: 503, headers: { connection: 'close', 'content-length': 150_000 } });
    await answer.write(bytes(100_000));
    await turns();
    hedge.respond({ status: 500 });
    const { status, read } = await call;
    await answer.write(bytes(50_000));
    answer.end();
    await turns(50);
    expect([status, (await read()).length]).toEqual([503, 150_000]);
  });

  it.each(['firstChunk', 'body'] as const)('when the race is to %s, as well', async (raceUntil) => {
    const body = bytes(400_000);
    const call = make({ ...eager, raceUntil })(server.origin);
    const [primary, hedge] = [await server.next(), await server.next()];
    primary.respond({ status: 503, body });
    await turns();
    hedge.respond({ status: 500, body: bytes(400_000) });
    expect((await (await call).read()).equals(body)).toBe(true);
  });
});

describe.each(Object.entries(clients))('a server that breaks off what it sent over %s', (_name, make) => {
  it('ends neither the process nor a call without an end', async () => {
    let count = 0;
    const sockets: Socket[] = [];
    const server = createServer((socket) => {
      sockets.push(socket);
      socket.on('error', () => undefined);
      socket.once('data', () => {
        const number = count++;
        socket.write('HTTP/1.1 503 No\r\nConnection: close\r\n\r\n');
        const send = (left: number): void => {
          if (socket.destroyed) return;
          socket.write(Buffer.alloc([17_500, 50_000, 250_000][number % 3] ?? 0, 'a'));
          if (left > 1) setTimeout(send, number % 7, left - 1);
          else socket.resetAndDestroy();
        };
        setTimeout(send, 5, 4);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const ask = make({ ...eager, delay: 2, efficacy: false });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const one = async (): Promise<string> => {
      try {
        const answer = await ask(url);
        await answer.read();
        return 'whole';
      } catch {
        return 'failed';
      }
    };
    const outcomes: string[] = [];
    const worker = async (): Promise<void> => {
      while (outcomes.length < 80) outcomes.push(await within(8_000, 'a call to end', one()));
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    expect(outcomes.length).toBeGreaterThanOrEqual(80);
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});

describe('a response that has come whole to undici, which reads it on no more once it is aborted, and cancels its body', () => {
  /** As undici 6 does it: nothing fails, what nobody has read yet never comes, and only who is not reading already can be told. */
  const inner = (_url: unknown, init: RequestInit = {}): Promise<Response> => {
    const { signal } = init;
    let chunks = 0;
    const pull = (controller: ReadableByteStreamController): Promise<void> | undefined => {
      if (chunks++ > 0 && signal?.aborted === true) return new Promise(() => undefined);
      controller.enqueue(new TextEncoder().encode('a chunk'));
      return undefined;
    };
    const response = new Response(new ReadableStream({ type: 'bytes', pull }));
    signal?.addEventListener('abort', () => void response.body?.cancel(signal.reason).catch(() => undefined));
    return Promise.resolve(response);
  };

  it('ends for its reader, raced to its first chunk', async () => {
    const controller = new AbortController();
    const response = await hedgedFetch(inner as typeof globalThis.fetch, { ...eager, raceUntil: 'firstChunk' })('https://whole.test/', { signal: controller.signal });
    controller.abort();
    await expect(within(5_000, 'the end of the reading', response.text())).rejects.toMatchObject({ name: 'TypeError' }); // as that of plain fetch
  });
});
