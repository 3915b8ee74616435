import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Hedger, hedgeInfo, type Describe, type HedgeRequest, type HedgerOptions, type RequestDescription } from '@hedgerow/core';
import { textBody } from '@hedgerow/core/adapter';

const POST: HedgeRequest = { method: 'POST', url: 'http://a.test/rpc', header: () => undefined, body: textBody(() => 'find') };
const GET: HedgeRequest = { method: 'GET', url: 'http://a.test/rpc' };

const hedgerWith = (options: HedgerOptions): Hedger => new Hedger({ delay: 0, budget: false, ...options });
const run = (hedger: Hedger, request: HedgeRequest): Promise<object> =>
  hedger.run({ request, start: () => new Promise((resolve) => setTimeout(() => resolve({}), 5)) });
const infoOf = async (options: HedgerOptions, request: HedgeRequest): Promise<ReturnType<typeof hedgeInfo>> => hedgeInfo(await run(hedgerWith(options), request));

describe('option `describe`', () => {
  let warned: jest.SpiedFunction<typeof process.emitWarning>;
  beforeEach(() => void (warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined)));
  afterEach(() => warned.mockRestore());

  it('lets a POST be hedged that it calls safe, by what is sent', async () => {
    const options: HedgerOptions = { describe: ({ body }) => ({ safe: body?.text?.() === 'find' }) };
    expect(await infoOf(options, POST)).toMatchObject({ eligible: true, attempts: 2 });
    expect(await infoOf(options, { ...POST, body: textBody(() => 'pay') })).toMatchObject({ eligible: false, ineligibleReason: 'operation', attempts: 1 });
  });

  it('keeps a GET from being hedged that it calls unsafe, and one with an Idempotency-Key', async () => {
    const options: HedgerOptions = { idempotencyKey: true, describe: () => ({ safe: false }) };
    expect(await infoOf(options, GET)).toMatchObject({ ineligibleReason: 'operation', attempts: 1 });
    expect(await infoOf(options, { ...POST, header: () => 'key' })).toMatchObject({ ineligibleReason: 'operation', attempts: 1 });
  });

  it('leaves it to the method where it says nothing of it', async () => {
    for (const said of [undefined, {}, { operation: 'find' }]) {
      expect(await infoOf({ describe: () => said }, GET)).toMatchObject({ eligible: true });
      expect(await infoOf({ describe: () => said }, POST)).toMatchObject({ ineligibleReason: 'method' });
      expect(await infoOf({ describe: () => said, methods: ['POST'] }, POST)).toMatchObject({ eligible: true });
    }
  });

  it('names the route, cut where it is too long', async () => {
    const route = async (operation: string, options: HedgerOptions = {}): Promise<string | undefined> =>
      (await infoOf({ describe: () => ({ operation, safe: true }), ...options }, POST))?.key;
    expect(await route('find')).toBe('POST http://a.test/rpc find');
    expect(await route('x'.repeat(300))).toBe(`POST http://a.test/rpc ${'x'.repeat(200)}`);
    expect(await route('find', { latency: { key: ({ operation = '' }) => `by ${operation}` } })).toBe('by find');
  });

  it('gives operations of one URL latencies of their own', async () => {
    const hedger = hedgerWith({ describe: ({ body }) => ({ operation: body?.text?.() ?? 'none', safe: true }) });
    for (const text of ['find', 'list', 'find']) await run(hedger, { ...POST, body: textBody(() => text) });
    expect(hedger.routes().map(({ key, samples }) => ({ key, samples }))).toEqual([
      { key: 'POST http://a.test/rpc list', samples: 1 },
      { key: 'POST http://a.test/rpc find', samples: 2 },
    ]);
  });

  it('is asked once per call, and what it said is known to all that are asked later', async () => {
    const asked = jest.fn<Describe>(() => ({ operation: 'find', safe: true, attributes: { a: 'b' } }));
    const seen: (string | undefined)[] = [];
    const see = ({ request }: { readonly request: HedgeRequest }): void => void seen.push(request.operation);
    const when = (request: HedgeRequest): boolean => (see({ request }), request.safe === true);
    const accept = (result: { readonly request: HedgeRequest; readonly acceptable: boolean }): boolean => (see(result), result.acceptable);
    const delay = (call: { readonly request: HedgeRequest }): number => (see(call), 0);
    await infoOf({ describe: asked, when, accept, delay, onHedge: see, onComplete: see }, POST);
    expect(asked).toHaveBeenCalledTimes(1);
    expect(asked.mock.calls[0]?.[0].operation).toBeUndefined();
    expect(seen.length).toBeGreaterThanOrEqual(5);
    expect(new Set(seen)).toEqual(new Set(['find']));
  });

  it('is not asked about what is not hedged anyway, nor about what no HTTP request is', async () => {
    const asked = jest.fn<Describe>(() => ({ safe: true }));
    const hedger = hedgerWith({ describe: asked, maxReplayBytes: 3 });
    expect(hedger.ineligible(POST, false)).toBe('disabled');
    expect(hedger.ineligible(POST, { mode: 'off' })).toBe('off');
    expect(hedger.ineligible(POST)).toBe('body_too_large');
    expect(hedger.ineligible({ ...POST, body: { replayable: false } })).toBe('body_not_replayable');
    expect(hedger.ineligible({ ...POST, rpc: { system: 'grpc', service: 'a.B', method: 'C' }, body: undefined })).toBe('method');
    expect(await hedger.hedge('key', () => Promise.resolve(1))).toBe(1);
    expect(asked).not.toHaveBeenCalled();
  });

  it('that throws is said once, and the call is sent once', async () => {
    const hedger = hedgerWith({
      describe: () => {
        throw new Error('no JSON');
      },
    });
    for (const request of [POST, GET]) expect(hedgeInfo(await run(hedger, request))).toMatchObject({ eligible: false, ineligibleReason: 'describe', attempts: 1 });
    expect(warned.mock.calls.map(([message]) => message)).toEqual(['hedgerow: option `describe` threw: no JSON']);
    expect(hedger.stats().ineligible.describe).toBe(2);
  });

  it.each<[string, unknown, string]>([
    ['no object', 'query', '`describe()` must be an object, got "query"'],
    ['nothing', null, '`describe()` must be an object, got null'],
    ['unknown members', { isSafe: true }, 'unknown option `describe().isSafe`; known are operation, safe, attributes'],
    ['a safety that is none', { safe: 'yes' }, '`describe().safe` must be true or false, got "yes"'],
    ['no name', { operation: '' }, '`describe().operation` must be a non-empty string, got ""'],
    ['another kind of name', { operation: 7 }, '`describe().operation` must be a non-empty string, got 7'],
    ['attributes that are none', { attributes: 'a' }, '`describe().attributes` must be an object, got "a"'],
    ['what refuses to be read', Object.defineProperty({}, 'safe', { enumerable: true, get: () => { throw new Error('hidden'); } }), 'hidden'],
  ])('that gives %s is named, and the call is sent once', async (_, said, complaint) => {
    const hedger = hedgerWith({ describe: () => said as RequestDescription });
    for (let call = 0; call < 2; call++) expect(hedgeInfo(await run(hedger, GET))).toMatchObject({ ineligibleReason: 'describe', attempts: 1 });
    expect(warned).toHaveBeenCalledTimes(1);
    expect(String(warned.mock.calls[0]?.[0])).toContain(complaint);
  });

  it('that gives a promise is named, and what that rejects with is nobody\'s', async () => {
    const hedger = hedgerWith({ describe: () => Promise.reject(new Error('late')) as unknown as RequestDescription });
    expect(hedgeInfo(await run(hedger, GET))).toMatchObject({ ineligibleReason: 'describe', attempts: 1 });
    await new Promise((resolve) => setTimeout(resolve));
    expect(String(warned.mock.calls[0]?.[0])).toContain('option `describe` returned a promise');
  });

  it('leaves the request of an adapter as it is, which may be one for many calls', async () => {
    const request = Object.freeze({ ...POST });
    let number = 0;
    const hedger = hedgerWith({ describe: () => ({ operation: `op${number++}`, safe: true }) });
    const infos = await Promise.all([run(hedger, request), run(hedger, request)]);
    expect(infos.map((info) => hedgeInfo(info)?.key)).toEqual(['POST http://a.test/rpc op0', 'POST http://a.test/rpc op1']);
  });

  it('keeps what an adapter knows of a request, of whatever class it is', async () => {
    class Request implements HedgeRequest {
      readonly routeName = '/named';
      readonly #method = 'POST';
      get method(): string {
        return this.#method;
      }
      get url(): string {
        return POST.url;
      }
      header(name: string): string {
        return `${this.#method} ${name}`;
      }
    }
    const seen: (string | undefined)[] = [];
    const info = await infoOf({ describe: () => ({ safe: true }), when: ({ header }) => seen.push(header?.('a')) > 0 }, new Request());
    expect({ key: info?.key, seen }).toEqual({ key: 'POST http://a.test/named', seen: ['POST a'] });
    expect(await infoOf({ describe: () => ({}) }, { ...POST, operation: 'known', safe: true })).toMatchObject({ eligible: true, key: 'POST http://a.test/rpc known' });
    expect(await infoOf({}, { ...POST, safe: true })).toMatchObject({ eligible: true });
    expect(await infoOf({}, { ...GET, safe: false })).toMatchObject({ ineligibleReason: 'operation' });
  });

  it('must be a function', () => {
    expect(() => new Hedger({ describe: 'graphql' as never })).toThrow('option `describe` must be a function, got "graphql"');
  });
});
