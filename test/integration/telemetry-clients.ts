import { Readable } from 'node:stream';
import axios from 'axios';
import got from 'got';
import type { Hedger } from '@hedgerow/core';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import type { TelemetryOptions } from '@hedgerow/opentelemetry';
import { Agent, fetch as undiciFetch, request as undiciRequest } from 'undici';

/** Sends one request with a hedged client; the answer is of no interest, nor is an error. */
export type Send = (request: { readonly method: string; readonly url: string; readonly signal: AbortSignal }) => Promise<unknown>;

/** Asks for a streamed body. */
export type OpenStream = (url: string) => Promise<Readable>;

/** How a client that streams is made. */
export const streamers: Readonly<Record<string, (hedger: Hedger) => OpenStream>> = {
  axios: (hedger) => {
    const client = axios.create({ adapter: hedgedAdapter({ hedger }) });
    return async (url) => (await client.get<Readable>(url, { responseType: 'stream' })).data;
  },
  got: (hedger) => {
    const client = got.extend(createHedgePlugin({ hedger }), { retry: { limit: 0 } });
    return (url) => Promise.resolve(client.stream(url));
  },
  fetch: (hedger) => {
    const fetch = hedgedFetch({ hedger });
    return async (url) => Readable.fromWeb((await fetch(url)).body as unknown as Parameters<typeof Readable.fromWeb>[0]);
  },
  'undici.request': (hedger) => {
    const dispatcher = new Agent().compose(hedgeInterceptor({ hedger }));
    return async (url) => (await undiciRequest(url, { dispatcher })).body;
  },
};

/** How each client is made. */
export const clients: Readonly<Record<string, (hedger: Hedger, telemetry: TelemetryOptions) => Send>> = {
  axios: (hedger, telemetry) => {
    const client = axios.create({ adapter: hedgedAdapter({ hedger, telemetry }) });
    return (request) => client.request(request);
  },
  'axios (fetch)': (hedger, telemetry) => {
    const client = axios.create({ adapter: hedgedAdapter({ hedger, telemetry, adapter: 'fetch' }) });
    return (request) => client.request(request);
  },
  got: (hedger, telemetry) => {
    const client = got.extend(createHedgePlugin({ hedger, telemetry }), { retry: { limit: 0 } });
    return ({ method, url, signal }) => client(url, { method: method as 'GET', signal });
  },
  fetch: (hedger, telemetry) => {
    const fetch = hedgedFetch({ hedger, telemetry });
    return async ({ url, ...init }) => (await fetch(url, init)).text();
  },
  "undici's fetch": (hedger, telemetry) => {
    const fetch = hedgedFetch(undiciFetch, { hedger, telemetry, raceUntil: 'firstChunk' });
    return async ({ url, ...init }) => (await fetch(url, init)).text();
  },
  'undici.request': (hedger, telemetry) => {
    const dispatcher = new Agent().compose(hedgeInterceptor({ hedger, telemetry }));
    return async ({ url, method, signal }) =>
      (await undiciRequest(url, { dispatcher, method: method, signal })).body.text();
  },
};
