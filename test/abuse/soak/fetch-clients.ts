import type { Hedger } from '@hedgerow/core';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { Agent, fetch as undiciFetch, request as undiciRequest, type Dispatcher } from 'undici';
import { writingDispatch, writingFetch } from './below.js';
import { failed, ok, type SoakClient } from './client.js';
import type { Contexts } from './contexts.js';
import { DRAINED } from './fates.js';
import type { Hello } from './protocol.js';
import { closeDispatcher, headersOf, urlOf } from './requests.js';

/** Of a body, while hedges may do better. */
const MOST_KEPT = 2 ** 20;

/** `below` us is what writes. */
export function fetchClient(name: string, hedger: Hedger, { here }: Contexts, below: 'a fetch' | 'a dispatcher'): SoakClient {
  let agent = new Agent();
  let dispatcher: Dispatcher = agent;
  let servers: Hello | undefined;
  const send = hedgedFetch(below === 'a fetch' ? writingFetch(here) : undiciFetch, { hedger });
  const drained = name.includes('drained') ? { [DRAINED]: '1' } : {};
  return {
    name,
    racesTo: name.includes('body') ? 'body' : 'head',
    protocol: 'http',
    redirects: 'within attempts',
    keptBytes: MOST_KEPT,
    losers: name.includes('drained') ? 'drained' : 'closed',
    hedger,
    open(hello) {
      servers = hello;
      agent = new Agent();
      dispatcher = below === 'a fetch' ? agent : agent.compose(writingDispatch(here));
    },
    async ask({ call, signal, timeoutMs }) {
      const own = timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
      try {
        const response = await send(urlOf(servers, call), { signal: own, headers: { ...headersOf(call), ...drained }, dispatcher });
        const bytes = new Uint8Array(await response.arrayBuffer());
        return response.ok ? ok(bytes) : failed(undefined, response.status, bytes);
      } catch (error) {
        return failed(error);
      }
    },
    close: () => closeDispatcher(agent),
  };
}

export function undiciClient(name: string, hedger: Hedger, { here }: Contexts): SoakClient {
  let agent = new Agent();
  let dispatcher: Dispatcher = agent;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: name.includes('body') ? 'body' : 'head',
    protocol: 'http',
    redirects: 'not at all',
    keptBytes: name.includes('body') ? Infinity : MOST_KEPT,
    losers: 'closed',
    hedger,
    open(hello) {
      servers = hello;
      agent = new Agent();
      dispatcher = agent.compose(writingDispatch(here), hedgeInterceptor({ hedger }));
    },
    async ask({ call, signal, timeoutMs }) {
      const own = timeoutMs === undefined ? signal : AbortSignal.timeout(timeoutMs);
      try {
        const { body, statusCode } = await undiciRequest(urlOf(servers, call), { signal: own, headers: headersOf(call), dispatcher });
        const bytes = new Uint8Array(await body.arrayBuffer());
        return statusCode === 200 ? ok(bytes) : failed(undefined, statusCode, bytes);
      } catch (error) {
        return failed(error);
      }
    },
    close: () => closeDispatcher(agent),
  };
}
