import { Agent } from 'node:http';
import type { Hedger } from '@hedgerow/core';
import { createHedgePlugin } from '@hedgerow/got';
import got, { HTTPError, type Got } from 'got';
import { WritingAgent, writingRequest } from './below.js';
import { failed, ok, type SoakClient } from './client.js';
import type { Contexts } from './contexts.js';
import type { Hello } from './protocol.js';
import { closeAgent, headersOf, MOST_REDIRECTS, urlOf } from './requests.js';

/** `below` us is what writes. */
export function gotClient(name: string, hedger: Hedger, { here }: Contexts, below: 'an agent' | 'a function'): SoakClient {
  let agent = new Agent();
  let client: Got;
  let servers: Hello | undefined;
  return {
    name,
    racesTo: name.includes('body') ? 'body' : 'head',
    protocol: 'http',
    redirects: 'as calls',
    // A body that has been read is here.
    keptBytes: name.includes('body') ? Infinity : 65_536,
    losers: 'closed',
    hedger,
    open(hello) {
      servers = hello;
      agent = below === 'an agent' ? new WritingAgent(here, { keepAlive: true }) : new Agent({ keepAlive: true });
      client = got.extend(createHedgePlugin({ hedger }), { agent: { http: agent }, ...(below === 'a function' ? { request: writingRequest(here) } : {}), retry: { limit: 0 }, maxRedirects: MOST_REDIRECTS });
    },
    async ask({ call, signal, timeoutMs }) {
      const timeout = timeoutMs === undefined ? {} : { timeout: { request: timeoutMs } };
      try {
        return ok(await client(urlOf(servers, call), { signal, headers: headersOf(call), ...timeout }).buffer());
      } catch (error) {
        return error instanceof HTTPError ? failed(error, error.response.statusCode, error.response.rawBody) : failed(error);
      }
    },
    close: () => closeAgent(agent),
  };
}
