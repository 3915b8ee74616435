import { describe, expect, it } from '@jest/globals';
import { Hedger, hedgeInfo, type HedgeRequest } from '@hedgerow/core';
import { cpuMsOf } from '../support/busy-time.js';

async function keyOf(request: Partial<HedgeRequest>, hedger = new Hedger()): Promise<string> {
  const response = await hedger.run({ request: { method: 'GET', url: 'http://a.test/', ...request }, start: () => Promise.resolve({}) });
  return hedgeInfo(response)?.key ?? '';
}

const MEGABYTE = 2 ** 20;

describe('keys, which show in metrics, snapshots and hedgeInfo,', () => {
  it.each([
    ['http://user:s3cret@a.test/x', 'GET http://a.test/x'],
    ['http:\\\\user:s3cret@a.test/x', 'GET http://:id/x'],
    ['http:user:s3cret@a.test/x', 'GET :id/x'],
    ['http://a.test/x?token=s3cret#s3cret', 'GET http://a.test/x'],
    ['http://a.test/x;jsessionid=s3cret/y', 'GET http://a.test/:id/y'],
    ['/x?token=s3cret&next=http://b.test/y', 'GET /x'],
    ['http://a.test/x;sid=abc/y', 'GET http://a.test/:id/y'],
    ['/some/words?token=s3cret&next=http://b.test/y', 'GET /some/words'],
    ['http://a.test/reset/s3cret:0123456789', 'GET http://a.test/reset/:id'],
    [`http://a.test/${'long/'.repeat(39)}s3cretwords`, `GET http://a.test/${'long/'.repeat(39)}:id`],
  ])('hold no secret of %s', async (url, key) => {
    expect(await keyOf({ url })).toBe(key);
  });

  it.each([
    ['HTTP://A.test:80/x', 'http://a.test/x'],
    ['http://a.test\\@b.test/x', 'http://a.test/:id/x'],
    ['https://a.test:443/x', 'https://a.test/x'],
    ['http://a.te\nst/x', 'http://a.test/x'],
    ['http://ä.test/x', 'http://xn--4ca.test/x'],
  ])('name the server that %s is really sent to, so that no other one pays', async (url, key) => {
    expect(await keyOf({ url })).toBe(`GET ${key}`);
  });

  it.each(['\0', '\n', '\u001b[2J', '\ud800', '\u202e', 'ä', '\u009b'])('hold no control character and no odd one: %j', async (odd) => {
    for (const url of [`http://a.test/a${odd}b/c`, `http://a${odd}.test/c`, `a${odd}://b/c`]) expect(await keyOf({ url })).toMatch(/^[\x20-\x7e]*$/);
  });

  it.each<[string, Partial<HedgeRequest>]>([
    ['path', { url: `http://a.test/${'a'.repeat(MEGABYTE)}` }],
    ['path of many segments', { url: `http://a.test${'/a'.repeat(MEGABYTE / 2)}` }],
    ['query', { url: `http://a.test/?${'?'.repeat(MEGABYTE)}` }],
    ['host', { url: `http://${'a'.repeat(MEGABYTE)}/` }],
    ['host in capitals', { url: `http://${'A.'.repeat(MEGABYTE / 2)}/` }],
    ['user', { url: `http://${'@'.repeat(MEGABYTE)}/` }],
    ['scheme', { url: `${'a'.repeat(MEGABYTE)}://b/` }],
    ['method', { method: 'X'.repeat(MEGABYTE) }],
    ['procedure', { rpc: { system: 'grpc', service: 's'.repeat(MEGABYTE), method: 'm' } }],
  ])('are short, and soon made, for a %s of megabytes', async (_, request) => {
    const hedger = new Hedger({ methods: ['GET', request.method ?? 'GET'] });
    let key = Promise.resolve('');
    // The bound is a hundred times what it takes, and a hundredth of what trouble takes.
    expect(await cpuMsOf(() => (key = keyOf(request, hedger)))).toBeLessThan(1_000);
    expect((await key).length).toBeLessThan(1_500);
  });

  it('are short also if the user makes them of what he is given', async () => {
    const hedger = new Hedger({ latency: { key: ({ url }) => url } });
    expect((await keyOf({ url: `http://a.test/${'a'.repeat(MEGABYTE)}` }, hedger)).length).toBeLessThan(5_000);
  });

  it('are few, however many paths, hosts and methods are made up', async () => {
    const hedger = new Hedger({ latency: { maxKeys: 50 }, idempotencyKey: true });
    for (let index = 0; index < 500; index++) {
      await keyOf({ url: `http://${'abcdefghij'[index % 10]}${index}.test/x${'abcdefghij'[index % 10]}`, method: `M${index}`, header: () => 'key' }, hedger);
    }
    expect(hedger.stats()).toMatchObject({ eligible: 500, keys: 50 });
    const { origins, routes } = hedger.snapshot();
    expect(Math.max(origins.length, routes.length)).toBeLessThanOrEqual(50);
  });
});
