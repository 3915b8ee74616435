import { status, type CallOptions } from '@grpc/grpc-js';
import axios from 'axios';
import got from 'got';
import { describe, expect, it } from '@jest/globals';
import { hedgedAdapter } from '@hedgerow/axios';
import { createHedgePlugin, hedgeContext, hedgePlugin } from '@hedgerow/got';
import { hedgingInterceptor } from '@hedgerow/grpc';
import { Hedger, type HedgeInfo, type HedgerOptions } from '@hedgerow/core';

/** Never called: the compiler is the test, and refuses to build if a line marked as an error is none. */
export function compiles(): unknown[] {
  const hedger = new Hedger({ delay: { quantile: [0.9, 0.99], minMs: 2 }, budget: { ratio: 0.05 } });
  const client = axios.create({ adapter: hedgedAdapter(), hedge: { delay: 50 } });
  const instance = got.extend(hedgePlugin).extend(createHedgePlugin({ hedger, delay: [10, 20] }));
  const change = (info: HedgeInfo): void => {
    // @ts-expect-error results are read-only
    info.winner = 1;
  };
  return [
    client.get('/', { hedge: false }),
    client.get('/', { hedge: { delay: { sloMs: 100, at: [0.5] }, maxHedges: 2, when: ({ url }) => url.endsWith('/') } }),
    // @ts-expect-error a budget belongs to the Hedger
    client.get('/', { hedge: { budget: false } }),
    client.get('/', { hedge: { delay: { minimize: 0.99, maxMs: 100 } } }),
    // @ts-expect-error not a delay
    client.get('/', { hedge: { delay: '50ms' } }),
    instance('/', { context: hedgeContext({ delay: 50 }) }),
    instance('/', { context: hedgeContext(false) }),
    // @ts-expect-error unknown option
    instance('/', { context: hedgeContext({ delayMs: 50 }) }),
    // @ts-expect-error a Hedger takes a ratio or a rate, not both half
    new Hedger({ budget: { requestsPerSecond: 5 } }),
    // @ts-expect-error unknown option
    hedgedAdapter({ hedging: true }),
    hedgingInterceptor({ hedger, methods: ['greet.Greeter/*'], delay: [10, 20], nonFatalStatusCodes: ['UNAVAILABLE', status.ABORTED] }),
    // @ts-expect-error no such status
    hedgingInterceptor({ nonFatalStatusCodes: ['LOST'] }),
    // @ts-expect-error a header says nothing about a remote procedure
    hedgingInterceptor({ idempotencyKey: true }),
    { hedge: { delay: 50, methods: ['greet.Greeter/Greet'] } } satisfies CallOptions,
    { hedge: false } satisfies CallOptions,
    // @ts-expect-error a budget belongs to the Hedger
    { hedge: { budget: false } } satisfies CallOptions,
    change,
    hedger.run({ request: { method: 'GET', url: 'http://a.test/' }, start: () => Promise.resolve(1) }).then((value: number) => value),
  ];
}

describe('types', () => {
  it('let options be written down first', () => {
    const options = { delay: [5, 10], methods: ['GET'], losers: 'drain' } as const satisfies HedgerOptions;
    expect(() => new Hedger(options)).not.toThrow();
  });
});
