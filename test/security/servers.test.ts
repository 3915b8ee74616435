import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Hedger, hedgeInfo } from '@hedgerow/core';
import { cpuMsOf } from '../support/busy-time.js';
import { countUnhandledRejections, type RejectionCounter } from '../support/rejections.js';
import { until, within } from '../support/wait.js';
import { clients } from './clients.js';

const MEGABYTE = 2 ** 20;
const GOOD = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ngood';

/** Bytes that a hostile server answers; what is not said to go on ends there. */
const HOSTILE: Readonly<Record<string, readonly string[] | 'forever'>> = {
  'a status text of megabytes': [`HTTP/1.1 200 ${'x'.repeat(MEGABYTE / 2)}\r\n\r\n`],
  'a header of megabytes': [`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(MEGABYTE / 2)}\r\n\r\n`],
  'a name of a header of megabytes': [`HTTP/1.1 200 OK\r\n${'x'.repeat(MEGABYTE / 2)}: x\r\n\r\n`],
  'a hundred thousand headers': [`HTTP/1.1 200 OK\r\n${Array.from({ length: 1e5 }, (_, index) => `x${index}: 1\r\n`).join('')}\r\n`],
  'a body that is shorter than its Content-Length': ['HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\nevil'],
  'a Content-Length that no memory holds': ['HTTP/1.1 200 OK\r\ncontent-length: 9007199254740991\r\n\r\nevil'],
  'a Content-Length that is no number': ['HTTP/1.1 200 OK\r\ncontent-length: -4\r\n\r\nevil'],
  'two lengths': ['HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nevil!'],
  'a length and chunks': ['HTTP/1.1 200 OK\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n4\r\nevil\r\n'],
  'a chunk that breaks off': ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffff\r\nevil'],
  'a chunk of a length that is none': ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffffffff\r\nevil'],
  'NUL in a header': ['HTTP/1.1 200 OK\r\nx: a\0b\r\ncontent-length: 4\r\n\r\nevil'],
  'something else than HTTP': ['SSH-2.0-OpenSSH_9.2\r\n'.repeat(1000)],
  'headers without an end, one by one': 'forever',
};

describe.each(Object.entries(clients))('%s: a call whose primary meets', (_name, { make }) => {
  let server: Server;
  let rejections: RejectionCounter;
  const sockets = new Set<Socket>();
  let primary: Socket | undefined;
  let hostile: readonly string[] | 'forever' = [];

  beforeEach(async () => {
    primary = undefined;
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => sockets.delete(socket));
      if (primary === undefined) return void (primary = socket.resume());
      socket.once('data', () => {
        if (primary !== undefined) misbehave(primary, hostile);
        setTimeout(() => socket.end(GOOD), 30); // when the primary's bytes have been read
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    rejections = countUnhandledRejections();
  });

  afterEach(async () => {
    expect(await rejections.count()).toBe(0);
    rejections.stop();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  it.each(Object.entries(HOSTILE))('%s is answered by its hedge', async (what, bytes) => {
    hostile = bytes;
    const { port } = server.address() as AddressInfo;
    const { response, ...answer } = await within(5_000, 'the answer', make({ raceUntil: 'body' })({ url: `http://127.0.0.1:${port}/` }));
    // undici takes a status text of any length: then it is an answer, without a body.
    const isTaken = what.startsWith('a status text') && answer.text === '';
    expect(answer).toEqual({ status: 200, text: isTaken ? '' : 'good' });
    expect(hedgeInfo(response)?.winner ?? 1).toBe(isTaken ? 0 : 1);
    // undici may open one more, for nothing, after an abort.
    await until('both connections are gone', () => sockets.size <= 1 && (primary?.destroyed ?? true));
  });
});

function misbehave(socket: Socket, bytes: readonly string[] | 'forever'): void {
  if (bytes !== 'forever') return void socket.end(bytes.join(''), 'latin1');
  socket.write('HTTP/1.1 200 OK\r\n');
  const timer = setInterval(() => socket.write('x: x\r\n'), 5);
  socket.once('close', () => clearInterval(timer));
}

describe('what a server says of further requests', () => {
  it.each([
    ['digits', '9'.repeat(MEGABYTE)],
    ['blanks', ' '.repeat(MEGABYTE)],
    ['words', 'Mon, '.repeat(MEGABYTE)],
    ['dates', 'Fri, 31 Dec 9999 23:59:59 GMT'.repeat(MEGABYTE / 4)],
    ['blanks between words', `Mon, ${'a '.repeat(MEGABYTE / 2)}`],
    ['surrogates', '\ud800'.repeat(MEGABYTE / 2)],
  ])('is read without delay, and ignored: megabytes of %s', async (_what, retryAfter) => {
    const hedger = new Hedger({ delay: 1, budget: false });
    const outcome = (status: number): unknown => ({ status });
    const call = { request: { method: 'GET', url: 'http://a.test/' }, statusOf: () => 503, headerOf: () => retryAfter, start: () => Promise.resolve(outcome(503)) };
    const ms = await cpuMsOf(async () => {
      for (let times = 0; times < 50; times++) await hedger.run(call);
    });
    expect(ms).toBeLessThan(1_000);
    await hedger.run({ ...call, start: () => new Promise((resolve) => setTimeout(resolve, 100, outcome(503))) });
    expect(hedger.stats().suppressions.pushback).toBe(0);
  });
});
