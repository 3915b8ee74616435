import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetch as undiciFetch } from 'undici';
import { firstToken, Hedger, type HedgeOptions, type HedgerOptions } from '@hedgerow/core';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';
import { FakeClock } from '../core/fake-clock.js';
import { seeded } from '../core/traffic.js';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { within } from '../support/wait.js';

type Fetch = typeof globalThis.fetch;

/**
 * A `fetch` in virtual time whose server flushes its head at once and thinks before the first chunk: 15 ± 3 ms for 80 %, 200 ± 25 ms
 * for 20 %, copies independently. Every fifth primary is slow, by its number: were it by chance, the 0.8 quantile of what was
 * seen would lie now before the gap between the two, now behind it.
 */
function thinker(clock: FakeClock, seed?: number, isSpoken = false): { readonly fetch: Fetch; readonly received: () => number } {
  const random = seeded(seed ?? 7);
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const seen = new Set<string>();
  let received = 0;
  const isFast = (url: string): boolean => {
    if (seen.has(url) || seed !== undefined) return random() < 0.8;
    seen.add(url);
    return Number(url.split('/').at(-1)) % 5 !== 4;
  };
  const fetch = (url: string, { signal }: { readonly signal: AbortSignal }): Promise<Response> => {
    received++;
    const thinkMs = Math.max(0, isFast(url) ? 15 + 3 * normal() : 200 + 25 * normal());
    const body = new ReadableStream({
      start(controller) {
        if (isSpoken) controller.enqueue(new TextEncoder().encode(BEFORE_TOKEN));
        const timer = clock.setTimeout(() => {
          controller.enqueue(new TextEncoder().encode(isSpoken ? TOKEN : 'thought'));
          controller.close();
        }, thinkMs);
        signal.addEventListener('abort', () => {
          clock.clearTimeout(timer);
          controller.error(signal.reason);
        });
      },
    });
    return Promise.resolve(new Response(body));
  };
  return { fetch: fetch as unknown as Fetch, received: () => received };
}

/** What servers of models send at once, and what they think about. */
const BEFORE_TOKEN = ': keep-alive\n\ndata: {"choices":[{"delta":{"role":"assistant","content":""}}]}\n\n';
const TOKEN = 'data: {"choices":[{"delta":{"content":"thought"}}]}\n\n';

const warmUp = 300;
const calls = 1_500;

/** Calls at 50 per second; the p90 of the time to the first chunk, and the requests beyond the calls, after a warm-up. */
async function askThinker(raceUntil: HedgeOptions['raceUntil'], delay: HedgerOptions['delay'], seed?: number, isSpoken = false): Promise<{ p90: number; extra: number; hedges: number }> {
  const clock = new FakeClock();
  const { fetch, received } = thinker(clock, seed, isSpoken);
  const hedger = new Hedger({ delay, budget: { ratio: 0.25 }, clock });
  const hedged = hedgedFetch(fetch, { hedger, raceUntil });
  const times: number[] = [];
  const ask = async (number: number): Promise<void> => {
    const from = clock.now();
    await (await hedged(`https://thinker.test/ask/${number}`)).text();
    if (number >= warmUp) times.push(clock.now() - from);
  };
  let before = 0;
  for (let number = 0; number < warmUp + calls; number++) {
    if (number === warmUp) before = received();
    void ask(number);
    await clock.advance(20);
  }
  await clock.advance(1_000);
  times.sort((a, b) => a - b);
  expect(times).toHaveLength(calls);
  return { p90: times[Math.ceil(0.9 * calls) - 1] ?? NaN, extra: (received() - before) / calls - 1, hedges: hedger.stats().attempts.hedge };
}

describe('a server that flushes its headers at once and thinks later', () => {
  it('is hedged on what its users feel with firstChunk: p90 at most 0.4 of unhedged, at most 22 % extra', async () => {
    const plain = await askThinker('firstChunk', () => undefined);
    const hedged = await askThinker('firstChunk', { quantile: 0.8 });
    expect(plain).toMatchObject({ extra: 0 });
    expect(hedged.extra).toBeLessThanOrEqual(0.22);
    expect(hedged.p90).toBeLessThanOrEqual(0.4 * plain.p90);
  });

  it.each([1, 2, 3, 4])('is hedged before the gap wherever chance puts the quantile (seed %i)', async (seed) => {
    const plain = await askThinker('firstChunk', () => undefined, seed);
    const hedged = await askThinker('firstChunk', { quantile: 0.8 }, seed);
    expect(hedged.p90).toBeLessThanOrEqual(0.4 * plain.p90);
  });

  it.each([undefined, 1, 2, 3])('is hedged on its first token, which follows a comment and a role: p90 at most 0.4 of unhedged, at most 22 %% extra (seed %p)', async (seed) => {
    const race = { until: firstToken() };
    const plain = await askThinker(race, () => undefined, seed, true);
    const hedged = await askThinker(race, { quantile: 0.8 }, seed, true);
    expect(hedged.extra).toBeLessThanOrEqual(0.22);
    expect(hedged.p90).toBeLessThanOrEqual(0.4 * plain.p90);
    expect(hedged.hedges).toBeGreaterThan(0);
  });

  it('is not hedged on its token by the first chunk, which is none', async () => {
    const { hedges } = await askThinker('firstChunk', { quantile: 0.8 }, undefined, true);
    expect(hedges).toBeLessThan(0.02 * (warmUp + calls));
  });

  it('is not hedged in vain with headers, which all come at once', async () => {
    const { hedges, p90 } = await askThinker('headers', { quantile: 0.8 });
    expect(hedges).toBe(0);
    expect(p90).toBeGreaterThan(100);
  });
});

describe.each([
  ["Node's fetch", globalThis.fetch],
  ["undici's fetch", undiciFetch as unknown as Fetch],
])('firstChunk over %s', (_name, inner) => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  it.each(['primary', 'hedge'])('streams 20 MB whole from the %s, with the loser cut off in the middle', async (winner) => {
    const body = randomBytes(20_000_000);
    const call = hedgedFetch(inner, { delay: 10, budget: false, raceUntil: 'firstChunk' })(server.origin);
    const both = [await server.next(), await server.next()];
    const [won, lost] = winner === 'primary' ? both : both.reverse();
    lost?.open({ headers: { 'content-length': String(body.length) } }); // its head is there first, its body never
    const answer = won?.open({ headers: { 'content-length': String(body.length), 'x-won': '1' } });
    await answer?.write(body.subarray(0, 100_000));
    const response = await within(5_000, 'the first chunk', call);
    expect(hedgeInfo(response)).toMatchObject({ attempts: 2, isHedge: winner === 'hedge' });
    await within(5_000, 'the loser to be closed', lost?.gone ?? Promise.reject(new Error('no loser')));

    const hash = createHash('sha256');
    const writing = (async () => {
      for (let at = 100_000; at < body.length; at += 990_000) await answer?.write(body.subarray(at, at + 990_000));
      answer?.end();
    })();
    let bytes = 0;
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    await writing;
    expect(bytes).toBe(body.length);
    expect(hash.digest('hex')).toBe(createHash('sha256').update(body).digest('hex'));
    expect(response.headers.get('x-won')).toBe('1');
  });

  it('hands every chunk on as it comes', async () => {
    const call = hedgedFetch(inner, { delay: 60_000, raceUntil: 'firstChunk' })(`${server.origin}/tokens`);
    const answer = (await server.next()).open();
    await answer.write('one ');
    const response = await call;
    expect([response.url, response.redirected, response.bodyUsed]).toEqual([`${server.origin}/tokens`, false, false]);
    const clone = response.clone();
    const reader = response.body?.getReader();
    const read = async (): Promise<string> => Buffer.from((await reader?.read())?.value ?? []).toString();
    expect(await within(1_000, 'the first', read())).toBe('one ');
    await answer.write('two ');
    expect(await within(1_000, 'the second', read())).toBe('two ');
    answer.end();
    expect((await reader?.read())?.done).toBe(true);
    expect(await clone.text()).toBe('one two ');
  });

  it.each(['headers', 'firstChunk'] as const)('closes the connection when the winner is cancelled, racing to %s', async (raceUntil) => {
    const call = hedgedFetch(inner, { delay: 60_000, raceUntil })(server.origin);
    const request = await server.next();
    await request.open().write('x');
    await (await call).body?.cancel();
    await within(5_000, 'the connection to close', request.gone);
  });

  it('takes the end of an empty body for its first chunk, and no body at all', async () => {
    server.script((request) => request.respond({ status: request.path === '/none' ? 204 : 200 }));
    const send = hedgedFetch(inner, { delay: 60_000, raceUntil: 'firstChunk' });
    expect(await (await send(server.origin)).text()).toBe('');
    expect((await send(`${server.origin}/none`)).status).toBe(204);
    expect((await send(server.origin, { method: 'HEAD' })).status).toBe(200);
  });

  it.each(['firstChunk', 'body'] as const)('lets a copy win whose rival breaks off before its %s', async (raceUntil) => {
    const call = hedgedFetch(inner, { delay: 10, budget: false, raceUntil })(server.origin);
    const primary = await server.next();
    primary.open({ headers: { 'content-length': '5' } });
    const hedge = await server.next();
    primary.reset();
    hedge.respond({ body: 'whole' });
    expect(await (await call).text()).toBe('whole');
  });

  it('rejects as reading would when the only copy breaks off before its first chunk', async () => {
    const call = hedgedFetch(inner, { delay: 60_000, raceUntil: 'firstChunk' })(server.origin);
    const primary = await server.next();
    primary.open({ headers: { 'content-length': '5' } });
    await new Promise(setImmediate);
    primary.reset();
    await expect(call).rejects.toMatchObject({ name: 'TypeError' });
  });
});
