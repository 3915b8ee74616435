import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger, hedgeInfo } from '@hedgerow/core';
import { instrumentHedger } from '@hedgerow/opentelemetry';
import { cpuMsOf } from '../support/busy-time.js';
import { startSdk, type Sdk } from '../opentelemetry/sdk.js';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { until } from '../support/wait.js';
import { clients } from './clients.js';

const METRICS = [
  'hedge.requests', 'hedge.attempts', 'hedge.attempt.active', 'hedge.suppressions', 'hedge.request.duration', 'hedge.attempt.duration', 'hedge.request.hedges',
  'hedge.rate', 'hedge.delay', 'hedge.time.saved', 'hedge.time.wasted', 'hedge.budget.usage', 'hedge.budget.limit', 'hedge.budget.utilization',
];

const secretHeaders = { authorization: 'Bearer s3cret', cookie: 'sid=s3cret', 'x-api-key': 's3cret', 'x-plain': 's3cret' };
const secretQuery = 'user[password]=s3cret&token[]=s3cret&login%5Bpin%5D=s3cret&access_token=s3cret&api%5Fkey=s3cret&key=s3cret&q=1;sid=s3cret&next=http%3A%2F%2Fb.test%2F%3Fcode%3Ds3cret#s3cret';

let sdk: Sdk;
beforeEach(() => void (sdk = startSdk()));
afterEach(() => sdk.stop());

describe.each(Object.entries(clients))('what hedgerow tells of calls of %s', (_, { make, takesUserInfo }) => {
  let server: ScriptedServer;
  beforeEach(async () => void (server = await startScriptedServer()));
  afterEach(() => server.close());

  it.each<[string, (request: ReceivedRequest) => void]>([
    ['are won by the hedge', (request) => (request.number === 1 ? request.respond({ headers: { 'set-cookie': 's3cret', 'x-instance': 's3cret' }, body: 's3cret' }) : undefined)],
    ['fail', (request) => request.respond({ status: 500, body: 's3cret', headers: { 'x-instance': 's3cret', 'x-error': 's3cret' } })],
    ['are reset', (request) => request.reset()],
    ['redirect to a secret', (request) => (request.path.startsWith('/end') ? request.respond() : request.respond({ status: 302, headers: { location: '/end?token=s3cret' } }))],
    ['time out', () => undefined],
  ])('holds none of their secrets when they %s', async (_how, script) => {
    const warned = jest.spyOn(process, 'emitWarning');
    const told: unknown[] = [];
    const hedges: object[] = [];
    server.script(script);
    const ask = make({
      delay: 10,
      timeoutMs: 200,
      instanceHeader: 'x-instance',
      telemetry: { delayPerKey: true, serverAddressOnMetrics: true, name: 'client' },
      onHedge: ({ key, target, number }) => void hedges.push({ key, target, number }),
    });
    const origin = takesUserInfo ? server.origin.replace('://', '://s3cret:s3cret@') : server.origin;
    await ask({ url: `${origin}/items/1?${secretQuery}`, headers: secretHeaders }).then(
      ({ response }) => told.push(hedgeInfo(response)),
      (error: unknown) => told.push(hedgeInfo(error), (error as Error).name),
    );
    await until('all attempts are told', () => sdk.clients().length >= 1);
    told.push(hedges, warned.mock.calls, sdk.spans(), (await Promise.all(METRICS.map((name) => sdk.points(name)))));
    expect(told.flat().length).toBeGreaterThan(10);
    expect(JSON.stringify(told)).not.toContain('s3cret');
    warned.mockRestore();
  });
});

describe('what hedgerow remembers', () => {
  it('holds no secret of a URL', async () => {
    const hedger = new Hedger();
    for (let call = 0; call < 3; call++) {
      const url = `http://s3cret:s3cret@a.test/items/${call}?${secretQuery}`;
      await hedger.run({ request: { method: 'GET', url, header: () => 's3cret' }, start: () => Promise.resolve({}) });
    }
    expect(hedger.stats().keys).toBe(1);
    expect(JSON.stringify([hedger.stats(), hedger.routes(), hedger.snapshot()])).not.toContain('s3cret');
  });
});

describe('url.full', () => {
  /** What is recorded of a URL, and how much processor time that took. */
  async function recorded(url: string): Promise<{ readonly full: unknown; readonly ms: number }> {
    const hedger = new Hedger();
    instrumentHedger(hedger);
    const ms = await cpuMsOf(() => hedger.run({ request: { method: 'GET', url }, start: () => Promise.resolve({}) }));
    return { full: sdk.clients().at(-1)?.attributes['url.full'], ms };
  }

  it.each([
    ['http://a.test/x?access_token=s3cret&page=2', 'http://a.test/x?access_token=REDACTED&page=2'],
    ['http://a.test/x?apiKey=s3cret', 'http://a.test/x?apiKey=REDACTED'],
    ['http://a.test/x?api%4Bey=s3cret', 'http://a.test/x?api%4Bey=REDACTED'],
    ['http://a.test/x?client_secret=s3cret&password=s3cret', 'http://a.test/x?client_secret=REDACTED&password=REDACTED'],
    ['http://a.test/x?key=s3cret&code=s3cret', 'http://a.test/x?key=REDACTED&code=REDACTED'],
    ['http://a.test/x;jsessionid=s3cret/y?z', 'http://a.test/x;jsessionid=REDACTED'],
    ['http://a.test/x?a=1;token=s3cret;s3cret&b=2', 'http://a.test/x?a=REDACTED&b=2'],
    ['http://a.test/x?token=s3cret?s3cret', 'http://a.test/x?token=REDACTED'],
    ['http://a.test/x?next=http://b.test/?token=s3cret', 'http://a.test/x?next=REDACTED'],
    ['http://a.test/x?next=http%3A%2F%2Fb.test%2F%3Ftoken%3Ds3cret&y=1', 'http://a.test/x?next=REDACTED&y=1'],
    ['http://a.test/x?user[password]=s3cret&token[]=s3cret&api_key[0]=s3cret', 'http://a.test/x?user[password]=REDACTED&token[]=REDACTED&api_key[0]=REDACTED'],
    ['http://a.test/x?user%5Bpassword%5D=s3cret&user%255Bpass%255D=s3cret', 'http://a.test/x?user%5Bpassword%5D=REDACTED&user%255Bpass%255D=REDACTED'],
    ['http://a.test/x?user[pass]=s3cret&user.pin=s3cret&login[otp]=s3cret&db[pwd]=s3cret', 'http://a.test/x?user[pass]=REDACTED&user.pin=REDACTED&login[otp]=REDACTED&db[pwd]=REDACTED'],
    ['http://a.test/x?oauth[code]=s3cret&google[key]=s3cret&code[]=s3cret&key.value=s3cret&sign=s3cret&ticket=s3cret', 'http://a.test/x?oauth[code]=REDACTED&google[key]=REDACTED&code[]=REDACTED&key.value=REDACTED&sign=REDACTED&ticket=REDACTED'],
    ['http://a.test/x?user_pass=s3cret&pass2=s3cret&userPin=s3cret&pass[new]=s3cret&pins[]=1', 'http://a.test/x?user_pass=REDACTED&pass2=REDACTED&userPin=REDACTED&pass[new]=REDACTED&pins[]=1'],
    ['http://a.test/x?country[code]=de&filter[key]=a&rows[0][code]=b&lang.code=c&keys[]=d&sort_key=e&zip_code=f&compass=g', 'http://a.test/x?country[code]=de&filter[key]=a&rows[0][code]=b&lang.code=c&keys[]=d&sort_key=e&zip_code=f&compass=g'],
    ['http://a.test/x?variables={"user":{"password":"s3cret"}}&y=1', 'http://a.test/x?variables=REDACTED&y=1'],
    ['http://a.test/x?where=%7B%22token%22%20:%22s3cret%22%7D', 'http://a.test/x?where=REDACTED'],
    ['http://a.test/x?a=%7B%22b%22%3A%22%7B%5C%22pin%5C%22%3A%5C%22s3cret%5C%22%7D%22%7D', 'http://a.test/x?a=REDACTED'],
    ['http://a.test/x?where={"author":"me","tokens":3}', 'http://a.test/x?where={"author":"me","tokens":3}'],
    ['http://a.test/x?{"token":"s3cret"}&b', 'http://a.test/x?REDACTED&b'],
    ['http://a.test/x?{"token":"s3cret=="}&b', 'http://a.test/x?REDACTED&b'],
    ['http://a.test/x?user["password"]=s3cret', 'http://a.test/x?user["password"]=REDACTED'],
    ['http://a.test/x?a%3Btoken%3Ds3cret&b', 'http://a.test/x?a%3Btoken=REDACTED&b'],
    ['http://a.test/x?token%253Ds3cret', 'http://a.test/x?token=REDACTED'],
    ['http://a.test/x?next=/login%3Fnext%3D%252Fx%253Ftoken%253Ds3cret', 'http://a.test/x?next=REDACTED'],
    ['http://a.test/x?redirect_uri=http%3A%2F%2Fb.test%2F%23access_token%3Ds3cret', 'http://a.test/x?redirect_uri=REDACTED'],
    ['http://a.test/x?state=token%3Ds3cret', 'http://a.test/x?state=REDACTED'],
    ['http://a.test/x?proxy=http%3A%2F%2Fme%3As3cret%40b.test', 'http://a.test/x?proxy=REDACTED'],
    ['http://a.test/x?//me:s3cret%40b.test=1', 'http://a.test/x?REDACTED'],
    ['http://a.test/x?to=http://b.test:80/@me&at=10:30', 'http://a.test/x?to=http://b.test:80/@me&at=10:30'],
    ['http://a.test/x?SAMLResponse=s3cret&id_token_hint=s3cret&PHPSESSID=s3cret', 'http://a.test/x?SAMLResponse=REDACTED&id_token_hint=REDACTED&PHPSESSID=REDACTED'],
    ['http://a.test/x?page[number]=2&filter[status]=open&ids[]=1&tokenize=yes', 'http://a.test/x?page[number]=2&filter[status]=open&ids[]=1&tokenize=yes'],
    ['http://a.test/x?pageToken=abc&author=me&design=1', 'http://a.test/x?pageToken=abc&author=me&design=1'],
    ['http://a.test/x?%=1&token', 'http://a.test/x?%=1&token'],
  ])('of %s is %s', async (url, full) => {
    expect((await recorded(url)).full).toBe(full);
  });

  it.each([
    ['question marks', `http://a.test/%?${'?'.repeat(2 ** 20)}`],
    ['escapes that are none', `http://a.test/?${'%=&'.repeat(2 ** 19)}`],
    ['empty parameters', `http://a.test/?${'&'.repeat(2 ** 20)}`],
    ['parameters', `http://a.test/?${'token=s3cret&'.repeat(2 ** 19)}`],
    ['nested names', `http://a.test/?token${'[a]'.repeat(2 ** 19)}=s3cret`],
    ['quotes', `http://a.test/?a=${'"token"'.repeat(2 ** 18)}:"s3cret"`],
    ['slashes and colons', `http://a.test/?a=${'//:'.repeat(2 ** 19)}s3cret@b`],
    ['equals signs', `http://a.test/?${'token='.repeat(2 ** 19)}s3cret`],
    ['a name', `http://a.test/?${'session'.repeat(2 ** 20)}=s3cret`],
    ['at signs', `http://${'@'.repeat(2 ** 20)}a.test/`],
    ['user information', `http://s3cret${'%'.repeat(2 ** 20)}:s3cret@a.test/`],
    ['a host', `http://${'a'.repeat(2 ** 20)}/`],
  ])('is short, and soon made, for megabytes of %s', async (_what, url) => {
    const { full, ms } = await recorded(url);
    expect(String(full).length).toBeLessThan(5_000);
    expect(String(full)).not.toContain('s3cret');
    expect(ms).toBeLessThan(1_000);
  });
});
