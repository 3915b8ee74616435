import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hedgedFetch, hedgeInfo } from '@hedgerow/fetch';

/** Node's types leave `cache` out. */
type Init = RequestInit & { readonly cache?: string };

/** Asks a wrapped `fetch` that answers hedges alone; returns the `cache` of each attempt. */
async function cachesOf(input: string | Request, init?: Init): Promise<unknown[]> {
  const caches: unknown[] = [];
  const send = (_: unknown, given?: unknown): Promise<Response> => {
    caches.push((given as Init | undefined)?.cache);
    return caches.length === 1 ? new Promise<never>(() => undefined) : Promise.resolve(new Response('from a hedge'));
  };
  const response = await hedgedFetch(send, { delay: 1, budget: false, telemetry: false })(input, init as never);
  expect(hedgeInfo(response)).toMatchObject({ winner: 1 });
  return caches;
}

function callIt(userAgent: string | undefined): void {
  Object.defineProperty(globalThis, 'navigator', { value: userAgent === undefined ? undefined : { userAgent }, configurable: true, writable: true });
}

describe('the cache of a browser', () => {
  const own = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  beforeEach(() => callIt('Mozilla/5.0 (X11; Linux x86_64) Chrome/140'));
  afterEach(() => {
    if (own === undefined) Reflect.deleteProperty(globalThis, 'navigator');
    else Object.defineProperty(globalThis, 'navigator', own);
  });

  it('is gone past by hedges: they would wait there for their primary', async () => {
    expect(await cachesOf('http://a.test/')).toEqual([undefined, 'reload']);
    expect(await cachesOf(new Request('http://a.test/'))).toEqual([undefined, 'reload']);
    expect(await cachesOf('http://a.test/', { cache: 'default' })).toEqual(['default', 'reload']);
  });

  it('is used as the caller says, if he does', async () => {
    expect(await cachesOf('http://a.test/', { cache: 'no-store' })).toEqual(['no-store', 'no-store']);
    expect(await cachesOf(new Request('http://a.test/', { cache: 'force-cache' } as Init))).toEqual([undefined, undefined]);
  });

  it.each([undefined, 'Node.js/22', 'Deno/2.9', 'Bun/1.4', 'Cloudflare-Workers'])('is none in %s', async (userAgent) => {
    callIt(userAgent);
    expect(await cachesOf('http://a.test/')).toEqual([undefined, undefined]);
  });
});
