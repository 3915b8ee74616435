import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import axios from 'axios';
import got from 'got';
import { Agent, request } from 'undici';
import { hedgeInfo, type HedgerOptions, type HedgeInfo } from '@hedgerow/core';
import { graphql } from '@hedgerow/core/describe';
import { hedgedAdapter } from '@hedgerow/axios';
import { hedgedFetch, hedgeInterceptor } from '@hedgerow/fetch';
import { createHedgePlugin } from '@hedgerow/got';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';

/** What is sent: a document, and what goes with it. */
interface Sent {
  readonly query: string;
  readonly variables?: object;
}

type Send = (url: string, sent: Sent) => Promise<unknown>;

const OPTIONS: HedgerOptions = { describe: graphql(), delay: 10, budget: false };
const JSON_TYPE = { 'content-type': 'application/json' };
const bytesOf = (sent: Sent): Uint8Array => new TextEncoder().encode(JSON.stringify(sent));
const textOf = (sent: Sent): string => JSON.stringify(sent);

const client = axios.create({ adapter: hedgedAdapter({ ...OPTIONS, telemetry: false }), proxy: false });
const viaFetch = axios.create({ adapter: hedgedAdapter({ ...OPTIONS, adapter: 'fetch', telemetry: false }) });
const instance = got.extend(createHedgePlugin({ ...OPTIONS, telemetry: false }), { retry: { limit: 0 } });
const fetch = hedgedFetch({ ...OPTIONS, telemetry: false });
const dispatcher = new Agent().compose(hedgeInterceptor({ ...OPTIONS, telemetry: false }));
const post = { method: 'POST', headers: JSON_TYPE };

/** Every way in which a client takes a body that can be sent again. */
const forms: Readonly<Record<string, Send>> = {
  'axios, an object': (url, sent) => client.post(url, sent),
  'axios, a text': (url, sent) => client.post(url, textOf(sent), { headers: JSON_TYPE }),
  'axios, bytes': (url, sent) => client.post(url, bytesOf(sent), { headers: JSON_TYPE }),
  'axios, a buffer': (url, sent) => client.post(url, Buffer.from(textOf(sent)), { headers: JSON_TYPE }),
  'axios, a form': (url, { query }) => client.post(url, new URLSearchParams({ query })),
  'axios, params': (url, { query }) => client.get(url, { params: { query } }),
  'axios by fetch, an object': (url, sent) => viaFetch.post(url, sent),
  'got, json': (url, sent) => instance.post(url, { json: sent }),
  'got, a text': (url, sent) => instance.post(url, { body: textOf(sent), headers: JSON_TYPE }),
  'got, a buffer': (url, sent) => instance.post(url, { body: Buffer.from(textOf(sent)), headers: JSON_TYPE }),
  'got, a form': (url, { query }) => instance.post(url, { form: { query } }),
  'got, searchParams': (url, { query }) => instance.get(url, { searchParams: { query } }),
  'fetch, a text': (url, sent) => fetch(url, { ...post, body: textOf(sent) }),
  'fetch, bytes': (url, sent) => fetch(url, { ...post, body: bytesOf(sent) as Uint8Array<ArrayBuffer> }),
  'fetch, a buffer': (url, sent) => fetch(url, { ...post, body: bytesOf(sent).buffer as ArrayBuffer }),
  'fetch, a form': (url, { query }) => fetch(url, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: new URLSearchParams({ query }) }),
  'fetch, a Request and the body beside it': (url, sent) => fetch(new Request(url, post), { body: textOf(sent) }),
  'undici, a text': (url, sent) => contextOf(request(url, { ...post, method: 'POST', body: textOf(sent), dispatcher })),
  'undici, bytes': (url, sent) => contextOf(request(url, { ...post, method: 'POST', body: bytesOf(sent), dispatcher })),
};

/** What cannot be read without taking it from whoever sends it. */
const unread: Readonly<Record<string, Send>> = {
  'fetch, the body of a Request': (url, sent) => fetch(new Request(url, { ...post, body: textOf(sent) })),
  'fetch, a Blob': (url, sent) => fetch(url, { ...post, body: new Blob([textOf(sent)]) }),
  'axios, a stream': (url, sent) => client.post(url, new Response(textOf(sent)).body, { headers: JSON_TYPE, adapter: viaFetch.defaults.adapter ?? [] }),
};

/** undici tells by the context of a request. */
async function contextOf(sent: Promise<{ readonly context: object; readonly body: { dump(): Promise<unknown> } }>): Promise<object> {
  const { context, body } = await sent;
  await body.dump();
  return context;
}

describe('what a client sends is described', () => {
  let server: ScriptedServer;
  let received: number;
  beforeEach(async () => {
    server = await startScriptedServer();
    received = 0;
    // The first of two is the slow one.
    server.script((asked) => {
      if (received++ > 0) asked.respond();
      else setTimeout(() => asked.respond(), 100);
    });
  });
  afterEach(() => server.close());

  const infoOf = async (send: Send, query: string): Promise<HedgeInfo | undefined> => hedgeInfo(await send(`${server.origin}/graphql`, { query, variables: { text: 'é🎉' } }));

  it.each(Object.entries(forms))('%s: a query has a copy, with the same body; a mutation has none', async (name, send) => {
    expect(await infoOf(send, 'query Items { items(text: "mutation é🎉") }')).toMatchObject({ eligible: true, attempts: 2, isHedge: true });
    const bodies = await Promise.all(server.requests.map(async (asked) => ({ path: asked.path, body: (await asked.body).toString() })));
    expect(bodies[1]).toEqual(bodies[0]);
    const written = bodies[0] === undefined ? '' : decodeURIComponent((bodies[0].path + bodies[0].body).replaceAll('+', ' '));
    expect(written.replaceAll('\\', '')).toContain('"mutation é🎉"');
    received = 0;
    expect(await infoOf(send, 'mutation Pay { pay }')).toMatchObject({ eligible: false, ineligibleReason: 'operation', attempts: 1 });
    expect({ name, received }).toEqual({ name, received: 1 });
  });

  it.each(Object.entries(unread))('%s: is not read, and sent once', async (_, send) => {
    const info = await infoOf(send, '{ items }');
    expect(info).toMatchObject({ eligible: false, attempts: 1 });
    expect(['body_not_replayable', 'operation']).toContain(info?.ineligibleReason);
    expect((await server.requests[0]?.body)?.toString()).toContain('{ items }');
    expect(received).toBe(1);
  });
});
