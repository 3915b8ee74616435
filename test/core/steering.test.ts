import { describe, expect, it, jest } from '@jest/globals';
import type { AttemptContext, HedgeEvent, HedgeOptions, HedgeRequest } from '@hedgerow/core';
import { CallIds } from '#core/steering/call-ids.js';
import { markOf } from '#core/steering/mark.js';
import { Stage, type Script } from './stage.js';

const A = 'https://a.test';
const B = 'https://b.test/v2';
const C = 'https://c.test:8443';

const slow: Script = { ms: 1_000 };

function get(url: string, headers: Readonly<Record<string, string>> = {}): HedgeRequest {
  return { method: 'GET', url, header: (name) => headers[name] };
}

/** The attempts of one call whose hedges are sent at once. */
async function attemptsOf(options: HedgeOptions, request: HedgeRequest): Promise<AttemptContext[]> {
  const stage = new Stage({ delay: 0, ...options });
  void stage.run([slow, slow, slow], {}, { request });
  await stage.clock.advance(0);
  return stage.started;
}

async function hedgeOf(options: HedgeOptions, request: HedgeRequest): Promise<AttemptContext['steered']> {
  const [, hedge] = await attemptsOf(options, request);
  return hedge?.steered;
}

describe('targets', () => {
  it.each([
    [`${A}/items/1?q=1#top`, `${B}/items/1?q=1#top`],
    [A, B],
    [`${A}?q`, `${B}?q`],
    [`${A}#top`, `${B}#top`],
    ['https://user:pw@A.test:443/items', `${B}/items`],
    [`${A}/../x`, `${B}/x`],
    [`${A}/%2e%2e/x`, `${B}/x`],
    [`${A}/a\\..\\..\\x`, `${B}/x`],
  ])('send the hedge of %s to %s', async (from, to) => {
    expect(await hedgeOf({ targets: [A, `${B}/`] }, get(from))).toMatchObject({ url: to, target: B, origin: 'https://b.test' });
  });

  it('leave the primary where its caller sent it', async () => {
    const [primary] = await attemptsOf({ targets: [A, B] }, get(`${A}/1`));
    expect(primary?.steered).toMatchObject({ url: undefined, target: A });
    expect(primary?.steered?.omits('authorization')).toBe(false);
    expect(primary?.headers).toBeUndefined();
  });

  it.each(['https://elsewhere.test/1', 'https://a.test.evil.test/1', 'https://a.testimony/1', 'http://a.test/1', 'nonsense', `${B}beta/1`])(
    'are none of the business of %s',
    async (url) => {
      expect((await hedgeOf({ targets: [A, B] }, get(url)))?.url).toBeUndefined();
    },
  );

  it('are told apart by their paths, the longest counts', async () => {
    const targets = ['https://a.test', 'https://a.test/eu'];
    expect(await hedgeOf({ targets }, get('https://a.test/eu/1'))).toMatchObject({ url: 'https://a.test/1', isForeign: false });
    expect(await hedgeOf({ targets }, get('https://a.test/europe'))).toMatchObject({ url: 'https://a.test/eu/europe' });
  });

  it('are told apart by their paths whatever their order, and may end in slashes', async () => {
    const targets = ['https://a.test/eu///', 'https://a.test', 'https://b.test'];
    const [primary] = await attemptsOf({ targets }, get('https://a.test/eu/1'));
    expect(primary?.steered).toMatchObject({ target: 'https://a.test/eu' });
  });

  it('are tried in turn: none twice before each had its turn', async () => {
    const attempts = await attemptsOf({ targets: [A, B, C], delay: [0, 0, 0] }, get(`${B}/1`));
    const [primary, second, third, fourth] = attempts.map(({ steered }) => steered?.target);
    expect(primary).toBe(B);
    expect([second, third].sort()).toEqual([A, C]);
    expect([A, B, C]).toContain(fourth);
  });

  it('with the fewest attempts under way come first, and an attempt that ended counts no more', async () => {
    const stage = new Stage({ delay: 10, targets: [A, B, C] });
    const request = get(`${A}/1`);
    for (let call = 0; call < 4; call++) void stage.run([slow], { delay: 5_000 }, { request: get(`${B}/1`) });
    void stage.run([slow], { delay: 5_000 }, { request: get(`${C}/1`) });
    void stage.run([slow, { ms: 2_000 }], {}, { request });
    await stage.clock.advance(20);
    expect(stage.started.at(-1)?.steered?.target).toBe(C);
    await stage.clock.advance(3_000); // all over
    void stage.run([slow], { delay: 5_000 }, { request: get(`${C}/1`) });
    void stage.run([slow, slow], {}, { request });
    await stage.clock.advance(20);
    expect(stage.started.at(-1)?.steered?.target).toBe(B);
  });

  it('that are equally busy are chosen by chance', async () => {
    const stage = new Stage({ delay: 0, targets: [A, B, C] });
    for (const random of [0, 0.999]) {
      stage.clock.random = () => random;
      void stage.run([{ ms: 1 }], {}, { request: get(`${A}/1`) });
      await stage.clock.advance(10);
    }
    expect(stage.started.filter(({ isHedge }) => isHedge).map(({ steered }) => steered?.target)).toEqual([B, C]);
  });

  it('that asked to be left alone are passed over, and ask for themselves alone', async () => {
    const stage = new Stage({ delay: 10, targets: [A, B, C] });
    const request = get(`${A}/1`);
    stage.clock.random = () => 0;
    void stage.run([{ ms: 50 }, { ms: 1, status: 503, headers: { 'retry-after': '60' } }], {}, { request });
    await stage.clock.advance(100);
    expect(stage.started.at(-1)?.steered?.target).toBe(B);
    void stage.run([slow, slow], {}, { request });
    await stage.clock.advance(100);
    expect(stage.started.at(-1)?.steered?.target).toBe(C);
    // From B's side both others may still be asked; with B and C alone nobody is left for C.
    void stage.run([slow, slow], { targets: [B, C] }, { request: get(`${C}/1`) });
    await stage.clock.advance(100);
    expect(stage.hedger.stats().suppressions.pushback).toBe(1);
  });

  it('are named in onHedge and in hedgeInfo, and observers see the URL', async () => {
    const events: HedgeEvent[] = [];
    const urls: (string | undefined)[] = [];
    const stage = new Stage({ delay: 10, targets: [A, B], onHedge: (event) => void events.push(event) });
    stage.hedger.observe({ onCall: () => ({ onAttempt: ({ steered }) => void urls.push(steered?.url) }) });
    const { hedgeInfo } = await import('@hedgerow/core');
    const call = stage.run([slow, { ms: 1 }], {}, { request: get(`${A}/1`) });
    await stage.clock.advance(100);
    expect(events).toMatchObject([{ target: B, isShadow: false }]);
    expect(urls).toEqual([undefined, `${B}/1`]);
    expect(hedgeInfo(await call)).toMatchObject({ winner: 1, target: B });
  });
});

describe('route', () => {
  it('chooses the base URL by what is known of the call', async () => {
    const seen: unknown[] = [];
    const route: HedgeOptions['route'] = ({ request, number, tried, inFlight }) => {
      seen.push([request.url, number, tried, inFlight(A)]);
      return 'http://other.test/base/';
    };
    expect(await hedgeOf({ targets: [A, B], route }, get(`${A}/1?x`))).toMatchObject({ url: 'http://other.test/base/1?x', isForeign: true });
    expect(seen).toEqual([[`${A}/1?x`, 1, [A], 1]]);
    expect(await hedgeOf({ route }, get('https://any.test/p/1?x'))).toMatchObject({ url: 'http://other.test/base/p/1?x' });
  });

  it.each(['nonsense', 'ftp://a.test/x'])('cannot send %s anywhere else', async (url) => {
    expect(await hedgeOf({ route: () => B }, get(url))).toMatchObject({ url: undefined, isForeign: false });
  });

  it('leaves it to targets, or to the primary, where it says nothing', async () => {
    const route = (): undefined => undefined;
    expect(await hedgeOf({ targets: [A, B], route }, get(`${A}/1`))).toMatchObject({ target: B });
    expect((await hedgeOf({ route }, get(`${A}/1`)))?.url).toBeUndefined();
  });

  it.each([() => 'not a URL', () => 'ftp://a.test', () => 7 as unknown as string, () => { throw new Error('no'); }])(
    'is reported and ignored when it gives no base URL (%#)',
    async (route) => {
      const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
      expect(await hedgeOf({ targets: [A, B], route }, get(`${A}/1`))).toMatchObject({ target: B });
      expect(warned).toHaveBeenCalledTimes(1);
      expect(warned).toHaveBeenCalledWith(
        expect.stringMatching(/^hedgerow: option `route` (?:threw: no|returned no base URL: hedgerow: option `route` must be an absolute)/),
        expect.anything(),
      );
      warned.mockRestore();
    },
  );
});

describe('credentials', () => {
  const headers = { authorization: 'Bearer s3cret', cookie: 'sid=s3cret' };

  it('stay with the first origin', async () => {
    const steered = await hedgeOf({ targets: [A, B] }, get('https://user:pw@a.test/1', headers));
    expect(steered).toMatchObject({ isForeign: true, withoutCredentials: true, url: `${B}/1` });
    const omitted = ['Authorization', 'proxy-authorization', 'cookie', 'accept'].filter((name) => steered?.omits(name));
    expect(omitted).toEqual(['Authorization', 'proxy-authorization', 'cookie']);
  });

  it.each(['http://a.test', 'https://a.test:444', 'https://b.a.test'])('do not go to %s from https://a.test', async (target) => {
    expect(await hedgeOf({ targets: [A, target] }, get(`${A}/1`))).toMatchObject({ withoutCredentials: true });
  });

  it('go along on the same origin, and where the user allows it', async () => {
    const own = await hedgeOf({ targets: [A, `${A}/v2`] }, get('https://user:pw@a.test/1'));
    expect(own).toMatchObject({ url: 'https://user:pw@a.test/v2/1', withoutCredentials: false });
    const allowed = await hedgeOf({ targets: [A, B], forwardCredentials: true }, get('https://user:pw@a.test/1'));
    expect(allowed).toMatchObject({ url: 'https://user:pw@b.test/v2/1', withoutCredentials: false });
    expect([own, allowed].map((steered) => steered?.omits('authorization'))).toEqual([false, false]);
  });

  it.each([302, 401, 403, 407])('that are missing let no %d win', async (status) => {
    const stage = new Stage({ delay: 10, targets: [A, B] });
    const call = stage.run([{ ms: 100 }, { ms: 1, status }], {}, { request: get(`${A}/1`) });
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 0, status: 200 });
  });

  it.each([200, 304])('that are missing leave a %d alone', async (status) => {
    const stage = new Stage({ delay: 10, targets: [A, B] });
    const call = stage.run([{ ms: 100 }, { ms: 1, status }], {}, { request: get(`${A}/1`) });
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1, status });
  });

  it('that went along let a redirect win as ever', async () => {
    const stage = new Stage({ delay: 10, targets: [A, B], forwardCredentials: true });
    const call = stage.run([{ ms: 100 }, { ms: 1, status: 302 }], {}, { request: get(`${A}/1`) });
    await stage.clock.advance(200);
    expect(await call).toMatchObject({ from: 1 });
  });
});

describe('affinity cookies', () => {
  const cookie = 'sid=1; AWSALB=abc==;AWSALBCORS=x; theme=dark; BIGipServer~pool=7; SERVERIDENTITY=me';

  it('are left in by default', async () => {
    const attempts = await attemptsOf({}, get(`${A}/1`, { cookie }));
    expect(attempts.map(({ steered, headers }) => [steered, headers])).toEqual([[undefined, undefined], [undefined, undefined]]);
  });

  it('that are known, or named, are left out of hedges alone', async () => {
    const [primary, hedge] = await attemptsOf({ stripAffinityCookies: true }, get(`${A}/1`, { cookie }));
    expect([primary?.headers, primary?.steered]).toEqual([undefined, undefined]);
    expect(hedge?.headers).toEqual({ cookie: 'sid=1; theme=dark; SERVERIDENTITY=me' });
    expect(hedge?.steered?.url).toBeUndefined();
    expect(['Cookie', 'authorization'].map((name) => hedge?.steered?.omits(name))).toEqual([true, false]);
    const [, named] = await attemptsOf({ stripAffinityCookies: ['theme', 'AWS*'] }, get(`${A}/1`, { cookie }));
    expect(named?.headers).toEqual({ cookie: 'sid=1; BIGipServer~pool=7; SERVERIDENTITY=me' });
  });

  it('that a request does not have change nothing', async () => {
    for (const request of [get(`${A}/1`, { cookie: 'theme=dark' }), get(`${A}/1`), { method: 'GET', url: `${A}/1` }]) {
      const [, hedge] = await attemptsOf({ stripAffinityCookies: true }, request);
      expect(hedge?.headers).toBeUndefined();
      expect(hedge?.steered?.omits('cookie')).toBe(false);
    }
  });

  it('take the whole header with them if there is nothing else', async () => {
    const [, hedge] = await attemptsOf({ stripAffinityCookies: true }, get(`${A}/1`, { cookie: 'AWSALB=abc' }));
    expect(hedge?.headers).toEqual({});
    expect(hedge?.steered?.omits('cookie')).toBe(true);
  });

  it('never bring the other cookies back to another origin', async () => {
    const [, hedge] = await attemptsOf({ stripAffinityCookies: true, targets: [A, B] }, get(`${A}/1`, { cookie }));
    expect(hedge?.headers).toBeUndefined();
    expect(hedge?.steered?.omits('cookie')).toBe(true);
  });
});

const MARK = /^attempt=\d;id=c[\da-f]{16}(;delay=\d+)?(;left=\d+)?$/;

describe('the mark of attempts', () => {
  it('is one header of all attempts, with one id for each call', async () => {
    const marks = (await attemptsOf({ markHedges: true, delay: [0, 0] }, get(A))).map(({ headers }) => headers?.hedge ?? '');
    const [id = ''] = /id=\w+/.exec(marks[0] ?? '') ?? [];
    expect(marks).toEqual([`attempt=0;${id}`, `attempt=1;${id};delay=0`, `attempt=2;${id};delay=0`]);
    expect(marks[0]).toMatch(MARK);
    const [other] = await attemptsOf({ markHedges: true, delay: 0 }, get(A));
    expect(other?.headers?.hedge).not.toContain(id);
  });

  it('says what is left of the call', async () => {
    const stage = new Stage({ delay: [10, 20], markHedges: true, timeoutMs: 900 });
    void stage.run([slow, slow, slow], {}, { request: get(A) });
    await stage.clock.advance(30);
    const marks = stage.started.map(({ headers }) => headers?.hedge?.replace(/id=\w+/, 'id'));
    expect(marks).toEqual(['attempt=0;id;left=900', 'attempt=1;id;delay=10;left=890', 'attempt=2;id;delay=20;left=880']);
    expect(markOf({ number: 1, id: 'c1', delayMs: 20.6, timeoutMs: 20.5 })).toBe('attempt=1;id=c1;delay=21;left=0');
  });

  it('is none, unless it is asked for, nor of what is no request', async () => {
    expect((await attemptsOf({ delay: [0, 0] }, get(A))).map(({ headers }) => headers)).toEqual([undefined, undefined, undefined]);
    const stage = new Stage({ delay: 0, markHedges: true });
    const headers: unknown[] = [];
    await stage.hedger.hedge('cache', (attempt) => headers.push(attempt.headers));
    expect(headers).toEqual([undefined, undefined]);
  });

  it('has ids of good chance, on platforms without any of their own, too', () => {
    const { crypto } = globalThis;
    for (const own of [crypto, undefined]) {
      Object.defineProperty(globalThis, 'crypto', { value: own, configurable: true });
      const ids = new CallIds(Math.random);
      const seen = new Set(Array.from({ length: 10_000 }, () => ids.next()));
      expect([seen.size, [...seen].every((id) => /^c[\da-f]{16}$/.test(id))]).toEqual([10_000, true]);
    }
    Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
  });

  it('by a name of the user is on hedges alone, with their number', async () => {
    const attempts = await attemptsOf({ markHedges: 'X-Backup', delay: [0, 0] }, get(A));
    expect(attempts.map(({ headers }) => headers)).toEqual([undefined, { 'x-backup': '1' }, { 'x-backup': '2' }]);
  });

  it('changes neither the way nor what goes along', async () => {
    for (const markHedges of [true, 'x-backup']) {
      expect(await hedgeOf({ markHedges, stripAffinityCookies: true }, get(A))).toMatchObject({ url: undefined, isForeign: false, withoutCredentials: false });
      const foreign = await hedgeOf({ markHedges, targets: [A, B] }, get(`${A}/1`));
      expect([foreign?.isForeign, foreign?.omits('authorization')]).toEqual([true, true]);
    }
  });

  it('stands beside what tracing adds', () => {
    const stage = new Stage({ delay: 0, markHedges: true });
    stage.hedger.observe({ onCall: () => ({ onAttempt: () => ({ headers: { traceparent: '00' } }) }) });
    void stage.run([slow, slow]);
    const mark: unknown = expect.stringMatching(MARK);
    expect(stage.started.map(({ headers }) => headers)).toEqual([{ hedge: mark, traceparent: '00' }, { hedge: mark, traceparent: '00' }]);
  });
});
