import http from 'node:http';
import https from 'node:https';
import { expect, it } from '@jest/globals';
import got, { type ExtendOptions, type Response } from 'got';
import { CookieJar } from 'tough-cookie';
import { createHedgePlugin, hedgeInfo, type GotHedgeOptions } from '@hedgerow/got';
import { hedgedClient, withPlayground } from './variants.js';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly version: string;
  readonly headers: Readonly<Record<string, string>>;
}

withPlayground('hedges of got to another target', (playground) => {
  /** Primaries below the first target are never answered. */
  const targets = (there: string): string[] => [`${playground().origin}/hang`, `${playground().tlsOrigin}/hang`, there];
  const to = (there: string, hedge: GotHedgeOptions = {}): GotHedgeOptions => ({
    delay: 5,
    route: () => there,
    targets: targets(there),
    ...hedge,
  });

  async function echoed(hedge: GotHedgeOptions, options: ExtendOptions = {}, from = playground().origin): Promise<Seen & { response: Response }> {
    const response = await hedgedClient(hedge, options)(`${from}/hang/1?q=a%20b`);
    expect(hedgeInfo(response)).toMatchObject({ winner: 1 });
    return { ...(JSON.parse(response.body) as Seen), response };
  }

  it.each(['http to https', 'https to http', 'https to https', 'http to http'])('%s', async (way) => {
    const [from, there] = way.split(' to ').map((protocol) => (protocol === 'http' ? playground().origin : playground().tlsOrigin)) as [string, string];
    const agent = { http: new http.Agent({ keepAlive: true }), https: new https.Agent({ keepAlive: true }) };
    const seen = await echoed(to(`${there}/echo`), { agent }, from);
    expect(seen).toMatchObject({ method: 'GET', url: '/echo/1?q=a%20b', version: '1.1' });
    const used = Object.values(agent[there.startsWith('https') ? 'https' : 'http'].freeSockets);
    expect(used).not.toEqual([]);
    expect(hedgeInfo(seen.response)?.target).toBe(`${there}/echo`);
    // got knows the URL that it was asked for.
    expect(seen.response.url).toBe(`${from}/hang/1?q=a%20b`);
    agent.http.destroy();
    agent.https.destroy();
  });

  it('over HTTP/2', async () => {
    const { http2Origin } = playground();
    const seen = await echoed({ delay: 5, route: () => `${http2Origin}/echo`, targets: [`${playground().tlsOrigin}/hang`] }, { http2: true }, playground().tlsOrigin);
    expect(seen).toMatchObject({ url: '/echo/1?q=a%20b', version: '2.0' });
  });

  it('by a request function of the user', async () => {
    const urls: string[] = [];
    const request = ((url: URL, options: http.RequestOptions, callback?: (response: http.IncomingMessage) => void) => {
      urls.push(url.href);
      return (url.protocol === 'https:' ? https : http).request(url, { ...options, agent: false, rejectUnauthorized: false }, callback);
    }) as NonNullable<ExtendOptions['request']>;
    const there = `${playground().tlsOrigin}/echo`;
    await echoed(to(there), { request });
    expect(urls).toEqual([`${playground().origin}/hang/1?q=a%20b`, `${there}/1?q=a%20b`]);
  });

  it('through a cache, under the URL that was asked for', async () => {
    const cache = new Map<string, unknown>();
    const there = `${playground().tlsOrigin}/cached`;
    const client = hedgedClient(to(there), { cache });
    const first = await client(`${playground().origin}/hang/it`);
    const second = await client(`${playground().origin}/hang/it`);
    expect([first.body, second.body, second.isFromCache]).toEqual(['answer 1', 'answer 1', true]);
  });

  it('as a stream', async () => {
    const stream = hedgedClient(to(`${playground().origin}/bytes`)).stream(`${playground().origin}/hang/100000`);
    let bytes = 0;
    for await (const chunk of stream) bytes += (chunk as Buffer).length;
    expect(bytes).toBe(100_000);
  });

  it('carry neither username and password nor cookies of the jar to another origin', async () => {
    const cookieJar = new CookieJar();
    await cookieJar.setCookie('sid=s3cret', playground().origin);
    const options = { username: 'user', password: 's3cret', cookieJar };
    const foreign = await echoed(to(`${playground().tlsOrigin}/echo`), options);
    expect(JSON.stringify(foreign.headers)).not.toContain('s3cret');
    expect(foreign.headers).not.toHaveProperty('authorization');
    const allowed = await echoed(to(`${playground().tlsOrigin}/echo`, { forwardCredentials: true }), options);
    expect(allowed.headers).toMatchObject({ cookie: 'sid=s3cret', authorization: `Basic ${btoa('user:s3cret')}` });
    const own = await echoed(to(`${playground().origin}/echo`), options);
    expect(own.headers).toMatchObject({ cookie: 'sid=s3cret' });
  });

  it('set no cookies of another origin in the jar', async () => {
    const cookieJar = new CookieJar();
    const foreign = `${playground().tlsOrigin}/cookie`;
    await hedgedClient(to(foreign), { cookieJar })(`${playground().origin}/hang/a=1`);
    expect(await cookieJar.getCookies(playground().origin)).toEqual([]);
    await hedgedClient(to(`${playground().origin}/cookie`), { cookieJar })(`${playground().origin}/hang/b=2`);
    expect((await cookieJar.getCookies(playground().origin)).map(String)).toEqual([expect.stringContaining('b=2')]);
    const without = await hedgedClient(to(foreign))(`${playground().origin}/hang/c=3`);
    expect(without.headers['set-cookie']).toEqual(['c=3; Path=/']);
  });

  it('leave the options of the call as they were, for its retries', async () => {
    const headers: unknown[] = [];
    const client = got.extend(
      createHedgePlugin({ budget: false, telemetry: false, ...to(`${playground().tlsOrigin}/status`), markHedges: 'x-hedge-attempt', accept: () => true }),
      {
        https: { rejectUnauthorized: false },
        retry: { limit: 1, calculateDelay: ({ computedValue }) => Math.min(computedValue, 1) },
        hooks: { beforeRetry: [({ options }) => void headers.push({ ...options.headers })] },
        throwHttpErrors: false,
      },
    );
    playground().clear();
    await client(`${playground().origin}/hang/503`, { headers: { authorization: 'mine' } });
    expect(headers).toEqual([expect.objectContaining({ authorization: 'mine' })]);
    expect(headers[0]).not.toHaveProperty('x-hedge-attempt');
    const { arrivals } = playground();
    const hedge = arrivals.find((arrival) => arrival.headers['x-hedge-attempt'] !== undefined);
    const again = arrivals.findLast(({ path }) => path === '/hang/503');
    expect([hedge?.headers['x-hedge-attempt'], hedge?.headers.authorization]).toEqual(['1', undefined]);
    expect([again?.path, again?.headers.authorization]).toEqual(['/hang/503', 'mine']);
  });
});
