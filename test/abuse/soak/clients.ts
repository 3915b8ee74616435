import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { axiosClient, axiosStreamClient } from './axios-clients.js';
import type { SoakClient } from './client.js';
import type { Contexts } from './contexts.js';
import { fetchClient, undiciClient } from './fetch-clients.js';
import { gotClient } from './got-clients.js';
import { grpcClient } from './grpc-clients.js';

/** Every Hedger's budget. */
export const budget = { ratio: 0.1, burst: 10 } as const;

export function makeClients(contexts: Contexts): SoakClient[] {
  const make = (options: HedgerOptions): Hedger => new Hedger(contexts.watched({ budget, markHedges: 'x-hedge-attempt', ...options }));
  const shared = make({});
  return [
    axiosClient('axios', shared, contexts, 'an agent'),
    gotClient('got', shared, contexts, 'an agent'),
    axiosClient('axios, two hedges', make({ delay: [4, 12], hedgeOnFailure: true }), contexts, 'an adapter'),
    axiosStreamClient('axios, streams', make({ delay: 8, hedgeOnFailure: true }), contexts),
    gotClient('got, on failure', make({ delay: 8, hedgeOnFailure: true }), contexts, 'a function'),
    // As many hedges as the budget gives.
    gotClient('got, body, two hedges', make({ delay: [0, 12], raceUntil: 'body', budget: { ...budget, brake: false } }), contexts, 'an agent'),
    fetchClient('fetch', make({}), contexts, 'a fetch'),
    fetchClient('fetch, body', make({ delay: 8, raceUntil: 'body', hedgeOnFailure: true }), contexts, 'a dispatcher'),
    fetchClient('fetch, losers drained', make({ delay: 8, losers: 'drain' }), contexts, 'a fetch'),
    undiciClient('undici', make({}), contexts),
    undiciClient('undici, body', make({ delay: 8, raceUntil: 'body' }), contexts),
    undiciClient('undici, on failure', make({ delay: 8, hedgeOnFailure: true }), contexts),
    grpcClient('gRPC unary', make({}), contexts, 'Unary'),
    grpcClient('gRPC stream', make({ delay: 8 }), contexts, 'Stream'),
  ];
}
