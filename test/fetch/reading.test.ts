import { getEventListeners } from 'node:events';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { fetch as undiciFetch } from 'undici';
import { hedgedFetch } from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { until, within } from '../support/wait.js';

type Fetch = typeof globalThis.fetch;
type Body = ReadableStream<Uint8Array>;
/** Looks at a response, and leaves its body to be read by others. */
type Glance = (response: Response) => Promise<Response | Body>;
/** Reads what is left until it ends or fails. */
type Rest = (left: Response | Body) => Promise<unknown>;

const bodyOf = (left: Response | Body): Body => (left instanceof ReadableStream ? left : (left.body as Body));
const sink = (): WritableStream<Uint8Array> => new WritableStream();

async function peek(body: Body): Promise<Body> {
  const reader = body.getReader();
  await reader.read();
  reader.releaseLock();
  return body;
}

async function peekByob(body: Body): Promise<Body> {
  const reader = body.getReader({ mode: 'byob' });
  await reader.read(new Uint8Array(3));
  reader.releaseLock();
  return body;
}

const glances: Readonly<Record<string, Glance>> = {
  nothing: (response) => Promise.resolve(response),
  'a reader that lets go': (response) => peek(bodyOf(response)),
  'two readers that let go': async (response) => {
    (await peek(bodyOf(response))).getReader().releaseLock();
    return bodyOf(response);
  },
  'a reader of bytes that lets go': (response) => peekByob(bodyOf(response)),
  'a reader that lets go before it has read': (response) => {
    bodyOf(response).getReader().releaseLock();
    return Promise.resolve(response);
  },
  'an iteration that leaves the rest': async (response) => {
    const iterator = (bodyOf(response) as unknown as { values: (options: object) => AsyncIterableIterator<unknown> }).values({ preventCancel: true });
    await iterator.next();
    await iterator.return?.();
    return bodyOf(response);
  },
  'a pipe that broke off and left the rest': async (response) => {
    const controller = new AbortController();
    const full = new WritableStream<Uint8Array>({
      write: () => {
        controller.abort();
      },
    });
    await bodyOf(response).pipeTo(full, { preventCancel: true, signal: controller.signal }).catch(() => undefined);
    return bodyOf(response);
  },
  'a clone that is given up': async (response) => {
    void response.clone().body?.cancel();
    return Promise.resolve(response);
  },
  'a branch that is given up': (response) => {
    const [first, second] = bodyOf(response).tee();
    void second.cancel();
    return Promise.resolve(first);
  },
  'a clone that is used instead': (response) => Promise.resolve(response.clone()),
};

const rests: Readonly<Record<string, Rest>> = {
  'a reader': async (left) => {
    const reader = bodyOf(left).getReader();
    for (;;) if ((await reader.read()).done) break;
  },
  iteration: async (left) => {
    for await (const chunk of bodyOf(left) as unknown as AsyncIterable<unknown>) expect(chunk).toBeDefined();
  },
  pipeTo: (left) => bodyOf(left).pipeTo(sink()),
  pipeThrough: (left) => bodyOf(left).pipeThrough(new TransformStream()).pipeTo(sink()),
  tee: (left) => Promise.all(bodyOf(left).tee().map((branch) => branch.pipeTo(sink()))),
  "Node's streams": async (left) => {
    for await (const chunk of Readable.fromWeb(bodyOf(left) as never)) expect(chunk).toBeDefined();
  },
  'a Response around it': (left) => new Response(bodyOf(left)).text(),
  text: (left) => (left instanceof ReadableStream ? new Response(left).text() : left.text()),
};

/** They refuse a body of which something has been read. */
const takesUnread: readonly string[] = ['a Response around it', 'text'];

const fetches: readonly (readonly [string, Fetch])[] = [
  ["Node's fetch", globalThis.fetch],
  ["undici's fetch", undiciFetch as unknown as Fetch],
];

describe.each(fetches)('a body over %s', (_name, inner) => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  /** A response with a signal, whose body has begun and goes on. */
  async function begun(signal: AbortSignal, status = 200): Promise<{ response: Response; more: () => Promise<void> }> {
    const call = hedgedFetch(inner, { delay: 60_000, telemetry: false })(server.origin, { signal });
    const request = await server.next();
    const open = request.open({ status, headers: { 'content-type': 'text/plain' } });
    await open.write('part one');
    return {
      response: await call,
      more: async () => {
        await open.write('part two');
        open.end();
      },
    };
  }

  describe.each(Object.entries(glances))('after %s', (_glance, glance) => {
    it.each(Object.entries(rests))('still obeys the signal when it is read by %s', async (restName, rest) => {
      const controller = new AbortController();
      const { response } = await begun(controller.signal);
      const left = await glance(response);
      if (takesUnread.includes(restName) && response.bodyUsed) return;
      const reading = rest(left);
      const reason = new Error('enough');
      setTimeout(() => controller.abort(reason), 5);
      await expect(within(5_000, 'the read to fail', reading)).rejects.toMatchObject({ message: 'enough' });
    });

    it('lets the signal go once it has been read to its end', async () => {
      const { signal } = new AbortController();
      const { response, more } = await begun(signal);
      const left = await glance(response);
      // What is given up with its clone still there ends when that does.
      if (left !== response && !(left instanceof ReadableStream)) void response.body?.cancel();
      expect(getEventListeners(signal, 'abort')).toHaveLength(1);
      const reading = rests['a reader']?.(left);
      await more();
      await reading;
      await until('nobody listens', () => getEventListeners(signal, 'abort').length === 0, 1_000);
    });
  });

  it.each([404, 429, 500, 503])('of a %i obeys the signal like any other', async (status) => {
    const controller = new AbortController();
    const { response } = await begun(controller.signal, status);
    const reading = response.text();
    controller.abort(new Error('enough'));
    await expect(within(5_000, 'the read to fail', reading)).rejects.toMatchObject({ message: 'enough' });
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('of what `accept` turned down, and of a primary whose hedges failed, does too', async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const call = hedgedFetch(inner, { delay: 10, budget: false, accept: () => false, telemetry: false })(server.origin, { signal });
    const [primary, hedge] = [await server.next(), await server.next()];
    primary.open({ body: 'the beginning' });
    hedge.respond({ status: 500 });
    const reading = (await call).text();
    controller.abort(new Error('enough'));
    await expect(within(5_000, 'the read to fail', reading)).rejects.toMatchObject({ message: 'enough' });
    await within(5_000, 'the connection to close', primary.gone);
  });
});

describe('an iterator of a body', () => {
  it('gives the body up when it is stopped before it began', async () => {
    const server = await startScriptedServer();
    try {
      const { signal } = new AbortController();
      const call = hedgedFetch({ delay: 60_000 })(server.origin, { signal });
      const request = await server.next();
      request.open({ body: 'x' });
      const iterator = ((await call).body as unknown as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      await iterator.return?.();
      await within(5_000, 'the connection to close', request.gone);
      await until('nobody listens', () => getEventListeners(signal, 'abort').length === 0, 1_000);
    } finally {
      await server.close();
    }
  });
});
