import { createHash, randomBytes } from 'node:crypto';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import got from 'got';
import type { HedgerOptions } from '@hedgerow/core';
import { hedgedAdapter } from '@hedgerow/axios';
import { createHedgePlugin } from '@hedgerow/got';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { within } from '../support/wait.js';

/** Resolves with a stream of the winner's body. */
const clients: Readonly<Record<string, (options: HedgerOptions, url: string) => Promise<Readable>>> = {
  axios: async (options, url) => {
    const client = axios.create({ adapter: hedgedAdapter({ ...options, telemetry: false }), proxy: false });
    return (await client.get<Readable>(url, { responseType: 'stream' })).data;
  },
  'axios (fetch)': async (options, url) => {
    const client = axios.create({ adapter: hedgedAdapter({ ...options, adapter: 'fetch', telemetry: false }) });
    return (await client.get<Readable>(url, { responseType: 'stream' })).data;
  },
  got: (options, url) => Promise.resolve(got.extend(createHedgePlugin({ ...options, telemetry: false }), { retry: { limit: 0 } }).stream(url)),
};

async function digest(body: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
}

describe.each(Object.keys(clients))('raceUntil of %s', (name) => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  const open = async (options: HedgerOptions): Promise<Readable> => {
    const client = clients[name];
    if (client === undefined) throw new Error(name);
    return client({ delay: 10, budget: false, ...options }, server.origin);
  };

  it.each([
    ['firstChunk', 'primary'],
    ['firstChunk', 'hedge'],
    ['body', 'primary'],
    ['body', 'hedge'],
  ] as const)('%s: 5 MB arrive whole from the %s, although the other had its head first', async (raceUntil, winner) => {
    const body = randomBytes(5_000_000);
    const opened = open({ raceUntil });
    const both = [await server.next(), await server.next()];
    const [won, lost] = winner === 'primary' ? both : both.reverse();
    lost?.open({ headers: { 'content-length': String(body.length) } });
    const answer = won?.open({ headers: { 'content-length': String(body.length) } });
    const writing = (async () => {
      for (let at = 0; at < body.length; at += 100_000) await answer?.write(body.subarray(at, at + 100_000));
      answer?.end();
    })();
    const received = digest(await opened);
    await within(5_000, 'the loser to be closed', lost?.gone ?? Promise.reject(new Error('no loser')));
    await writing;
    expect(await received).toBe(createHash('sha256').update(body).digest('hex'));
  });

  it('firstChunk hands every chunk on as it comes', async () => {
    const opened = open({ raceUntil: 'firstChunk', delay: 60_000 });
    const answer = (await server.next()).open();
    await answer.write('one ');
    const chunks: string[] = [];
    const stream = await opened;
    const reading = (async () => {
      for await (const chunk of stream as AsyncIterable<Uint8Array>) {
        chunks.push(Buffer.from(chunk).toString());
        if (chunks.length === 1) await answer.write('two ');
        else answer.end();
      }
    })();
    await within(5_000, 'both chunks', reading);
    expect(chunks).toEqual(['one ', 'two ']);
  });

  it.each([
    ['firstChunk', 'at once'],
    ['firstChunk', 'later'],
    ['body', 'at once'],
    ['body', 'later'],
  ] as const)('%s: an empty body is one that ends %s', async (raceUntil, when) => {
    server.script((request) => {
      if (when === 'at once') return request.respond();
      const answer = request.open();
      setTimeout(() => answer.end(), 20);
    });
    expect(await digest((await open({ raceUntil, delay: 60_000 })) as AsyncIterable<Uint8Array>)).toBe(createHash('sha256').digest('hex'));
  });

  it.each(['firstChunk', 'body'] as const)('%s: a copy wins whose rival breaks off before it', async (raceUntil) => {
    const opened = open({ raceUntil });
    const [primary, hedge] = [await server.next(), await server.next()];
    primary.open({ headers: { 'content-length': '5' } });
    await new Promise(setImmediate);
    primary.reset();
    hedge.respond({ body: 'whole' });
    expect(await digest((await opened) as AsyncIterable<Uint8Array>)).toBe(createHash('sha256').update('whole').digest('hex'));
  });
});
