import { expect, it } from '@jest/globals';
import type { Method, OptionsOfTextResponseBody, Response } from 'got';
import { hedgeInfo, isHedge } from '@hedgerow/got';
import { hedgedClient, sameAsPlain, visible, withPlayground } from './variants.js';

withPlayground('what plain got returns, hedged got returns', (playground) => {
  it('really is the answer of a hedge where these tests say so', async () => {
    playground().answered = 'second';
    const response = await hedgedClient({ delay: 5 })(`${playground().origin}/echo`);
    playground().answered = 'all';
    expect(isHedge(response)).toBe(true);
    expect(hedgeInfo(response)).toMatchObject({ attempts: 2, winner: 1, delayMs: 5 });
  });

  const body = (part: unknown) => (outcome: unknown): void => expect(outcome).toMatchObject({ body: part });
  const echoed = (part: object) => (outcome: unknown): void => expect(JSON.parse((outcome as Response<string>).body)).toMatchObject(part);
  const cases: [string, string, OptionsOfTextResponseBody, ((outcome: unknown) => void)?][] = [
    ['an answer', '/text/hello', {}, body('hello')],
    ['request headers', '/echo', { headers: { 'X-Own': 'mine', 'user-agent': undefined } }, echoed({ headers: { 'x-own': 'mine' } })],
    ['searchParams', '/echo', { searchParams: { a: '1 2' } }, echoed({ url: '/echo?a=1+2' })],
    ['basic auth', '/echo', { username: 'me', password: 'pa:ss' }, echoed({ headers: { authorization: `Basic ${btoa('me:pa:ss')}` } })],
    ['gzip', '/packed/gzip', {}, body('{"packed":true}')],
    ['deflate', '/packed/deflate', {}, body('{"packed":true}')],
    ['brotli', '/packed/br', {}, body('{"packed":true}')],
    ['decompress: false', '/packed/gzip', { decompress: false }],
    ['an empty answer', '/bytes/0', {}, body('')],
    ['a large answer', '/bytes/3000000', {}, (outcome) => expect(outcome).toMatchObject({ rawBody: 3_000_000 })],
    ['a slow answer', '/pieces/10', {}, (outcome) => expect(outcome).toMatchObject({ rawBody: 10_000 })],
    ['204', '/no-content', {}],
    ['HEAD', '/bytes/5', { method: 'HEAD' }, (outcome) => expect(outcome).toMatchObject({ headers: { 'content-length': '5' } })],
    ['OPTIONS', '/echo', { method: 'OPTIONS' }, echoed({ method: 'OPTIONS' })],
    ['a GET with a JSON body', '/echo', { json: { a: 1 }, allowGetBody: true }, echoed({ body: btoa('{"a":1}'), type: 'application/json' })],
    ['a redirect', '/redirect', {}, (outcome) => expect(outcome).toMatchObject({ redirectUrls: [`${playground().origin}/echo`] })],
    ['a redirect that is not followed', '/redirect', { followRedirect: false }, (outcome) => expect(outcome).toMatchObject({ statusCode: 302 })],
    ['a redirect over and back: http, https, http', '/redirect?to={https}/redirect?to={http}/echo', {}, echoed({ url: '/echo' })],
    ['a redirect to a packed answer', '/redirect?to=/packed/gzip', {}, body('{"packed":true}')],
    ['strictContentLength', '/bytes/50', { strictContentLength: true }, (outcome) => expect(outcome).toMatchObject({ rawBody: 50 })],
    ['localAddress and family', '/text/hi', { localAddress: '127.0.0.1', dnsLookupIpVersion: 4 }, body('hi')],
    ['dnsCache', '/text/hi', { dnsCache: true }, body('hi')],
    ['early hints', '/hints', {}, body('hinted')],
    ['timeouts that do not pass', '/text/hi', { timeout: { lookup: 900, connect: 900, socket: 900, send: 900, response: 900, read: 900, request: 900 } }, body('hi')],
  ];
  for (const [name, path, options, check] of cases) {
    sameAsPlain(name, playground, async ({ make, playground: { origin } }) => visible(await make()(origin + path, options)), check && { check });
  }

  for (const status of [404, 500]) {
    sameAsPlain(
      `throwHttpErrors: false on a ${status}`,
      playground,
      async ({ make, playground: { origin } }) => visible(await make({ throwHttpErrors: false })(`${origin}/status/${status}`)),
      { check: body(`status ${status}`), fails: true },
    );
  }
  sameAsPlain('.json(), .text(), .buffer()', playground, async ({ make, playground: { origin } }) => [
    await make()(`${origin}/packed/gzip`).json(),
    await make()(`${origin}/packed/gzip`).text(),
    await make()(`${origin}/packed/gzip`).buffer(),
    await make()(`${origin}/echo`).json(),
  ]);
  sameAsPlain('responseType and resolveBodyOnly', playground, async ({ make, playground: { origin } }) => [
    (await make()(`${origin}/packed/br`, { responseType: 'json' })).body,
    await make()(`${origin}/packed/br`, { responseType: 'buffer', resolveBodyOnly: true }),
  ]);

  const bodies: [string, OptionsOfTextResponseBody, string][] = [
    ['a string', { body: 'tëxt' }, 'tëxt'],
    ['a Buffer', { body: Buffer.from([0, 255, 10]) }, '\0\xff\n'],
    ['a typed array', { body: new Uint8Array([1, 2, 3]) as Buffer }, '\x01\x02\x03'],
    ['json', { json: { a: 'ü' } }, '{"a":"ü"}'],
    ['form', { form: { a: '1 2' } }, 'a=1+2'],
    ['nothing', {}, ''],
  ];
  for (const [name, options, sent] of bodies) {
    sameAsPlain(
      `a PUT of ${name}, opted in`,
      playground,
      async ({ make, playground: { origin, received }, isWon }) => {
        const path = `/echo?body=${name.replaceAll(' ', '-')}`;
        const response = await make({ context: { hedge: { methods: ['PUT'] } } })(origin + path, { method: 'PUT', ...options });
        if (isWon) expect(received(path)).toBe(2);
        return visible(response);
      },
      {
        check(outcome) {
          const seen = JSON.parse((outcome as { body: string }).body) as { body: string };
          expect(Buffer.from(seen.body, 'base64').toString(name === 'a Buffer' ? 'latin1' : 'utf8')).toBe(sent);
        },
      },
    );
  }

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'] satisfies Method[]) {
    it(`leaves ${method} alone`, async () => {
      const path = `/echo?alone=${method}`;
      const response = await hedgedClient({ delay: 0 })(playground().origin + path, { method, json: { a: 1 } });
      expect(playground().received(path)).toBe(1);
      expect(hedgeInfo(response)).toMatchObject({ eligible: false, ineligibleReason: 'method', attempts: 1 });
    });
  }

  it('sends FormData once: got writes it as a stream', async () => {
    const form = new FormData();
    form.set('a', '1');
    const response = await hedgedClient({ delay: 0, methods: ['PUT'] })(`${playground().origin}/echo?form`, { method: 'PUT', body: form as never });
    expect(playground().received('/echo?form')).toBe(1);
    expect(hedgeInfo(response)).toMatchObject({ ineligibleReason: 'body_not_replayable' });
    expect(JSON.parse(response.body)).toMatchObject({ type: 'multipart/form-data; boundary' });
  });
});
