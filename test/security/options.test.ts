import { afterEach, describe, expect, it, jest } from '@jest/globals';
import axios, { type AxiosRequestConfig } from 'axios';
import got from 'got';
import { Hedger, type LatencySnapshot } from '@hedgerow/core';
import { hedgedAdapter } from '@hedgerow/axios';
import { SniffingTransport } from '@elastic/elasticsearch';
import { hedgedRequestHandler } from '@hedgerow/aws';
import { hedgedTransport } from '@hedgerow/elastic';
import { hedgedFetch } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { hedgedInterceptor } from '@hedgerow/connect';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { instrumentHedger } from '@hedgerow/opentelemetry';
import { cpuMsOf } from '../support/busy-time.js';

/** Members by which a careless merge would reach what all objects inherit from. */
const POLLUTING = [
  '{"__proto__":{"polluted":true}}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"prototype":{"polluted":true}}',
];
const parsed = POLLUTING.map((json) => [json, JSON.parse(json) as object] as const);

const request = { method: 'GET', url: 'http://a.test/' };
const start = (): Promise<object> => Promise.resolve({});

/** What was thrown, or rejected with; fails if nothing was. */
async function complaintOf(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    if (error instanceof Error) return error.message;
  }
  throw new Error('it was taken');
}

afterEach(() => {
  expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
});

describe.each(parsed)('options made of %s', (_json, hostile) => {
  it.each<[string, () => unknown]>([
    ['a Hedger', () => new Hedger(hostile)],
    ['its delay', () => new Hedger({ delay: hostile })],
    ['its budget', () => new Hedger({ budget: hostile })],
    ['its latency', () => new Hedger({ latency: hostile })],
    ['its warm-up', () => new Hedger({ latency: { warmup: { requests: 1, delayMs: 1, ...Object.fromEntries(Object.entries(hostile)) } } })],
    ['its efficacy', () => new Hedger({ efficacy: hostile })],
    ['a call', () => new Hedger().run({ request, start }, hostile)],
    ['a snapshot', () => new Hedger().restore(hostile as LatencySnapshot)],
    ['an origin of a snapshot', () => new Hedger().restore({ ...empty, origins: [{ ...origin, ...Object.fromEntries(Object.entries(hostile)) }] })],
    ['a route of a snapshot', () => new Hedger().restore({ ...empty, origins: [origin], routes: [hostile as never] })],
    ['the adapter of axios', () => hedgedAdapter(hostile)],
    ['the plugin of got', () => createHedgePlugin(hostile)],
    ['a request of got', () => got.extend(createHedgePlugin())('http://127.0.0.1:9/', { retry: { limit: 0 }, context: { hedge: hostile } })],
    ['fetch', () => hedgedFetch(hostile)],
    ['a request of fetch', () => hedgedFetch()('http://127.0.0.1:9/', { hedge: hostile })],
    ['the interceptor of gRPC', () => hedgingInterceptor(hostile)],
    ['the interceptor of Connect', () => hedgedInterceptor(hostile)],
    ['the handler of the AWS SDK', () => hedgedRequestHandler({ handle: () => Promise.resolve({ response: {} }) }, hostile)],
    ['the transport of Elasticsearch', () => hedgedTransport(SniffingTransport, hostile)],
    ['telemetry', () => instrumentHedger(new Hedger(), hostile)],
  ])('are refused by %s', async (_where, use) => {
    expect(await complaintOf(use)).toMatch(/unknown option|must be an object of/);
  });
});

const empty: LatencySnapshot = { version: 1, savedAtMs: 0, origins: [], routes: [] };
const origin = { origin: 'http://a.test', raceUntil: 'body', events: [], censored: [], estimates: [] } as const;

describe("options that axios has merged from an instance's defaults", () => {
  it.each(parsed)('pollute nothing, whichever side brings %s', async (_json, hostile) => {
    for (const [own, given] of [[hostile, { delay: 1 }], [{ delay: 1 }, hostile]] as const) {
      const client = axios.create({ adapter: hedgedAdapter({ adapter: answered }), hedge: own });
      await client.get('http://127.0.0.1:9/', { hedge: given }).catch(() => undefined);
    }
  });

  it('are merged member by member', async () => {
    const seen: unknown[] = [];
    const hedger = new Hedger();
    jest.spyOn(hedger, 'resolve').mockImplementation(function (this: Hedger, ...args) {
      seen.push(args[0]);
      return Hedger.prototype.resolve.apply(hedger, args);
    });
    const client = axios.create({ adapter: hedgedAdapter({ hedger, adapter: answered }), hedge: { delay: 1, maxHedges: 2 } });
    await client.get('http://127.0.0.1:9/', { hedge: { delay: 5 } });
    expect(seen.at(-1)).toEqual({ delay: 5, maxHedges: 2 });
  });
});

const answered = (config: AxiosRequestConfig): Promise<never> => Promise.resolve({ status: 200, data: '', headers: {}, config } as never);

describe('a complaint about an option', () => {
  it.each<[string, unknown]>([
    ['a user', ['https://user:s3cret@a.test']],
    ['a user, without slashes', ['https:user:s3cret@a.test']],
    ['a query', ['https://a.test/?token=s3cret']],
    ['a fragment', ['https://a.test/#s3cret']],
    ['no list', 'https://user:s3cret@a.test'],
    ['too many', Array.from({ length: 101 }, () => 'https://user:s3cret@a.test')],
  ])('about targets shows no secret: %s', async (_what, targets) => {
    const complaint = await complaintOf(() => new Hedger({ targets: targets as string[] }));
    expect(complaint).toContain('option `targets');
    expect(complaint).not.toContain('s3cret');
  });

  it('about what `route` returned shows none either', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    for (const url of ['https://user:s3cret@b.test/x?s3cret', 'https:user:s3cret@b.test', 's3cret@']) {
      const hedger = new Hedger({ delay: 0, budget: false, route: () => url });
      await hedger.run({ request, start: () => new Promise((resolve) => setTimeout(resolve, 5, {})) });
    }
    expect(warned).toHaveBeenCalledTimes(3);
    expect(JSON.stringify(warned.mock.calls)).not.toContain('s3cret');
    warned.mockRestore();
  });

  it.each(['x\r\ninjected: 1', 'x: 1', '', 'x\0', 'ä', ' ', 'x'.repeat(101)])('is made about a marker that is no name of a header: %j', async (markHedges) => {
    expect(await complaintOf(() => new Hedger({ markHedges }))).toContain('`markHedges` must be');
  });

  const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

  it.each<[string, () => unknown]>([
    ['a name of megabytes', () => new Hedger({ ['x'.repeat(2 ** 23)]: 1 })],
    ['a name of megabytes in telemetry', () => instrumentHedger(new Hedger(), { ['x'.repeat(2 ** 23)]: 1 })],
    ['a value of megabytes', () => new Hedger({ mode: 'x'.repeat(2 ** 23) as 'on' })],
    ['a list of a million', () => new Hedger({ delay: Array.from({ length: 1e6 }, () => 1) })],
    ['lists in lists, ten thousand deep', () => new Hedger({ targets: deep(10_000) as string[] })],
    ['lists in lists as a delay', () => new Hedger({ delay: [deep(10_000)] as never })],
    ['a URL of megabytes', () => new Hedger({ targets: [`http://a.test/${'/'.repeat(2 ** 23)}x`] })],
    ['a key of megabytes in a snapshot', () => new Hedger().restore({ ...empty, origins: [{ ...origin, origin: 'x'.repeat(2 ** 23) }] })],
    ['a member of megabytes in a snapshot', () => new Hedger().restore({ ...empty, ['x'.repeat(2 ** 23)]: 1 })],
    ['a snapshot of a million routes', () => new Hedger().restore({ ...empty, routes: Array.from({ length: 1e6 }) as never })],
    ['a snapshot with a hole', () => new Hedger().restore({ ...empty, routes: new Array(1) as never })],
  ])('is short and comes soon: %s', async (_what, use) => {
    let complaint = '';
    const ms = await cpuMsOf(async () => void (complaint = await complaintOf(use)));
    expect(complaint).toMatch(/^hedgerow: /);
    expect(complaint.length).toBeLessThan(1_000);
    expect(ms).toBeLessThan(1_000);
  });
});
