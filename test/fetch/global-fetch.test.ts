import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';
import nock from 'nock';
import { startScriptedServer, type ScriptedServer } from '../support/scripted-server.js';
import { take } from '../contract/stage.js';
import { within } from '../support/wait.js';

type Fetch = typeof globalThis.fetch;

const eager = { delay: 10, budget: false } as const;
let server: ScriptedServer;
nock.restore(); // it is active once it is imported
const original = globalThis.fetch;

beforeEach(async () => {
  server = await startScriptedServer();
});

afterEach(async () => {
  globalThis.fetch = original;
  await server.close();
});

/** Patches the global `fetch` as mocks and frameworks do: it answers what it knows, and asks what it found there for the rest. */
function patch(): { seen: RequestInit[]; restore: () => void } {
  const found = globalThis.fetch;
  const seen: RequestInit[] = [];
  globalThis.fetch = async (input, init) => {
    seen.push(init ?? {});
    await Promise.resolve();
    return (input as string).startsWith('https://mocked.test') ? new Response('mocked') : found(input, init);
  };
  return { seen, restore: () => void (globalThis.fetch = found) };
}

async function answered(call: Promise<Response>): Promise<string> {
  const response = await within(5_000, 'the answer', call);
  return response.text();
}

/** How many requests of a call that is slow reach the server. */
async function attemptsOf(fetch: Fetch): Promise<number | undefined> {
  const call = fetch(`${server.origin}/slow`);
  const [, hedge] = await take(server, 2);
  hedge.respond({ body: 'hedge' });
  const response = await within(5_000, 'the answer', call);
  expect(await response.text()).toBe('hedge');
  return hedgeInfo(response)?.attempts;
}

describe('hedgedFetch() without a fetch', () => {
  it('calls what is patched over the global one later, and hedges it', async () => {
    const hedged = hedgedFetch(eager);
    const { seen } = patch();
    expect(await answered(hedged('https://mocked.test/'))).toBe('mocked');
    expect(await attemptsOf(hedged)).toBe(2);
    expect(seen).toHaveLength(3);
    expect(server.requests).toHaveLength(2);
  });

  it('calls what was there again once the patch is gone', async () => {
    const hedged = hedgedFetch(eager);
    const { seen, restore } = patch();
    restore();
    expect(await attemptsOf(hedged)).toBe(2);
    expect(seen).toEqual([]);
  });

  it('calls nock, which was activated later, and what was there again once that is restored', async () => {
    nock.restore();
    const hedged = hedgedFetch(eager);
    nock.activate();
    try {
      nock('https://mocked.test').get('/').reply(200, 'mocked');
      expect(await answered(hedged('https://mocked.test/'))).toBe('mocked');
      expect(await attemptsOf(hedged)).toBe(2);
    } finally {
      nock.restore();
    }
    expect(await attemptsOf(hedged)).toBe(2);
  });

  it('stands in for the global one: what is patched over it ends, and is hedged once', async () => {
    const hedged = (globalThis.fetch = hedgedFetch(eager));
    const { seen } = patch();
    expect(await attemptsOf(hedged)).toBe(2);
    expect(seen).toHaveLength(2); // the primary, and the hedge
    expect(server.requests).toHaveLength(2);
    expect(await answered(hedged('https://mocked.test/'))).toBe('mocked');
  });

  it('is hedged by the one below when the patch itself is called', async () => {
    globalThis.fetch = hedgedFetch(eager);
    const { seen } = patch();
    const call = globalThis.fetch(`${server.origin}/slow`);
    const [primary] = await take(server, 2);
    primary.respond({ body: 'primary' });
    expect(await answered(call)).toBe('primary');
    // Its hedged original has called it for each attempt.
    expect(seen).toHaveLength(3);
    expect(server.requests).toHaveLength(2);
  });

  it.each<[string, () => Fetch]>([
    ['hedgedFetch()', () => hedgedFetch(eager)],
    ['hedgedFetch(globalThis.fetch)', () => hedgedFetch(globalThis.fetch, eager)],
  ])('of two that are hedged, one below a patch, one alone hedges: %s', async (_name, below) => {
    globalThis.fetch = below();
    const hedged = hedgedFetch(eager);
    patch();
    expect(await attemptsOf(hedged)).toBe(2);
    expect(server.requests).toHaveLength(2);
  });

  it('of two that are hedged, none hedges the other', async () => {
    const first = hedgedFetch(eager);
    globalThis.fetch = first;
    expect(await attemptsOf(hedgedFetch(eager))).toBe(2);
    expect(await attemptsOf(hedgedFetch(first, eager))).toBe(2);
    expect(server.requests).toHaveLength(4);
  });

  it('hedges what is called in the context of a patched call that has ended', async () => {
    const hedged = hedgedFetch(eager);
    let inContext: (<R>(run: () => R) => R) | undefined;
    globalThis.fetch = () => {
      inContext = AsyncLocalStorage.snapshot();
      return Promise.resolve(new Response('mocked'));
    };
    await hedged('https://mocked.test/');
    globalThis.fetch = original;
    const call = inContext?.(() => attemptsOf(hedged));
    expect(await call).toBe(2);
  });

  it('hands on what is thrown at once, and hedges again after it', async () => {
    const hedged = hedgedFetch(eager);
    globalThis.fetch = () => {
      throw new TypeError('patched badly');
    };
    await expect(hedged('https://mocked.test/', { hedge: false })).rejects.toThrow('patched badly');
    globalThis.fetch = original;
    expect(await attemptsOf(hedged)).toBe(2);
  });

  it('keeps to what it found where there is nothing else', async () => {
    const hedged = hedgedFetch(eager);
    (globalThis as { fetch: unknown }).fetch = undefined;
    expect(await attemptsOf(hedged)).toBe(2);
  });

  it('leaves one that is given alone', async () => {
    const hedged = hedgedFetch(original, eager);
    const { seen } = patch();
    expect(await attemptsOf(hedged)).toBe(2);
    expect(seen).toEqual([]);
  });

  it('has the name and the length of the global one', () => {
    const { name, length } = hedgedFetch();
    expect([name, length]).toEqual([original.name, original.length]);
  });
});

describe('frameworks that keep answers while a page is rendered', () => {
  it('see no signal in a request with `hedge: false`, and every other member', async () => {
    const hedged = hedgedFetch(eager);
    const { seen } = patch();
    const init = { hedge: false, next: { revalidate: 60 }, cache: 'force-cache' } as const;
    await hedged('https://mocked.test/', init);
    await hedged('https://mocked.test/', { hedge: false });
    expect(seen).toEqual([{ next: { revalidate: 60 }, cache: 'force-cache' }, {}]);
  });
});
