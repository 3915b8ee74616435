/**
 * hedgerow behind a real HAProxy, in front of three backends of which one stalls at random.
 *
 * Usage: npm run test:balancer
 */
import { Agent } from 'node:http';
import axios, { type AxiosInstance } from 'axios';
import got from 'got';
import { hedgedAdapter, hedgeInfo } from '@hedgerow/axios';
import { Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';
import { Backends } from './backends.js';
import { startHaproxy } from './haproxy.js';
import { paced, quantileOf } from './paced.js';

const PER_SECOND = 400;
const WARM_UP = 1_500;
const CALLS = 4_000;
const STICKY_CALLS = 20_000;
/** One call in ten meets a stall of its backend. */
const SOME_STALLS = { everyMs: 1_500, forMs: 150 };
/** Least connections avoids a stalled backend by itself; what is left takes more stalls to see. */
const MANY_STALLS = { everyMs: 500, forMs: 150 };

using backends = await Backends.start();
await using haproxy = await startHaproxy(backends.ports);
const { urls } = haproxy;
const missed: string[] = [];

await helps('round robin, HTTP/1.1 keep-alive', SOME_STALLS, plainAxios(urls.ROUND_ROBIN_PORT), (hedger) => hedgedAxios(urls.ROUND_ROBIN_PORT, hedger));
await helps('least connections, HTTP/1.1 keep-alive', MANY_STALLS, plainAxios(urls.LEAST_CONNECTIONS_PORT), (hedger) =>
  hedgedAxios(urls.LEAST_CONNECTIONS_PORT, hedger),
);
await helps('least connections, HTTP/2', MANY_STALLS, http2(), http2);
await cannotHelp('sticky by cookie', urls.STICKY_COOKIE_PORT);
await cannotHelp('sticky by source', urls.STICKY_SOURCE_PORT);
await survivesACrash();

console.log(missed.length === 0 ? 'All as it should be.' : `Missed: ${missed.join('; ')}`);
process.exitCode = missed.length === 0 ? 0 : 1;

type Get = (number: number) => Promise<unknown>;

async function helps(what: string, stalls: typeof SOME_STALLS, plain: Get, hedged: (hedger: Hedger) => Get): Promise<void> {
  console.error(`${what} …`);
  const hedger = new Hedger();
  const viaHedger = hedged(hedger);
  backends.stall(2, stalls);
  const without = await paced(CALLS, PER_SECOND, plain);
  await paced(WARM_UP, PER_SECOND, viaHedger);
  const before = await backends.received();
  const with_ = await paced(CALLS, PER_SECOND, viaHedger);
  const extra = ((await backends.received()) - before) / CALLS - 1;
  const [p99Without, p99With] = [without, with_].map(({ latenciesMs }) => quantileOf(latenciesMs, 0.99)) as [number, number];
  report(what, `p99 ${ms(p99Without)} → ${ms(p99With)}, ${percent(extra)} more requests, ${with_.failed} failed`, {
    'p99 at most half': p99With <= 0.5 * p99Without,
    'no more than 11 % extra': extra <= 0.11,
    'nothing failed': with_.failed === 0,
  });
}

async function cannotHelp(what: string, url: string): Promise<void> {
  console.error(`${what} …`);
  const hedger = new Hedger();
  const client = axios.create({ baseURL: url, adapter: hedgedAdapter({ hedger }), httpAgent: keepAlive(), proxy: false });
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

/** The last, because one backend is gone then. */
async function survivesACrash(): Promise<void> {
  const what = 'a backend killed in mid-flight';
  console.error(`${what} …`);
  backends.stall(-1, SOME_STALLS);
  const hedger = new Hedger({ hedgeOnFailure: true });
  const get = hedgedAxios(urls.ROUND_ROBIN_PORT, hedger);
  await paced(WARM_UP, PER_SECOND, get);
  setTimeout(() => backends.kill(2), 1_000);
  const { failed } = await paced(CALLS, PER_SECOND, get);
  report(what, `${failed} of ${CALLS} calls failed; ${hedger.stats().wins.hedge} were answered by a copy`, {
    'fewer than 1 % failed': failed < 0.01 * CALLS,
  });
}

function report(what: string, figures: string, checks: Readonly<Record<string, boolean>>): void {
  const bad = Object.entries(checks).filter(([, ok]) => !ok);
  console.log(`${bad.length === 0 ? 'ok    ' : 'MISSED'} ${what}: ${figures}`);
  missed.push(...bad.map(([name]) => `${what}: ${name}`));
}

function plainAxios(baseURL: string): Get {
  return getter(axios.create({ baseURL, httpAgent: keepAlive(), proxy: false }));
}

function hedgedAxios(baseURL: string, hedger: Hedger): Get {
  return getter(axios.create({ baseURL, adapter: hedgedAdapter({ hedger }), httpAgent: keepAlive(), proxy: false }));
}

function getter(client: AxiosInstance): Get {
  return () => client.get('/');
}

function http2(hedger?: Hedger): Get {
  const client = got.extend({ prefixUrl: urls.HTTP2_PORT, http2: true, https: { rejectUnauthorized: false } });
  const own = hedger === undefined ? client : client.extend(createHedgePlugin({ hedger }));
  return () => own('', { retry: { limit: 0 } }).text();
}

function keepAlive(): Agent {
  return new Agent({ keepAlive: true });
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
