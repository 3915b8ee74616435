import http, { ClientRequest, OutgoingMessage } from 'node:http';
import { Stream, Writable } from 'node:stream';
import { expect, it } from '@jest/globals';
import type { Got } from 'got';
import { until } from '../support/wait.js';
import { failure, hedgedClient, withPlayground } from './variants.js';

/** What a request is by name and by symbol, own and inherited, up to what all objects are. */
function membersOf(object: object): Set<string | symbol> {
  const members = new Set<string | symbol>();
  for (let at: object | null = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at) as object | null) {
    for (const name of Reflect.ownKeys(at)) members.add(name);
  }
  return members;
}

function read(object: object, name: string | symbol): unknown {
  return (object as Record<string | symbol, unknown>)[name];
}

/** Differ between two requests alike, or are deprecated and warn. */
const OWN_TO_EACH: readonly (string | symbol)[] = ['_headers', '_headerNames', '_events', '_eventsCount'];

withPlayground('what got’s `request` event gives out', (playground) => {
  const hedged = (): Got => hedgedClient({ delay: 60_000 });

  /** The request of a call under way, before it is answered. */
  async function shown(client: Got, path = '/hang?shown'): Promise<{ readonly request: ClientRequest; readonly end: () => Promise<void> }> {
    const before = playground().received(path);
    const stream = client.stream(`${playground().origin}${path}`, { headers: { 'X-Asked': 'yes' }, timeout: { socket: 60_000 } });
    const failed = new Promise((resolve) => stream.once('error', resolve));
    const request = await new Promise<ClientRequest>((resolve) => stream.once('request', resolve));
    await until('it has arrived', () => playground().received(path) > before);
    return {
      request,
      async end() {
        stream.destroy(new Error('enough'));
        await failed;
      },
    };
  }

  it('is a ClientRequest, and no Writable, as without hedging', async () => {
    for (const client of [hedged(), hedged().extend({ context: { hedge: false } })]) {
      const { request, end } = await shown(client);
      for (const kind of [ClientRequest, OutgoingMessage, Stream]) expect(request).toBeInstanceOf(kind);
      expect(request instanceof Writable).toBe(false);
      expect(request.constructor).toBe(http.ClientRequest);
      await end();
    }
  });

  it('has all that a ClientRequest has, own and inherited', async () => {
    const plain = await shown(hedged().extend({ context: { hedge: false } }));
    const facade = await shown(hedged());
    const different: unknown[] = [];
    for (const name of membersOf(plain.request)) {
      if (OWN_TO_EACH.includes(name)) continue;
      const [expected, seen] = [read(plain.request, name), read(facade.request, name)];
      const isSame = typeof seen === typeof expected && (typeof expected === 'object' ? (seen === null) === (expected === null) : true);
      const isEqual = typeof expected !== 'string' && typeof expected !== 'number' && typeof expected !== 'boolean' ? true : seen === expected;
      if (!isSame || !isEqual || (typeof name === 'string' && !(name in facade.request))) different.push([name, typeof expected, typeof seen, String(expected), String(seen)]);
    }
    expect(different).toEqual([]);
    await plain.end();
    await facade.end();
  });

  it('answers and obeys as the request that is shown', async () => {
    const { request, end } = await shown(hedged());
    expect(request.getHeader('x-asked')).toBe('yes');
    expect(request.getHeaderNames()).toContain('x-asked');
    expect(request.hasHeader('X-ASKED')).toBe(true);
    expect([request.method, request.path, request.host]).toEqual(['GET', '/hang?shown', '127.0.0.1']);
    expect(request.headersSent).toBe(true);
    expect(() => request.setHeader('x-late', '1')).toThrow('after they are sent');
    expect(request.setTimeout(50_000)).toBe(request);
    request.setNoDelay(true);
    request.maxHeadersCount = 7;
    expect(request.maxHeadersCount).toBe(7);
    expect([request.destroyed, request.writableEnded, read(request, 'finished'), request.closed, request.errored]).toEqual([false, true, true, false, null]);
    const mine = Symbol('mine');
    Object.assign(request, { [mine]: 1 });
    expect(read(request, mine)).toBe(1);
    await end();
    await until('it is closed', () => request.closed);
    expect(request.destroyed).toBe(true);
  });

  it('can be destroyed by whoever gets it, which fails the call as without hedging', async () => {
    for (const way of ['destroy', 'abort'] as const) {
      const errors: unknown[] = [];
      for (const client of [hedged(), hedged().extend({ context: { hedge: false } })]) {
        const call = client(`${playground().origin}/hang?${way}`);
        void call.on('request', (request) => void setTimeout(() => request[way](), 20));
        errors.push(await failure(call));
      }
      expect(errors[0]).toEqual(errors[1]);
      expect(errors[0]).toMatchObject({ code: 'ECONNRESET' });
    }
  });
});
