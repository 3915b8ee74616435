import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import axios from 'axios';
import got from 'got';
import type { Readable } from 'node:stream';
import nodeFetch from 'node-fetch';
import { Agent, request } from 'undici';
import { hedgedAdapter } from '@hedgerow/axios';
import { firstToken, Hedger, type HedgeOptions } from '@hedgerow/core';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { within } from '../support/wait.js';

const BEFORE = `: keep-alive\r\n\r\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\r\n\r\n`;
const TOKEN = `data: {"choices":[{"delta":{"content":"né 🌳"}}]}\r\n\r\n`;
const HEADERS = { 'content-type': 'text/event-stream' };

type Ask = (url: string, hedger: Hedger, hedge: HedgeOptions) => Promise<Buffer>;

async function allOf(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const chunk of chunks) read.push(chunk);
  return Buffer.concat(read);
}

const CLIENTS: Readonly<Record<string, Ask>> = {
  fetch: async (url, hedger, hedge) => allOf((await hedgedFetch({ hedger })(url, { hedge })).body as unknown as AsyncIterable<Uint8Array>),
  'node-fetch': async (url, hedger, hedge) => allOf((await hedgedFetch(nodeFetch, { hedger })(url, { hedge })).body as unknown as AsyncIterable<Uint8Array>),
  axios: async (url, hedger, hedge) => allOf((await axios.create({ adapter: hedgedAdapter({ hedger }) }).get<Readable>(url, { responseType: 'stream', hedge })).data),
  "axios' fetch": async (url, hedger, hedge) =>
    allOf((await axios.create({ adapter: hedgedAdapter({ hedger, adapter: 'fetch' }) }).get<Readable>(url, { responseType: 'stream', hedge })).data),
  got: async (url, hedger, hedge) => allOf(got.extend(createHedgePlugin({ hedger, ...hedge })).stream(url)),
  undici: async (url, hedger, hedge) => allOf((await request(url, { dispatcher: new Agent().compose(hedgeInterceptor({ hedger, ...hedge })) })).body),
};

describe.each(Object.entries(CLIENTS))('%s raced to the first token', (_, ask) => {
  let server: ScriptedServer;
  let hedger: Hedger;

  beforeEach(async () => {
    server = await startScriptedServer();
    hedger = new Hedger({ delay: 60, budget: false });
  });

  afterEach(() => server.close());

  it('is not won by a comment and a role, loses no byte, and closes the loser', async () => {
    const call = ask(server.origin, hedger, { raceUntil: { until: firstToken() } });
    const primary = await server.next();
    const slow = primary.open({ headers: HEADERS, body: BEFORE });
    const hedge = await server.next();
    const bytes = Buffer.from(BEFORE + TOKEN + TOKEN);
    const quick = hedge.open({ headers: HEADERS });
    for (let from = 0; from < bytes.length; from += 7) {
      await quick.write(bytes.subarray(from, from + 7));
      if (from % 70 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await within(5_000, 'the primary to be closed', primary.gone);
    quick.end();
    slow.end();
    expect((await within(5_000, 'the body to end', call)).equals(bytes)).toBe(true);
    expect(server.requests).toHaveLength(2);
  });

  it('sends no copy of a stream whose token is there in time, and leaves every byte in it', async () => {
    server.script((received) => {
      const open = received.open({ headers: HEADERS, body: BEFORE });
      void open.write(TOKEN).then(() => setTimeout(() => open.end(), 700));
    });
    expect((await ask(server.origin, hedger, { delay: 500, raceUntil: { until: firstToken() } })).toString()).toBe(BEFORE + TOKEN);
    expect(server.requests).toHaveLength(1);
  });

  it('counts as there what is larger than may be read ahead, and loses nothing of it', async () => {
    const comments = Buffer.from(': nothing yet\n\n'.repeat(150_000));
    server.script((received) => received.respond({ headers: HEADERS, body: comments }));
    expect((await ask(server.origin, hedger, { delay: 5_000, raceUntil: { until: firstToken() } })).equals(comments)).toBe(true);
  });

  it('says by a warning that a predicate threw, and goes on', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    server.script((received) => received.respond({ headers: HEADERS, body: BEFORE }));
    const body = await ask(server.origin, hedger, {
      raceUntil: {
        until: () => {
          throw new Error('no idea');
        },
      },
    });
    expect(body.toString()).toBe(BEFORE);
    expect(warned.mock.calls.map(([message]) => String(message))).toEqual([expect.stringContaining('`raceUntil.until` threw: no idea')]);
    warned.mockRestore();
  });
});

describe('the option', () => {
  it.each([
    [{ raceUntil: {} }, 'raceUntil.until'],
    [{ raceUntil: { until: 5 } }, 'raceUntil.until'],
    [{ raceUntil: { until: () => true, after: 1 } }, 'raceUntil'],
    [{ raceUntil: 'until' }, 'raceUntil'],
  ])('%j is refused by name', (options, name) => {
    expect(() => new Hedger(options as never)).toThrow(name);
  });
});
