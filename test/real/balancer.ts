/**
 * hedgerow behind a real HAProxy, in front of three backends of which one stalls at random.
 *
 * Usage: npm run test:balancer [-- --only <part of a scene's name>]
 */
import { Agent } from 'node:http';
import { parseArgs } from 'node:util';
import axios from 'axios';
import got from 'got';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';
import { Backends } from './backends.js';
import { startHaproxy } from './haproxy.js';
import { paced, quantileOf } from './paced.js';

const PER_SECOND = 400;
const WARM_UP = 1_500;
/** Of each of two clients, one that hedges and one that does not: a p99 needs some thirty stalls to be worth comparing. */
const CALLS = 10_000;
const CRASH_CALLS = 4_000;
const STICKY_CALLS = 20_000;
/** One call in ten meets a stall of its backend. */
const SOME_STALLS = { everyMs: 1_500, forMs: 150 };
/** Least connections avoids a stalled backend by itself; what is left takes more stalls to see. */
const MANY_STALLS = { everyMs: 500, forMs: 150 };

using backends = await Backends.start();
await using haproxy = await startHaproxy(backends.ports);
const { urls } = haproxy;
const missed: string[] = [];

const scenes: readonly (readonly [what: string, play: (what: string) => Promise<void>])[] = [
  ['round robin, HTTP/1.1 keep-alive', (what) => helps(what, SOME_STALLS, (hedger) => axiosTo(urls.ROUND_ROBIN_PORT, hedger))],
  ['least connections, HTTP/1.1 keep-alive', (what) => helps(what, MANY_STALLS, (hedger) => axiosTo(urls.LEAST_CONNECTIONS_PORT, hedger))],
  ['least connections, HTTP/2', (what) => helps(what, MANY_STALLS, http2)],
  ['sticky by cookie', (what) => cannotHelp(what, urls.STICKY_COOKIE_PORT)],
  ['sticky by source', (what) => cannotHelp(what, urls.STICKY_SOURCE_PORT)],
  // The last, because one backend is gone then.
  ['a backend killed in mid-flight', survivesACrash],
];
const { only = '' } = parseArgs({ options: { only: { type: 'string' } } }).values;
const chosen = scenes.filter(([what]) => what.includes(only));
if (chosen.length === 0) missed.push(`no scene is called "${only}"; there are: ${scenes.map(([what]) => what).join('; ')}`);
for (const [what, play] of chosen) {
  console.error(`${what} …`);
  await play(what);
}

console.log(missed.length === 0 ? 'All as it should be.' : `Missed: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;

type Get = (number: number) => Promise<unknown>;

/** Both clients call at the same time, so that the same stalls meet both. */
async function helps(what: string, stalls: typeof SOME_STALLS, client: (hedger?: Hedger) => Get): Promise<void> {
  const [plain, hedged] = [client(), client(new Hedger())];
  backends.stall(2, stalls);
  await paced(WARM_UP, PER_SECOND, hedged);
  const before = await backends.received();
  const [without, with_] = await Promise.all([paced(CALLS, PER_SECOND / 2, plain), paced(CALLS, PER_SECOND / 2, hedged)]);
  const extra = ((await backends.received()) - before) / CALLS - 2;
  const [p99Without, p99With] = [without, with_].map(({ latenciesMs }) => quantileOf(latenciesMs, 0.99)) as [number, number];
  report(what, `p99 ${ms(p99Without)} → ${ms(p99With)}, ${percent(extra)} more requests, ${with_.failed} failed`, {
    'p99 at most half': p99With <= 0.5 * p99Without,
    'no more than 11 % extra': extra <= 0.11,
    'nothing failed': with_.failed === 0,
  });
}

async function cannotHelp(what: string, url: string): Promise<void> {
  const hedger = new Hedger();
  const client = axios.create({ baseURL: url, adapter: hedgedAdapter({ hedger }), httpAgent: new Agent({ keepAlive: true }), proxy: false });
  const first = await client.get<string>('/');
  const cookie = first.headers['set-cookie']?.[0]?.split(';')[0];
  if (cookie !== undefined) client.defaults.headers.common.Cookie = cookie;
  backends.stall(Number(first.data.trim().slice(1)), SOME_STALLS);
  const reasons = new Map<string, number>();
  const get = async (): Promise<void> => {
    const info = hedgeInfo(await client.get('/'));
    if (info?.suppressionReason !== undefined) reasons.set(info.suppressionReason, (reasons.get(info.suppressionReason) ?? 0) + 1);
  };
  let detectedAfter = 0;
  while ((reasons.get('no_benefit') ?? 0) === 0 && detectedAfter < 10_000) {
    await paced(100, PER_SECOND, get);
    detectedAfter += 100;
  }
  const before = await backends.received();
  const { failed } = await paced(STICKY_CALLS, PER_SECOND, get);
  const extra = ((await backends.received()) - before) / STICKY_CALLS - 1;
  report(what, `detected within ${detectedAfter} calls; then ${percent(extra)} more requests over ${STICKY_CALLS}; ${failed} failed`, {
    'at most 0.5 % extra': extra <= 0.005,
    'hedgeInfo says why': (reasons.get('no_benefit') ?? 0) > 0,
    'stats and metrics say why': hedger.stats().suppressions.no_benefit > 0,
  });
}

async function survivesACrash(what: string): Promise<void> {
  backends.stall(-1, SOME_STALLS);
  const hedger = new Hedger({ hedgeOnFailure: true });
  const get = axiosTo(urls.ROUND_ROBIN_PORT, hedger);
  await paced(WARM_UP, PER_SECOND, get);
  setTimeout(() => backends.kill(2), 1_000);
  const { failed } = await paced(CRASH_CALLS, PER_SECOND, get);
  report(what, `${failed} of ${CRASH_CALLS} calls failed; ${hedger.stats().wins.hedge} were answered by a copy`, {
    'fewer than 1 % failed': failed < 0.01 * CRASH_CALLS,
  });
}

function report(what: string, figures: string, checks: Readonly<Record<string, boolean>>): void {
  const bad = Object.entries(checks).filter(([, ok]) => !ok);
  console.log(`${bad.length === 0 ? 'ok    ' : 'MISSED'} ${what}: ${figures}`);
  missed.push(...bad.map(([name]) => `${what}: ${name}`));
}

function axiosTo(baseURL: string, hedger?: Hedger): Get {
  const common = { baseURL, httpAgent: new Agent({ keepAlive: true }), proxy: false } as const;
  const client = axios.create(hedger === undefined ? common : { ...common, adapter: hedgedAdapter({ hedger }) });
  return () => client.get('/');
}

function http2(hedger?: Hedger): Get {
  const client = got.extend({ prefixUrl: urls.HTTP2_PORT, http2: true, https: { rejectUnauthorized: false } });
  const own = hedger === undefined ? client : client.extend(createHedgePlugin({ hedger }));
  return () => own('', { retry: { limit: 0 } }).text();
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
