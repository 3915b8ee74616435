import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { interceptors, request, type Dispatcher } from 'undici';
import { Hedger, hedgeInfo, hedgeInterceptor } from '@hedgerow/fetch';
import type { ReceivedRequest } from '../support/scripted-server.js';
import { turns, within } from '../support/wait.js';
import { bytes, eager, get, Recorder, UndiciStage } from './dispatching.js';

type Interceptor = Dispatcher.DispatcherComposeInterceptor;

const stage = new UndiciStage();
let hedger: Hedger;
beforeEach(() => {
  hedger = new Hedger(eager);
});
afterEach(() => hedger.dispose());

/** Both ways to put an interceptor beside the one that hedges: it sees one call, or every attempt. */
const orders: readonly (readonly [string, (other: Interceptor) => Dispatcher])[] = [
  ['around it', (other) => stage.agent.compose(hedgeInterceptor({ hedger }), other)],
  ['below it', (other) => stage.agent.compose(other, hedgeInterceptor({ hedger }))],
];

/** Answers every second request of every path. */
function answerHedges(answer: (request: ReceivedRequest) => void): void {
  const seen = new Map<string, number>();
  stage.server.script((received) => {
    const count = (seen.get(received.path) ?? 0) + 1;
    seen.set(received.path, count);
    if (count % 2 === 0) answer(received);
  });
}

describe.each(orders)('redirect() %s', (order, compose) => {
  it('is followed, with hedges on the way', async () => {
    const to: Readonly<Record<string, string>> = { '/one': '/two', '/two': '/three' };
    answerHedges((received) => {
      const location = to[received.path];
      if (location === undefined) received.respond({ body: 'arrived' });
      else received.respond({ status: 302, headers: { location } });
    });
    const primaries: ReceivedRequest[] = [];
    if (order === 'below it') {
      // There an attempt follows by itself: of each hop its second request is answered, so that the primary's waits for the hedge's.
      stage.server.script((received) => {
        if (received.path === '/one') {
          if (primaries.push(received) === 2) received.respond({ status: 302, headers: { location: '/two' } });
        } else received.respond({ body: 'arrived' });
      });
    }
    const answer = await within(5_000, 'the answer', request(`${stage.server.origin}/one`, { dispatcher: compose(interceptors.redirect({ maxRedirections: 5 })) }));
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, 'arrived']);
    const { history } = answer.context as { history: URL[] };
    expect(history.map(({ pathname }) => pathname)).toEqual(order === 'below it' ? ['/one', '/two'] : ['/one', '/two', '/three']);
    expect(hedgeInfo(answer)).toMatchObject({ attempts: 2, winner: 1 });
    expect(hedger.stats().hedged).toBe(order === 'below it' ? 1 : 3);
  });
});

describe.each(orders)('retry() %s', (order, compose) => {
  const retry = interceptors.retry({ maxRetries: 3, minTimeout: 1, timeoutFactor: 1 });

  it('asks again after a 503', async () => {
    let failures = 0;
    stage.server.script((received) => {
      if (failures++ < 1) received.respond({ status: 503 });
      else received.respond({ body: 'at last' });
    });
    hedger.dispose(); // nothing is hedged, and everything goes through
    const plain = await request(stage.server.origin, { dispatcher: compose(retry) });
    expect(await plain.body.text()).toBe('at last');

    failures = 0;
    hedger = new Hedger({ delay: 60_000 });
    const answer = await request(stage.server.origin, { dispatcher: compose(retry) });
    expect(await answer.body.text()).toBe('at last');
    expect(hedger.stats()).toMatchObject(order === 'around it' ? { calls: 2, failed: 1, wins: { primary: 1 } } : { calls: 1, wins: { primary: 1 } });
  });

  it('goes on where a body broke off, and every byte is there once', async () => {
    const body = bytes(400_000);
    const headers = { etag: '"e"', 'accept-ranges': 'bytes' };
    const answer = request(stage.server.origin, { dispatcher: compose(retry) });
    const [primary, hedge] = await stage.take(2);
    const open = hedge?.open({ headers: { ...headers, 'content-length': String(body.length) } });
    await open?.write(body.subarray(0, 150_000));
    const response = await answer;
    const read = response.body.arrayBuffer();
    await new Promise((resolve) => setTimeout(resolve, 30));
    stage.server.script((received) => {
      const from = Number(/bytes=(\d+)-/.exec(received.headers.range ?? '')?.[1]);
      received.respond({ status: 206, headers: { ...headers, 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` }, body: body.subarray(from) });
    });
    hedge?.reset();
    expect(Buffer.from(await within(5_000, 'the rest', read)).equals(body)).toBe(true);
    await within(5_000, 'the loser to be closed', primary?.gone ?? Promise.reject(new Error('no loser')));
  });

  it('leaves a loser alone that was cut off', async () => {
    const answer = request(stage.server.origin, { dispatcher: compose(retry) });
    const [primary, hedge] = await stage.take(2);
    hedge?.respond({ body: 'hedge' });
    expect(await (await answer).body.text()).toBe('hedge');
    await within(5_000, 'the loser to be closed', primary?.gone ?? Promise.reject(new Error('no loser')));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(stage.server.requests).toHaveLength(2);
  });

  it('is given up with the call, also while it waits to ask again', async () => {
    const patient = interceptors.retry({ maxRetries: 3, minTimeout: 50, timeoutFactor: 1 });
    const controller = new AbortController();
    hedger = new Hedger({ delay: 60_000 });
    const answer = request(stage.server.origin, { dispatcher: compose(patient), signal: controller.signal });
    (await stage.server.next()).reset();
    await turns();
    const rejected = expect(answer).rejects.toMatchObject({ name: 'AbortError' });
    controller.abort();
    await within(5_000, 'the call to end', rejected);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(stage.server.requests.filter(({ isGone }) => !isGone)).toHaveLength(0);
  });
});

describe.each(orders)('cache() %s', (order, compose) => {
  it('keeps what a hedge brought, and serves it', async () => {
    const dispatcher = compose(interceptors.cache());
    const answer = request(`${stage.server.origin}/kept`, { dispatcher });
    const [, hedge] = await stage.take(2);
    hedge?.respond({ body: 'kept', headers: { 'cache-control': 'max-age=100' } });
    expect(await (await answer).body.text()).toBe('kept');
    await turns();
    const again = await request(`${stage.server.origin}/kept`, { dispatcher });
    expect(await again.body.text()).toBe('kept');
    expect(again.headers).toHaveProperty('age');
    expect(stage.server.requests).toHaveLength(2);
    expect(hedger.stats().calls).toBe(order === 'around it' ? 1 : 2);
  });

  it('asks anew whether it is still good', async () => {
    const dispatcher = compose(interceptors.cache());
    stage.server.script((received) => received.respond({ body: 'old', headers: { etag: '"1"', 'cache-control': 'max-age=0' } }));
    expect(await (await request(stage.server.origin, { dispatcher })).body.text()).toBe('old');
    await turns();
    stage.server.script(undefined);
    const answer = request(stage.server.origin, { dispatcher });
    const first = await stage.server.next();
    const second = await stage.server.next();
    expect([first.headers['if-none-match'], second.headers['if-none-match']]).toEqual(['"1"', '"1"']);
    second.respond({ status: 304, headers: { etag: '"1"', 'cache-control': 'max-age=0' } });
    expect(await (await answer).body.text()).toBe('old');
  });

  it('keeps nothing of a loser', async () => {
    const dispatcher = compose(interceptors.cache());
    const answer = request(stage.server.origin, { dispatcher });
    const [primary, hedge] = await stage.take(2);
    const caching = { 'cache-control': 'max-age=100' };
    await primary?.open({ status: 503, headers: { ...caching, 'content-length': '9' } }).write('half');
    hedge?.respond({ body: 'whole', headers: caching });
    expect(await (await answer).body.text()).toBe('whole');
    await within(5_000, 'the loser to be closed', primary?.gone ?? Promise.reject(new Error('no loser')));
    // Below it undici's cache drops what it has of a URL when any request for that is cut off.
    stage.server.script((received) => received.respond({ body: 'whole' }));
    expect(await (await request(stage.server.origin, { dispatcher })).body.text()).toBe('whole');
    expect(stage.server.requests).toHaveLength(order === 'around it' ? 2 : 3);
  });
});

describe.each(orders)('others %s', (_order, compose) => {
  const addresses: Interceptor = interceptors.dns({ lookup: (_origin, _options, found) => found(null, [{ address: '127.0.0.1', ttl: 1_000, family: 4 }]) });

  it('dns() finds the server for every attempt', async () => {
    const { port } = new URL(stage.server.origin);
    const answer = request(`http://named.test:${port}/`, { dispatcher: compose(addresses) });
    const [primary, hedge] = await stage.take(2);
    expect([primary?.headers.host, hedge?.headers.host]).toEqual([`named.test:${port}`, `named.test:${port}`]);
    hedge?.respond({ body: 'found' });
    expect(await (await answer).body.text()).toBe('found');
  });

  it('dump() reads and drops the body', async () => {
    const recorder = new Recorder();
    compose(interceptors.dump()).dispatch(get(stage.server.origin), recorder);
    const [, hedge] = await stage.take(2);
    hedge?.respond({ body: 'dropped' });
    await recorder.over;
    expect([recorder.statusCode, recorder.body.length, recorder.error]).toEqual([200, 0, undefined]);
  });

  it('decompress() decompresses', async () => {
    const text = 'word '.repeat(100_000);
    const answer = request(stage.server.origin, { dispatcher: compose(interceptors.decompress()) });
    const [, hedge] = await stage.take(2);
    hedge?.respond({ body: gzipSync(text), headers: { 'content-encoding': 'gzip' } });
    expect(await (await answer).body.text()).toBe(text);
  });

  it('responseError() makes an error of a status, which counts as that status', async () => {
    const answer = request(stage.server.origin, { dispatcher: compose(interceptors.responseError()) });
    const attempts = await stage.take(2);
    attempts[1]?.respond({ status: 500 });
    await turns();
    const rejected = expect(answer).rejects.toMatchObject({ name: 'ResponseError', statusCode: 404 });
    attempts[0]?.respond({ status: 404, body: 'none', headers: { 'content-type': 'text/plain' } });
    await rejected;
    expect(hedger.stats()).toMatchObject({ wins: { primary: 1 }, failed: 0 });
  });

  it('deduplicate() sends equal requests once, and their hedges', async () => {
    const dispatcher = compose(interceptors.deduplicate());
    const answers = [request(stage.server.origin, { dispatcher }), request(stage.server.origin, { dispatcher })];
    const attempts = await stage.take(1);
    await new Promise((resolve) => setTimeout(resolve, 60));
    for (const each of stage.server.requests) each.respond({ body: 'same' });
    expect(attempts).toHaveLength(1);
    for (const answer of answers) expect(await (await within(5_000, 'both', answer)).body.text()).toBe('same');
    expect(stage.server.requests.length).toBeLessThanOrEqual(2);
  });
});
