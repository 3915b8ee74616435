import { createReadStream, openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { expect, it } from '@jest/globals';
import type { AxiosRequestConfig, AxiosResponse } from 'axios';
import { hedgeInfo } from '@hedgerow/axios';
import { hedgedClient, sameAsPlain, visible, winningClient, withPlayground, wonByHedge } from './variants.js';

const base64 = (bytes: string | Buffer): string => Buffer.from(bytes).toString('base64');

withPlayground('what plain axios returns, hedged axios returns', (playground) => {
  it('really is the answer of a hedge where these tests say so', async () => {
    const response = await winningClient(playground().origin).get('/echo');
    expect(wonByHedge(response)).toBe(true);
    expect(hedgeInfo(response)).toMatchObject({ attempts: 2, winner: 1, delayMs: 20 });
  });

  const cases: [string, string, AxiosRequestConfig, (response: AxiosResponse) => void][] = [
    ['a JSON answer', '/echo', {}, ({ data }) => expect(data).toMatchObject({ method: 'GET', url: '/echo' })],
    ['request headers', '/echo', { headers: { 'X-Own': 'mine' } }, ({ data }) => expect(data).toHaveProperty('headers.x-own', 'mine')],
    ['a suppressed default header', '/echo', { headers: { 'User-Agent': false as unknown as string } }, ({ config }) => expect(config.headers.get('User-Agent')).toBe(false)],
    ['params', '/echo?a=1', { params: { b: [2, 'x y'], c: { d: 'ü' } } }, ({ data }) => expect(unbracketed(data)).toBe('/echo?a=1&b[]=2&b[]=x+y&c[d]=ü')],
    ['params as URLSearchParams', '/echo#hash', { params: new URLSearchParams({ q: 'a b' }) }, ({ data }) => expect(data).toHaveProperty('url', '/echo?q=a+b')],
    ['paramsSerializer', '/echo', { params: { b: 2 }, paramsSerializer: { serialize: () => 'own=1' } }, ({ data }) => expect(data).toHaveProperty('url', '/echo?own=1')],
    ['paramsSerializer as a function', '/echo', { params: { b: 2 }, paramsSerializer: () => "it's" }, ({ data }) => expect(data).toHaveProperty('url', "/echo?it's")],
    ['basic auth', '/echo', { auth: { username: 'me', password: 'pa:ss' } }, ({ data }) => expect(data).toHaveProperty('headers.authorization', `Basic ${base64('me:pa:ss')}`)],
    ['auth over a header', '/echo', { auth: { username: 'me', password: '' }, headers: { Authorization: 'other' } }, ({ data }) => expect(data).toHaveProperty('headers.authorization', `Basic ${base64('me:')}`)],
    ['cookies', '/cookies', { headers: { Cookie: 'c=3' } }, ({ headers }) => expect(headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2'])],
    ['gzip', '/gzip', {}, ({ data }) => expect(data).toEqual({ packed: 'gzip' })],
    ['deflate', '/deflate', {}, ({ data }) => expect(data).toEqual({ packed: 'deflate' })],
    ['brotli', '/br', {}, ({ data }) => expect(data).toEqual({ packed: 'br' })],
    ['decompress: false', '/gzip', { decompress: false, responseType: 'arraybuffer' }, ({ headers }) => expect(headers['content-encoding']).toBe('gzip')],
    ['responseType arraybuffer', '/bytes/5', { responseType: 'arraybuffer' }, ({ data }) => expect(data).toEqual(Buffer.from('xxxxx'))],
    ['responseType text', '/gzip', { responseType: 'text' }, ({ data }) => expect(data).toBe('{"packed":"gzip"}')],
    ['responseType json', '/gzip', { responseType: 'json' }, ({ data }) => expect(data).toEqual({ packed: 'gzip' })],
    ['responseType document', '/gzip', { responseType: 'document' }, ({ data }) => expect(data).toBe('{"packed":"gzip"}')],
    ['responseEncoding', `/text?base64=${encodeURIComponent(base64(Buffer.from('é', 'latin1')))}`, { responseEncoding: 'latin1' }, ({ data }) => expect(data).toBe('é')],
    ['a byte order mark', `/text?base64=${encodeURIComponent(base64('\ufeffhello'))}`, {}, ({ data }) => expect(data).toBe('hello')],
    ['broken JSON', `/text?base64=${encodeURIComponent(base64('{'))}`, {}, ({ data }) => expect(data).toBe('{')],
    ['an empty answer', '/bytes/0', {}, ({ data }) => expect(data).toBe('')],
    ['a large answer', '/bytes/3000000', {}, ({ data }) => expect(data).toHaveLength(3_000_000)],
    ['validateStatus', '/status/404', { validateStatus: (status) => status === 404 }, ({ status }) => expect(status).toBe(404)],
    ['validateStatus: null', '/status/400', { validateStatus: null }, ({ status }) => expect(status).toBe(400)],
    ['a redirect', '/redirect?to=/echo', {}, ({ data }) => expect(data).toHaveProperty('url', '/echo')],
    ['maxRedirects: 0', '/redirect', { maxRedirects: 0, validateStatus: null }, ({ status }) => expect(status).toBe(302)],
    ['insecureHTTPParser', '/echo', { insecureHTTPParser: true }, ({ status }) => expect(status).toBe(200)],
    ['maxRate', '/bytes/2000', { maxRate: [1e6, 1e6] }, ({ data }) => expect(data).toHaveLength(2000)],
    ['a data URL', 'data:text/plain;base64,aGk=', { baseURL: '', responseType: 'text' }, ({ data }) => expect(data).toBe('hi')],
    ['HEAD', '/bytes/5', { method: 'HEAD' }, ({ headers }) => expect(headers['content-length']).toBe('5')],
    ['OPTIONS', '/echo', { method: 'OPTIONS' }, ({ data }) => expect(data).toHaveProperty('method', 'OPTIONS')],
    ['a trailing slash in baseURL', '/echo', { baseURL: '{origin}/' }, ({ data }) => expect(data).toHaveProperty('url', '/echo')],
    ['an absolute URL beside baseURL', '{origin}/echo', { baseURL: 'http://nowhere.invalid' }, ({ status }) => expect(status).toBe(200)],
    ['a GET with a JSON body', '/echo', { data: { a: 1 }, headers: { 'Content-Type': 'application/json' } }, ({ data }) => expect(data).toHaveProperty('body', base64('{"a":1}'))],
  ];
  for (const [name, url, config, check] of cases) {
    sameAsPlain(
      name,
      playground,
      async (make, { origin }) => {
        const { baseURL } = config;
        const place = baseURL === undefined ? {} : { baseURL: baseURL.replace('{origin}', origin) };
        const response = await make().request({ ...config, ...place, url: url.replace('{origin}', origin) });
        check(response);
        return visible(response);
      },
      () => undefined,
    );
  }
});

withPlayground('request bodies, hedged by opting in', (playground) => {
  const hedge = { methods: ['GET', 'POST', 'PUT'] };
  const binary = Buffer.from([0, 255, 128, 10, 13]);
  const cases: [string, () => unknown, string][] = [
    ['JSON', () => ({ a: 'ü' }), base64('{"a":"ü"}')],
    ['a string', () => 'tëxt', base64('tëxt')],
    ['a Buffer', () => binary, base64(binary)],
    ['an ArrayBuffer', () => new Uint8Array(binary).buffer, base64(binary)],
    ['URLSearchParams', () => new URLSearchParams({ a: '1 2' }), base64('a=1+2')],
    ['a Blob', () => new Blob([binary]), base64(binary)],
  ];
  for (const [name, body, expected] of cases) {
    sameAsPlain(
      name,
      playground,
      async (make) => {
        const response = await make({ hedge }).post('/echo', body());
        expect(response.data).toHaveProperty('body', expected);
        return visible(response);
      },
      () => undefined,
    );

    it(`${name} is sent byte for byte by the hedge`, async () => {
      const response = await winningClient(playground().origin, { hedge }).post<{ body: string }>('/echo', body());
      expect(wonByHedge(response)).toBe(true);
      expect(response.data.body).toBe(expected);
    });
  }

  const unreplayable: [string, () => unknown, (text: string) => void][] = [
    ['a stream', () => Readable.from(['once ', 'only']), (text) => expect(text).toBe('once only')],
    ['a file stream', () => createReadStream(new URL(import.meta.url)), (text) => expect(text).toContain('withPlayground')],
    ['a spec FormData', () => form(), (text) => expect(text).toContain('name="field"\r\n\r\nvalue')],
  ];
  for (const [name, body, check] of unreplayable) {
    it(`${name} is sent once, untouched`, async () => {
      const { origin, arrivals } = playground();
      const before = arrivals.length;
      const client = hedgedClient(origin, { delay: 0, ...hedge });
      const response = await client.post<{ body: string }>('/echo', body());
      check(Buffer.from(response.data.body, 'base64').toString());
      expect(hedgeInfo(response)).toMatchObject({ eligible: false, ineligibleReason: 'body_not_replayable', attempts: 1 });
      expect(arrivals.length - before).toBe(1);
    });
  }

  it('a file as a Blob can be sent twice', async () => {
    const blob = await openAsBlob(new URL(import.meta.url).pathname);
    const response = await winningClient(playground().origin, { hedge }).put<{ body: string }>('/echo', blob);
    expect(wonByHedge(response)).toBe(true);
    expect(Buffer.from(response.data.body, 'base64').toString()).toContain('openAsBlob');
  });

  it('a body beyond maxReplayBytes is sent once', async () => {
    const client = hedgedClient(playground().origin, { ...hedge, maxReplayBytes: 3, delay: 0 });
    const response = await client.post('/echo', 'üü');
    expect(hedgeInfo(response)).toMatchObject({ ineligibleReason: 'body_too_large' });
  });

  it('a form made by axios is sent once, untouched', async () => {
    const client = hedgedClient(playground().origin, { delay: 0, ...hedge });
    const response = await client.postForm<{ body: string }>('/echo', { a: 1, 'b[]': [2, 3] });
    const text = Buffer.from(response.data.body, 'base64').toString();
    const fields = [...text.matchAll(/name="([^"]+)"\r\n\r\n(\w+)/g)].map(([, key, value]) => [key, value]);
    expect(fields).toEqual([['a', '1'], ['b[]', '2'], ['b[]', '3']]);
    expect(hedgeInfo(response)).toMatchObject({ ineligibleReason: 'body_not_replayable', attempts: 1 });
  });
});

withPlayground('streamed answers', (playground) => {
  sameAsPlain(
    'responseType stream',
    playground,
    async (make) => {
      const response = await make().get<Readable>('/bytes/1000000', { responseType: 'stream' });
      const { data } = response;
      return { ...(visible(response) as object), data: (await buffer(data)).length, kind: data instanceof Readable };
    },
    (outcome) => expect(outcome).toMatchObject({ data: 1_000_000, kind: true }),
  );

  sameAsPlain(
    'a compressed stream',
    playground,
    async (make) => (await buffer((await make().get<Readable>('/gzip', { responseType: 'stream' })).data)).toString(),
    (outcome) => expect(outcome).toBe('{"packed":"gzip"}'),
  );

  sameAsPlain(
    'the stream of an error',
    playground,
    async (make) => {
      const error = await make()
        .get('/status/404', { responseType: 'stream' })
        .catch((reason: unknown) => reason as { response: AxiosResponse<Readable> });
      return (await buffer((error as { response: AxiosResponse<Readable> }).response.data)).toString();
    },
    (outcome) => expect(outcome).toBe('{"status":404}'),
  );
});

function form(): FormData {
  const data = new FormData();
  data.append('field', 'value');
  data.append('file', new Blob(['content']), 'name.txt');
  return data;
}

/** Versions of axios differ in how they write brackets. */
function unbracketed(data: unknown): string {
  return decodeURIComponent((data as { url: string }).url);
}
