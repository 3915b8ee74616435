import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nodeFetch from 'node-fetch';
import { fetch as undiciFetch } from 'undici';
import { hedgedFetch } from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { until, within } from '../support/wait.js';

type Fetch = typeof globalThis.fetch;
type Use = (response: Response) => unknown;

const sink = (): WritableStream => new WritableStream();

/** Ways to use a body up, or to give it up. */
const uses: Readonly<Record<string, Use>> = {
  text: (response) => response.text(),
  arrayBuffer: (response) => response.arrayBuffer(),
  blob: (response) => response.blob(),
  json: (response) => response.json().catch(() => undefined),
  'a reader': async (response) => {
    const reader = response.body?.getReader();
    while ((await reader?.read())?.done === false);
  },
  'a reader that lets go, and another': async (response) => {
    const first = response.body?.getReader();
    await first?.read();
    first?.releaseLock();
    const second = response.body?.getReader();
    while ((await second?.read())?.done === false);
  },
  iteration: async ({ body }) => {
    let bytes = 0;
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) bytes += chunk.length;
    expect(bytes).toBe(4);
  },
  'iteration that breaks off': async ({ body }) => {
    for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) if (chunk.length > 0) break;
  },
  pipeTo: (response) => response.body?.pipeTo(sink()),
  pipeThrough: (response) => response.body?.pipeThrough(new TransformStream()).pipeTo(sink()),
  cancel: (response) => response.body?.cancel(),
  'cancel by a reader': (response) => response.body?.getReader().cancel(),
  tee: (response) => Promise.all(response.body?.tee().map((branch) => branch.pipeTo(sink())) ?? []),
  clone: async (response) => {
    const clone = response.clone();
    await response.text();
    await clone.text();
  },
  'clone of a body that was looked at': async (response) => {
    expect(response.body?.locked).toBe(false);
    const clone = response.clone();
    await clone.body?.pipeTo(sink());
    await response.body?.pipeTo(sink());
  },
};

describe.each([
  ["Node's fetch", globalThis.fetch],
  ["undici's fetch", undiciFetch as unknown as Fetch],
])("the caller's signal over %s", (_name, inner) => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  describe.each(['headers', 'firstChunk'] as const)('racing to %s', (raceUntil) => {
    it.each(Object.entries(uses))('is let go of when the body has been used by %s', async (_use, use) => {
      const { signal } = new AbortController();
      const call = hedgedFetch(inner, { raceUntil })(server.origin, { signal });
      const answer = (await server.next()).open({ body: '"x' });
      const response = await call;
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      const used = use(response);
      await answer.write('y"');
      answer.end();
      await used;
      await until('nobody listens', () => getEventListeners(signal, 'abort').length === 0, 1_000);
    });

    it('is obeyed while the body is read, with its own reason', async () => {
      const controller = new AbortController();
      const call = hedgedFetch(inner, { raceUntil })(server.origin, { signal: controller.signal });
      const request = await server.next();
      await request.open().write('x');
      const reading = (await call).text();
      const reason = new Error('enough');
      controller.abort(reason);
      await expect(reading).rejects.toMatchObject({ message: 'enough' });
      await within(5_000, 'the connection to close', request.gone);
      await until('nobody listens', () => getEventListeners(controller.signal, 'abort').length === 0, 1_000);
    });

    it('is obeyed when only the stream, or a reader of it, is left of the response', async () => {
      const controller = new AbortController();
      const call = hedgedFetch(inner, { raceUntil })(server.origin, { signal: controller.signal });
      const request = await server.next();
      await request.open().write('x');
      const reader = (await call).body?.getReader();
      await reader?.read();
      await new Promise((resolve) => setTimeout(resolve, 10));
      globalThis.gc?.();
      controller.abort();
      await expect(reader?.read()).rejects.toMatchObject({ name: 'AbortError' });
      await within(5_000, 'the connection to close', request.gone);
    });
  });

  it('rejects with the very reason before the response has come', async () => {
    const controller = new AbortController();
    const reason = { my: 'reason' };
    const call = hedgedFetch(inner)(server.origin, { signal: controller.signal });
    await server.next();
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    await expect(hedgedFetch(inner)(server.origin, { signal: controller.signal })).rejects.toBe(reason);
  });

  it('is watched by a response that is still what it was', async () => {
    server.script((request) => request.respond({ body: 'x' }));
    const { signal } = new AbortController();
    const plain = await inner(server.origin);
    const response = await hedgedFetch(inner)(server.origin, { signal });
    expect(response).toBeInstanceOf(plain.constructor);
    expect(Object.keys(response)).toEqual(Object.keys(plain));
    expect(response.body).toBe(response.body);
    expect(response.body).toBeInstanceOf(ReadableStream);
    expect(response.type).toBe(plain.type);
    expect(await response.text()).toBe('x');
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toMatchObject({ name: 'TypeError' });
  });
});

describe('node-fetch', () => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  it.each(['headers', 'firstChunk', 'body'] as const)('is hedged, racing to %s', async (raceUntil) => {
    const { signal } = new AbortController();
    const call = hedgedFetch(nodeFetch, { delay: 10, budget: false, raceUntil })(`${server.origin}/x`, { signal });
    const primary = await server.next();
    const hedge = await server.next();
    hedge.respond({ body: 'hedge', headers: { 'x-from': 'hedge' } });
    const response = await call;
    expect([response.url, response.status, response.headers.get('x-from')]).toEqual([`${server.origin}/x`, 200, 'hedge']);
    expect(await response.text()).toBe('hedge');
    await within(5_000, 'the primary to be closed', primary.gone);
    await until('nobody listens', () => getEventListeners(signal, 'abort').length === 0, 1_000);
  });
});
