import http from 'node:http';
import https from 'node:https';
import { connect } from 'node:net';
import { expect, it } from '@jest/globals';
import type { ExtendOptions, Response } from 'got';
import { Cookie, CookieJar } from 'tough-cookie';
import { hedgeInfo } from '@hedgerow/got';
import { until } from '../support/wait.js';
import { without } from './routes.js';
import { hedgedClient, sameAsPlain, visible, withPlayground, wonByHedge } from './variants.js';

withPlayground('between got and the network', (playground) => {
  sameAsPlain(
    'http2: true',
    playground,
    async ({ make, playground: { http2Origin }, isWon }) => {
      const client = make({ http2: true });
      const response = await client(`${http2Origin}/echo`);
      if (isWon) expect(wonByHedge(response)).toBe(true);
      const packed = await client(`${http2Origin}/packed/br`);
      const redirected = await client(`${http2Origin}/redirect?to={http}/echo`);
      return [without(visible(response), 'timings'), packed.body, redirected.url];
    },
    { check: (outcome) => expect(outcome).toMatchObject([{ httpVersion: '2.0' }, '{"packed":true}', `${playground().origin}/echo`]) },
  );

  sameAsPlain('http2: true with a server of HTTP/1.1', playground, async ({ make, playground: { tlsOrigin } }) => {
    const response = await make({ http2: true })(`${tlsOrigin}/echo`);
    return without(visible(response), 'timings'); // which call's connection is new depends on who asked first what the server speaks
  }, {
    check: (outcome) => expect(outcome).toMatchObject({ httpVersion: '1.1' }),
  });

  sameAsPlain(
    'a body over http2: true',
    playground,
    async ({ make, playground: { http2Origin } }) => {
      const response = await make({ http2: true, context: { hedge: { methods: ['PUT'] } } }).put(`${http2Origin}/echo`, { json: { a: 1 } });
      return JSON.parse(response.body) as unknown;
    },
    { check: (outcome) => expect(outcome).toMatchObject({ version: '2.0', body: btoa('{"a":1}') }) },
  );

  sameAsPlain('a unix socket', playground, async ({ make, playground: { socketPath } }) => {
    const client = make({ enableUnixSockets: true });
    return visible(await client(`unix:${socketPath}:/echo?a=1`));
  });

  sameAsPlain('agents that keep connections alive', playground, async ({ make, playground: { origin, tlsOrigin } }) => {
    const agent = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
    const client = make({ agent });
    const seen = [];
    for (const place of [origin, tlsOrigin, origin, tlsOrigin]) seen.push(visible(await client(`${place}/echo`)));
    agent.http.destroy();
    agent.https.destroy();
    return seen;
  });

  it('reuses the connections of winners', async () => {
    const agent = { http: new http.Agent({ keepAlive: true, maxSockets: 2 }) };
    const client = hedgedClient({ delay: 60_000 }, { agent });
    playground().clear();
    for (let call = 0; call < 5; call++) await client(`${playground().origin}/text/${call}`);
    expect(new Set(playground().arrivals.map(({ port }) => port)).size).toBe(1);
    agent.http.destroy();
  });

  sameAsPlain('createConnection', playground, async ({ make, playground: { origin } }) => {
    const ports: unknown[] = [];
    const createConnection: NonNullable<ExtendOptions['createConnection']> = (options) => {
      ports.push(options.port);
      return connect({ port: Number(options.port), host: '127.0.0.1' });
    };
    const response = await make({ createConnection, agent: { http: false } })(`${origin}/text/hi`);
    return [response.body, new Set(ports).size];
  });

  sameAsPlain(
    'a cookie jar, over redirects',
    playground,
    async ({ make, playground: { origin } }) => {
      const cookieJar = new CookieJar();
      await cookieJar.setCookie(new Cookie({ key: 'own', value: '1' }), origin);
      const client = make({ cookieJar: cookieJar as never });
      await client(`${origin}/cookie/a=1`);
      const response = await client(`${origin}/redirect`);
      return [visible(response), (await cookieJar.getCookieString(origin)).split('; ').sort()];
    },
    { check: (outcome) => expect(outcome).toMatchObject([{}, ['a=1', 'hop=1', 'own=1']]) },
  );

  sameAsPlain(
    'a cache',
    playground,
    async ({ make, playground: { origin } }) => {
      const cache = new Map();
      const client = make({ cache });
      const answers = [];
      for (let call = 0; call < 3; call++) answers.push(visible(await client(`${origin}/cached/${call < 2 ? 'one' : 'two'}`)));
      return answers;
    },
    {
      check: (outcome) => expect(outcome).toMatchObject([{ isFromCache: false }, { isFromCache: true, body: 'answer 1' }, { isFromCache: false }]),
      countsCopies: true,
    },
  );

  sameAsPlain(
    'a cache that asks again',
    playground,
    async ({ make, playground: { origin } }) => {
      const client = make({ cache: new Map() });
      return [visible(await client(`${origin}/etag`)), visible(await client(`${origin}/etag`)), (await client(`${origin}/packed/gzip`)).body];
    },
    {
      check(outcome) {
        expect(outcome).toMatchObject([{ isFromCache: false }, { isFromCache: true, body: 'tagged', statusCode: 200 }, '{"packed":true}']);
      },
    },
  );

  sameAsPlain('a cache over http2', playground, async ({ make, playground: { http2Origin } }) => {
    const client = make({ cache: new Map(), http2: true });
    return [(await client(`${http2Origin}/cached/h2`)).body, (await client(`${http2Origin}/cached/h2`)).isFromCache];
  }, { check: (outcome) => expect(outcome).toEqual(['answer 1', true]), countsCopies: true });

  it('tells of a cached call what it knows', async () => {
    const client = hedgedClient({ delay: 60_000 }, { cache: new Map() });
    const [first, second] = [await client(`${playground().origin}/cached/told`), await client(`${playground().origin}/cached/told`)];
    expect(hedgeInfo(first)).toMatchObject({ eligible: true, attempts: 1 });
    expect(second.isFromCache).toBe(true);
    expect(hedgeInfo(second)).toBeUndefined();
  });

  sameAsPlain(
    'retries of got',
    playground,
    async ({ make, playground: { origin } }) => {
      const retries: unknown[] = [];
      const hooks: ExtendOptions['hooks'] = { beforeRetry: [(error, count) => void retries.push([error.code, count])] };
      const client = make({ retry: { limit: 3, backoffLimit: 1 }, hooks });
      const response = await client(`${origin}/flaky/2`);
      return [visible(response), retries];
    },
    {
      check(outcome) {
        const code = 'ERR_NON_2XX_3XX_RESPONSE';
        expect(outcome).toMatchObject([{ body: 'up', retryCount: 2 }, [[code, 1], [code, 2]]]);
      },
      fails: true,
      countsCopies: true,
    },
  );

  sameAsPlain(
    'pagination',
    playground,
    async ({ make, playground: { origin } }) => {
      const items: unknown[] = [];
      for await (const item of make().paginate(`${origin}/page/0`, { responseType: 'json' })) items.push(item);
      return items;
    },
    { check: (outcome) => expect(outcome).toEqual([10, 11, 20, 21, 30, 31, 40, 41]) },
  );

  it('draws retries, redirects and pages from one budget, as calls of their own', async () => {
    const completed: string[] = [];
    const client = hedgedClient({
      delay: 0,
      budget: { ratio: 0.1, burst: 2 },
      onComplete: ({ request }) => void completed.push(request.url),
    });
    await client(`${playground().origin}/redirect?to=/redirect?to=/echo`);
    expect(completed).toHaveLength(3);
    expect(playground().received('/echo')).toBeLessThanOrEqual(2);
  });

  sameAsPlain('a request function of the user', playground, async ({ make, playground: { origin } }) => {
    const seen: string[] = [];
    const request: NonNullable<ExtendOptions['request']> = (url, options, callback) => {
      seen.push(`${url.protocol}//`);
      return (url.protocol === 'https:' ? https : http).request(url, options, callback);
    };
    const response = await make({ request })(`${origin}/redirect?to={https}/echo`);
    return [visible(response), [...new Set(seen)]];
  }, { check: (outcome) => expect(outcome).toMatchObject([{ requestFunction: 'function' }, ['http://', 'https://']]) });

  sameAsPlain('a request function that gives a promise', playground, async ({ make, playground: { origin } }) => {
    const response = await make({ request: async (url, options) => Promise.resolve(http.request(url, options)) })(`${origin}/echo`);
    return visible(response);
  });

  sameAsPlain('a request function that gives nothing', playground, async ({ make, playground: { origin } }) => {
    const client = make({ request: () => undefined });
    return visible(await client(`${origin}/echo`));
  });

  sameAsPlain('a request function that gives a response', playground, async ({ make, playground: { origin } }) => {
    const request = (url: URL): Promise<http.IncomingMessage> =>
      new Promise((resolve, reject) => http.get(`${url.href}?given`, resolve).on('error', reject));
    const response = await make({ request })(`${origin}/echo`);
    return (JSON.parse(response.body) as { url: unknown }).url;
  }, { check: (outcome) => expect(outcome).toBe('/echo?given') });

  sameAsPlain('a hook that answers itself', playground, async ({ make, playground: { origin } }) => {
    const hook = async (): Promise<Response> => new Promise((resolve) => http.get(`${origin}/text/itself`, resolve as never));
    return (await make({ hooks: { beforeRequest: [hook] }, context: { hedge: false } })(`${origin}/echo`)).body;
  }, { check: (outcome) => expect(outcome).toBe('itself'), fails: true });

  it('closes the connection of a loser, and drains it when told to', async () => {
    const [aborting, draining] = [hedgedClient({ delay: 5 }), hedgedClient({ delay: 5, losers: 'drain' })];
    playground().answered = 'second';
    await aborting(`${playground().origin}/text/abort`);
    await draining(`${playground().origin}/text/drain`);
    playground().answered = 'all';
    const losers = (path: string) => playground().arrivals.filter((arrival) => arrival.path === path && arrival.isGone).length;
    await until('the loser is closed', () => losers('/text/abort') === 1);
    expect(losers('/text/drain')).toBe(0);
  });

  it('gives a hedge that wins its own timings, from the start of the call', async () => {
    playground().answered = 'second';
    const response = await hedgedClient({ delay: 100 }, { agent: { https: new https.Agent() } })(`${playground().tlsOrigin}/text/timed`);
    playground().answered = 'all';
    expect(wonByHedge(response)).toBe(true);
    const { phases, start, socket, lookup, connect: connected, secureConnect, upload, response: head, end } = response.timings;
    const order = [start, socket, lookup, connected, secureConnect, upload, head, end].map(Number);
    expect(order).toEqual([...order].sort((a, b) => a - b));
    expect(phases.wait).toBeGreaterThanOrEqual(95);
    expect(phases.firstByte).toBeLessThan(95);
    expect(phases.total).toBe(Number(end) - start);
    expect(response.ip).toBe('127.0.0.1');
  });
});
