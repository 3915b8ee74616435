import { defaultMaxListeners, getEventListeners, getMaxListeners, setMaxListeners } from 'node:events';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Agent, fetch as undiciFetch, request, Request as UndiciRequest } from 'undici';
import { hedgedFetch, hedgeInterceptor, type FetchHedgeOptions } from '@hedgerow/fetch';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { until, within } from '../support/wait.js';
import { countAlive } from '../support/witness.js';

type Ask = (url: string, signal: AbortSignal) => Promise<{ readonly text: () => Promise<string> }>;

const never: FetchHedgeOptions = { delay: 60_000, telemetry: false };
const hedged = hedgedFetch(never);
const viaUndici = hedgedFetch(undiciFetch, never);
const agent = new Agent();
const dispatcher = agent.compose(hedgeInterceptor(never));
afterAll(() => agent.destroy());

const clients: Readonly<Record<string, Ask>> = {
  'one hedgedFetch': (url, signal) => hedged(url, { signal }),
  "one hedgedFetch over undici's": (url, signal) => viaUndici(url, { signal }),
  'a hedgedFetch for each call': (url, signal) => hedgedFetch(never)(url, { signal }),
  'hedge: false': (url, signal) => hedged(url, { signal, hedge: false }),
  'undici.request': async (url, signal) => (await request(url, { dispatcher, signal })).body,
};

describe.each(Object.entries(clients))('a signal of many calls, by %s', (name, ask) => {
  let server: ScriptedServer;
  let warnings: string[];
  const process_ = (setImmediate.constructor as (code: string) => () => NodeJS.Process)('return process')();
  const onWarning = (warning: Error): void => void warnings.push(warning.name);
  beforeEach(async () => {
    server = await startScriptedServer();
    warnings = [];
    process_.on('warning', onWarning);
  });
  afterEach(async () => {
    process_.off('warning', onWarning);
    await server.close();
  });

  const count = 30;
  const start = (signal: AbortSignal): Promise<{ readonly text: () => Promise<string> }>[] => Array.from({ length: count }, () => ask(server.origin, signal));

  it('warns of nothing, and has no listener when all have ended', async () => {
    const { signal } = new AbortController();
    const calls = start(signal);
    await until('all have come', () => server.requests.length === count);
    const listeners = getEventListeners(signal, 'abort').length;
    if (name.startsWith('one')) expect(listeners).toBe(1);
    else expect(listeners).toBeLessThanOrEqual(getMaxListeners(signal) || Infinity);
    for (const each of server.requests) each.respond({ body: 'x' });
    for (const call of calls) expect(await (await call).text()).toBe('x');
    await until('nobody listens', () => name === 'hedge: false' || getEventListeners(signal, 'abort').length === 0, 1_000);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(warnings).toEqual([]);
  });

  it('ends all of them, those under way and those whose body is being read', async () => {
    const controller = new AbortController();
    const calls = start(controller.signal);
    await until('all have come', () => server.requests.length === count);
    for (const each of server.requests.slice(0, count / 2)) each.open({ body: 'begun' });
    const settled = Promise.allSettled(calls.map(async (call) => (await call).text()));
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(new Error('enough'));
    for (const outcome of await settled) expect(outcome).toMatchObject({ status: 'rejected', reason: { message: 'enough' } });
    await Promise.all(server.requests.map(({ gone }) => gone));
    await until('nobody listens', () => getEventListeners(controller.signal, 'abort').length === 0, 1_000);
  });
});

describe('a signal', () => {
  it('of whose listeners somebody set the number himself keeps that', async () => {
    const { signal } = new AbortController();
    setMaxListeners(defaultMaxListeners + 3, signal);
    const server = await startScriptedServer();
    server.script((received) => received.respond({ body: 'x' }));
    for (const ask of Object.values(clients)) await (await ask(server.origin, signal)).text();
    expect(getMaxListeners(signal)).toBe(defaultMaxListeners + 3);
    await server.close();
  });

  it('of whose listeners somebody lifted the number is followed like any other', async () => {
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const server = await startScriptedServer();
    const call = hedged(server.origin, { signal: controller.signal });
    await server.next();
    controller.abort(new Error('enough'));
    await expect(call).rejects.toThrow('enough');
    await server.close();
  });
});

const platforms = [["Node's", globalThis.fetch, Request], ["undici's", undiciFetch, UndiciRequest]] as unknown as readonly [string, typeof globalThis.fetch, typeof Request][];

describe.each(platforms)('a Request that nobody holds any more, by %s fetch', (_name, inner, Make) => {
  it('ends the body of its response when its signal aborts', async () => {
    const server = await startScriptedServer();
    const controller = new AbortController();
    const call = hedgedFetch(inner, never)(new Make(server.origin, { signal: controller.signal }));
    await (await server.next()).open().write('a beginning');
    const response = await call;
    await countAlive([new WeakRef({})]);
    controller.abort();
    await expect(within(5_000, 'the end of the reading', response.text())).rejects.toMatchObject({ name: 'AbortError' });
    await server.close();
  });
});
