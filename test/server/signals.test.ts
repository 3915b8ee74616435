import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { deadlineOf, hedgeOf, shedHedges, signalOf } from '@hedgerow/server';
import { turns, until, within } from '../support/wait.js';
import { HOSTS, type Host } from './hosts.js';
import { connectTo, send } from './sockets.js';

const GOOD = 'attempt=1;id=c0123456789abcdef;delay=23;left=900';

let host: Host | undefined;
afterEach(async () => {
  await host?.close();
  host = undefined;
});

const aborted = (signal: AbortSignal): Promise<void> =>
  within(2_000, 'the signal to abort', new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener('abort', () => resolve()))));

describe.each(Object.entries(HOSTS))('on %s', (name, start) => {
  const isHttp2 = name === 'node:http2';

  describe.each(['alone', 'behind the middleware'])('%s', (place) => {
    const guard = (): ReturnType<typeof shedHedges> | undefined => (place === 'alone' ? undefined : shedHedges());

    it('a mark is read, and a deadline', async () => {
      const seen: unknown[] = [];
      host = await start((request) => {
        seen.push(hedgeOf(request), deadlineOf(request));
        return Promise.resolve('ok');
      }, guard());
      expect(await send(host.origin, isHttp2, { hedge: GOOD }).answer).toMatchObject({ status: 200, text: 'ok' });
      await send(host.origin, isHttp2).answer;
      expect(seen).toEqual([{ attempt: 1, isHedge: true, callId: 'c0123456789abcdef', delayMs: 23, leftMs: 900 }, expect.closeTo(Date.now() + 900, -4), undefined, undefined]);
    });

    it.each(['', 'a body that is read'])('a signal aborts when the client has gone: %s', async (body) => {
      const signals: AbortSignal[] = [];
      host = await start(async (request) => {
        if (body !== '') await bodyOf(request);
        const signal = signalOf(request);
        signals.push(signal, signalOf(request));
        await aborted(signal);
        return 'nobody is there';
      }, guard());
      const sent = send(host.origin, isHttp2, {}, body);
      await until('the request is there', () => signals.length === 2);
      expect([signals[0] === signals[1], signals[0]?.aborted]).toEqual([true, false]);
      sent.giveUp();
      const [signal] = signals;
      if (signal !== undefined) await aborted(signal);
      expect(signal?.reason).toMatchObject({ name: 'AbortError' });
    });

    it('a signal never aborts after the answer, whatever becomes of the connection', async () => {
      const signals: AbortSignal[] = [];
      host = await start((request) => {
        signals.push(signalOf(request));
        return Promise.resolve('ok');
      }, guard());
      for (const headers of [{}, { connection: 'keep-alive' }]) {
        const sent = send(host.origin, isHttp2, isHttp2 ? {} : headers);
        if ('connection' in headers && !isHttp2) await until('it is answered', () => signals.length === 2);
        else expect((await sent.answer).text).toBe('ok');
        await turns(20);
        sent.giveUp();
      }
      await turns(50);
      expect(signals.map(({ aborted: isAborted }) => isAborted)).toEqual([false, false]);
    });

    it('a signal that is asked for when the client has gone already is aborted', async () => {
      let signal: AbortSignal | undefined;
      host = await start(async (request) => {
        sent.giveUp();
        await new Promise((resolve) => setTimeout(resolve, 50));
        signal = signalOf(request);
        return 'nobody';
      }, guard());
      const sent = send(host.origin, isHttp2);
      await until('it was asked', () => signal !== undefined);
      expect(signal?.aborted).toBe(true);
    });
  });
});

/** The whole body, by whatever the framework has for it: here they all leave it to Node, but for Fastify. */
async function bodyOf(request: unknown): Promise<void> {
  const { raw, req, env } = request as { raw?: IncomingMessage; req?: IncomingMessage; env?: { incoming: IncomingMessage } };
  const message = [env?.incoming, raw, req, request as IncomingMessage].find((one) => one !== undefined && 'rawHeaders' in one);
  if (message === undefined || message.readableEnded) return;
  message.resume();
  await new Promise((resolve) => message.once('end', resolve));
}

function closed(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

describe('connections of HTTP/1.1', () => {
  const listen = async (handler: (request: IncomingMessage, response: ServerResponse) => void): Promise<Host> => {
    const server = http.createServer(handler);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return { origin: `http://127.0.0.1:${port}`, port, close: () => closed(server) };
  };

  it.each(['alone', 'behind the middleware'])('that are pipelined abort what is not answered yet, and nothing else: %s', async (place) => {
    const signals: AbortSignal[] = [];
    const responses: ServerResponse[] = [];
    const handle = (request: IncomingMessage, response: ServerResponse): void => {
      signals.push(signalOf(request));
      responses.push(response);
    };
    host = await listen(place === 'alone' ? handle : shedHedges().listener(handle));
    const socket = connectTo(host.origin);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(3));
    await until('all are there', () => responses.length === 3);
    responses[0]?.end('first');
    await until('the first is answered', () => responses[0]?.writableFinished === true);
    socket.destroy();
    await until('the others are aborted', () => signals[1]?.aborted === true && signals[2]?.aborted === true);
    expect(signals[0]?.aborted).toBe(false);
  });

  it('that are kept alive have no more listeners after many requests', async () => {
    const sockets = new Set<Socket>();
    const guard = shedHedges();
    host = await listen(
      guard.listener((request: IncomingMessage, response: ServerResponse) => {
        signalOf(request);
        sockets.add(request.socket);
        response.end('ok');
      }),
    );
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const ask = (): Promise<void> => new Promise((resolve, reject) => http.get({ port: host?.port, agent }, (response) => response.resume().on('end', resolve)).on('error', reject));
    const counts: number[] = [];
    for (let request = 0; request < 50; request++) {
      await ask();
      const [socket] = sockets;
      counts.push(socket?.eventNames().reduce((sum, event) => sum + socket.listenerCount(event), 0) ?? 0);
    }
    agent.destroy();
    expect([sockets.size, counts[49]]).toEqual([1, counts[5]]);
    expect(guard.stats()).toMatchObject({ requests: 50, inFlight: 0 });
  });

  it('that are upgraded, or tunnels, are left alone', async () => {
    const guard = shedHedges({ isBusy: () => true });
    const server = http.createServer(guard.listener((_request: IncomingMessage, response: ServerResponse) => response.end()));
    server.on('upgrade', (request, socket) => {
      expect(signalOf(request).aborted).toBe(false);
      socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello');
    });
    server.on('connect', (_request, socket) => socket.end('HTTP/1.1 200 OK\r\n\r\ntunnel'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    for (const [request, end] of [['GET / HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: x', 'hello'], ['CONNECT a:1 HTTP/1.1', 'tunnel']] as const) {
      const socket = connectTo(origin);
      socket.write(`${request}\r\nHost: a\r\nHedge: ${GOOD}\r\n\r\n`);
      let text = '';
      socket.on('data', (chunk) => (text += chunk.toString()));
      await until('it is answered', () => text.endsWith(end));
      socket.destroy();
    }
    expect(guard.stats().requests).toBe(0);
    await new Promise((resolve) => server.close(resolve));
  });
});
