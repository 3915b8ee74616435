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
const secretQuery = 'access_token=s3cret&api%5Fkey=s3cret&key=s3cret&q=1;sid=s3cret&next=http%3A%2F%2Fb.test%2F%3Fcode%3Ds3cret#s3cret';

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
