import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import got from 'got';
import { CookieJar } from 'tough-cookie';
import { createHedgePlugin } from '@hedgerow/got';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { within } from '../support/wait.js';
import { clients } from './clients.js';

const secrets = {
  Authorization: 'Bearer s3cret',
  'PROXY-AUTHORIZATION': 'Basic s3cret',
  cookie: 'sid=s3cret',
  'X-Api-Key': 's3cret',
  'Ocp-Apim-Subscription-Key': 's3cret',
  'X-My-Own-Token': 's3cret',
  'X-Client-Secret': 's3cret',
  'mcp-session-id': 's3cret',
  'Cf-Access-Jwt-Assertion': 's3cret',
  'X-Amzn-Oidc-Data': 's3cret',
  'x-ms-authorization-auxiliary': 's3cret',
  'X-Forwarded-Email': 's3cret',
  'X-Hub-Signature-256': 's3cret',
};

/** Queries as serializers write what is nested, and what stands in a value. */
const nested = [
  'user[password]=s3cret', 'user%5Bpassword%5D=s3cret', 'token[]=s3cret', 'api_key[0]=s3cret', 'user.password=s3cret', 'client_assertion=s3cret', 'PHPSESSID=s3cret', 'next=http%3A%2F%2Fb.test%2F%3Ftoken%3Ds3cret',
  'variables=%7B%22token%22:%22s3cret%22%7D', 'proxy=http://a:s3cret@b.test',
];

/** All of a request that is on the wire before its body. */
const wire = ({ path, headers }: ReceivedRequest): string => JSON.stringify([path, headers]);

describe.each(Object.entries(clients))('a hedge of %s to another origin', (_, { make, takesUserInfo }) => {
  let home: ScriptedServer;
  let other: ScriptedServer;
  beforeEach(async () => {
    home = await startScriptedServer();
    other = await startScriptedServer();
  });
  afterEach(() => Promise.all([home.close(), other.close()]));

  const targets = (): { targets: string[] } => ({ targets: [home.origin, `${other.origin}/base`] });

  it('carries no header that says who asks, whatever its name and case; and all others', async () => {
    const call = make(targets())({ url: `${home.origin}/1`, headers: { ...secrets, 'x-page-token': 'next', 'Idempotency-Key': '1' } });
    const primary = await home.next();
    const hedge = await other.next();
    for (const name of Object.keys(secrets)) expect(primary.headers).toHaveProperty(name.toLowerCase());
    expect(wire(hedge)).not.toContain('s3cret');
    expect(Object.keys(hedge.headers)).toEqual(expect.not.arrayContaining(Object.keys(secrets).map((name) => name.toLowerCase())));
    expect(hedge.headers).toMatchObject({ 'x-page-token': 'next', 'idempotency-key': '1' });
    hedge.respond({ body: 'hedge' });
    expect(await call).toMatchObject({ text: 'hedge' });
  });

  it('carries them where the user allows it', async () => {
    const call = make({ ...targets(), forwardCredentials: true })({ url: `${home.origin}/1?token=s3cret`, headers: secrets });
    await home.next();
    const hedge = await other.next();
    expect(hedge.path).toBe('/base/1?token=s3cret');
    expect(hedge.headers).toMatchObject({ authorization: 'Bearer s3cret', cookie: 'sid=s3cret', 'x-my-own-token': 's3cret' });
    hedge.respond();
    await call;
  });

  it.each(['access_token=s3cret', 'x=1&api%5Fkey=s3cret', 'X-Amz-Signature=s3cret', 'a=1;sig=s3cret', ...nested])('is sent home instead if the query says who asks: %s', async (query) => {
    const call = make(targets())({ url: `${home.origin}/1?${query}` });
    await home.next();
    const hedge = await home.next();
    expect(hedge.path).toBe(`/1?${query}`);
    hedge.respond({ body: 'hedge' });
    expect(await call).toMatchObject({ text: 'hedge' });
    expect(other.requests).toHaveLength(0);
  });

  it('goes where it would go if the query is like one that does, and does not', async () => {
    const query = 'page[number]=2&filter[status]=open&ids[]=1&tokenize=yes&page_token=x';
    const call = make(targets())({ url: `${home.origin}/1?${query}` });
    await home.next();
    const hedge = await other.next();
    expect(hedge.path).toBe(`/base/1?${query}`);
    hedge.respond({ body: 'hedge' });
    expect(await call).toMatchObject({ text: 'hedge' });
  });

  it('never wins with a page to sign in, to which it was redirected', async () => {
    other.script((request) => {
      if (request.path === '/login') request.respond({ body: 'who are you?' });
      else request.respond({ status: 302, headers: { location: '/login' } });
    });
    const call = make(targets())({ url: `${home.origin}/1`, headers: secrets });
    const primary = await home.next();
    await within(5_000, 'the redirect', arrived(other, 1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    primary.respond({ body: 'welcome' });
    expect(await call).toMatchObject({ status: 200, text: 'welcome' });
    expect(other.requests.map(({ path }) => path)).toEqual(['/base/1']);
  });

  it('stays below the base URL, however the path is written', async () => {
    const ask = make({ targets: [`${home.origin}/shared`, `${other.origin}/tenants/7`], delay: 5 });
    for (const path of ['/shared/../admin', '/shared/%2e%2E/admin', '/shared/a/..\\..\\admin']) {
      home.script((request) => setTimeout(() => request.respond({ body: 'home' }), 30));
      expect(await ask({ url: `${home.origin}${path}` })).toMatchObject({ text: 'home' });
    }
    expect(other.requests.map(({ path }) => path)).toEqual([]);
    expect(new Set(home.requests.map(({ path }) => path))).toEqual(new Set(['/admin']));
  });

  if (!takesUserInfo) return;

  it.each(['URL', 'options'])('carries no user and password from the %s', async (place) => {
    const auth = { username: 's3cretuser', password: 's3cretword' };
    const url = `${home.origin}/1`;
    const call = make(targets())(place === 'URL' ? { url: url.replace('://', `://${auth.username}:${auth.password}@`) } : { url, auth });
    const primary = await home.next();
    expect(primary.headers.authorization).toBe(`Basic ${btoa('s3cretuser:s3cretword')}`);
    const hedge = await other.next();
    expect(hedge.headers).not.toHaveProperty('authorization');
    expect(wire(hedge)).not.toContain('s3cret');
    hedge.respond();
    await call;
  });

  it('carries the very same ones to the same origin', async () => {
    const call = make({ targets: [`${home.origin}/a`, `${home.origin}/b`] })({ url: `${home.origin.replace('://', () => "://user:a$&b$'c@")}/a/1` });
    const [primary, hedge] = [await home.next(), await home.next()];
    expect([primary.path, hedge.path]).toEqual(['/a/1', '/b/1']);
    expect(hedge.headers.authorization).toBe(`Basic ${btoa("user:a$&b$'c")}`);
    expect(hedge.headers.authorization).toBe(primary.headers.authorization);
    hedge.respond();
    await call;
  });
});

describe("got's cookie jar", () => {
  it('neither goes to another origin, nor learns from it', async () => {
    const [home, other] = [await startScriptedServer(), await startScriptedServer()];
    try {
      const cookieJar = new CookieJar();
      await cookieJar.setCookie('sid=s3cret', home.origin);
      const plugin = createHedgePlugin({ delay: 5, budget: false, telemetry: false, targets: [home.origin, other.origin] });
      const call = got.extend(plugin)(`${home.origin}/1`, { cookieJar, retry: { limit: 0 } }).text();
      expect((await home.next()).headers.cookie).toBe('sid=s3cret');
      const hedge = await other.next();
      expect(hedge.headers).not.toHaveProperty('cookie');
      hedge.respond({ headers: { 'set-cookie': 'sid=fixated' }, body: 'hedge' });
      expect(await call).toBe('hedge');
      expect(await cookieJar.getCookieString(home.origin)).toBe('sid=s3cret');
    } finally {
      await Promise.all([home.close(), other.close()]);
    }
  });
});

async function arrived(server: ScriptedServer, count: number): Promise<void> {
  while (server.requests.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
}
