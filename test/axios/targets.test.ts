import { Agent as TlsAgent } from 'node:https';
import { afterAll, describe, expect, it } from '@jest/globals';
import axios, { type AxiosRequestConfig, type AxiosResponse } from 'axios';
import { hedgedAdapter, hedgeInfo, type AxiosHedgeOptions } from '@hedgerow/axios';
import { withPlayground } from './variants.js';

interface Seen {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

withPlayground('hedges of axios to another target', (playground) => {
  const httpsAgent = new TlsAgent({ rejectUnauthorized: false });
  afterAll(() => httpsAgent.destroy());

  /** Primaries below the first targets are never answered. */
  const to = (there: string): AxiosHedgeOptions => ({
    delay: 5,
    budget: false,
    telemetry: false,
    targets: [`${playground().origin}/hang`, `${playground().tlsOrigin}/hang`, there],
    route: () => there,
  });

  async function ask(hedge: AxiosHedgeOptions, config: AxiosRequestConfig = {}): Promise<AxiosResponse<Seen>> {
    const client = axios.create({ adapter: hedgedAdapter(hedge), proxy: false, httpsAgent, baseURL: `${playground().origin}/hang` });
    const response = await client.get<Seen>('/1', { params: { q: 'a b' }, ...config });
    expect(hedgeInfo(response)).toMatchObject({ winner: 1 });
    return response;
  }

  it.each(['http to https', 'https to http'])('go from %s, with base URL and params', async (way) => {
    const [from, there] = way.split(' to ').map((protocol) => playground()[protocol === 'http' ? 'origin' : 'tlsOrigin']) as [string, string];
    const { data, config } = await ask(to(`${there}/echo`), { baseURL: `${from}/hang` });
    expect(data.url).toBe('/echo/1?q=a+b');
    // The caller's own config comes back.
    expect(config).toMatchObject({ baseURL: `${from}/hang`, url: '/1', params: { q: 'a b' } });
  });

  it('go there from a unix socket too', async () => {
    const config = { socketPath: playground().socketPath, url: 'http://localhost/hang/1' };
    const client = axios.create({ adapter: hedgedAdapter({ ...to(`${playground().origin}/echo`), targets: ['http://localhost/hang'] }), proxy: false });
    const { data } = await client.request<Seen>(config);
    expect(data.url).toBe('/echo/1');
  });

  describe.each(['http', 'fetch'] as const)('by the %s adapter', (adapter) => {
    it('keep `auth` and credential headers from another origin', async () => {
      const there = playground().origin.replace('127.0.0.1', 'localhost');
      const secret = { auth: { username: 'user', password: 's3cret' }, headers: { Cookie: 'sid=s3cret', 'X-API-Key': 's3cret', 'x-plain': 'yes' } };
      const { data, config } = await ask({ ...to(`${there}/echo`), adapter }, secret);
      expect(data.headers).toMatchObject({ 'x-plain': 'yes' });
      expect(JSON.stringify(data.headers)).not.toContain('s3cret');
      expect(data.headers).not.toHaveProperty('authorization');
      expect(config.auth).toEqual(secret.auth);
      expect(config.headers.get('cookie')).toBe('sid=s3cret');
      const allowed = await ask({ ...to(`${there}/echo`), adapter, forwardCredentials: true }, secret);
      expect(allowed.data.headers).toMatchObject({ cookie: 'sid=s3cret', 'x-api-key': 's3cret', authorization: `Basic ${btoa('user:s3cret')}` });
      const own = await ask({ ...to(`${playground().origin}/echo`), adapter }, secret);
      expect(own.data.headers).toMatchObject({ cookie: 'sid=s3cret' });
    });
  });

  it('leave the headers of the caller as they were', async () => {
    const headers = { Cookie: 'sid=1; AWSALB=x', Authorization: 'mine' };
    const { data, config } = await ask({ ...to(`${playground().origin}/echo`), stripAffinityCookies: true, markHedges: 'x-hedge-attempt' }, { headers });
    expect(data.headers).toMatchObject({ cookie: 'sid=1', authorization: 'mine', 'x-hedge-attempt': '1' });
    expect(config.headers.toJSON()).toMatchObject({ Cookie: 'sid=1; AWSALB=x', Authorization: 'mine' });
    expect(config.headers.has('x-hedge-attempt')).toBe(false);
  });

  it('are chosen per request', async () => {
    const client = axios.create({ adapter: hedgedAdapter({ budget: false, telemetry: false, delay: 5 }), proxy: false });
    const response = await client.get<Seen>(`${playground().origin}/hang/1`, {
      hedge: { targets: [`${playground().origin}/hang`, `${playground().origin}/echo`] },
    });
    expect(response.data.url).toBe('/echo/1');
  });
});
