import { gunzipSync, gzipSync } from 'node:zlib';
import { text } from 'node:stream/consumers';
import type { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { Client as Elastic8, SniffingTransport, Transport as PlainTransport8 } from '@elastic/elasticsearch';
import { Client as OpenSearchClient, Transport as OpenSearchTransport } from '@opensearch-project/opensearch';
import { hedgedTransport, hedgeInfo, hedging, isHedge } from '@hedgerow/elastic';
import { closedByClient } from '../contract/stage.js';
import { until } from '../support/wait.js';
import { KINDS } from './clients.js';
import { holdPrimaries, json, urlsOf, useNodes } from './nodes.js';

const search = { method: 'POST', path: '/things/_search', body: { size: 1 } };

describe.each(KINDS)('$name: what it has stays', ({ hedged, plain, isOpenSearch }) => {
  const nodes = useNodes(2);

  it('compression of both ways', async () => {
    const compression = isOpenSearch ? { compression: 'gzip', suggestCompression: true } : { compression: true };
    const { client } = hedged({ nodes: urlsOf(nodes), ...compression });
    const call = client.transport.request(search, { meta: true });
    const first = await nodes[0]?.next().catch(() => undefined);
    const second = await nodes[1]?.next();
    for (const request of [first, second]) {
      expect(request?.headers).toMatchObject({ 'content-encoding': 'gzip', 'accept-encoding': 'gzip,deflate' });
      expect(JSON.parse(gunzipSync((await request?.body) ?? '').toString())).toEqual({ size: 1 });
    }
    const { headers } = json({});
    second?.respond({ headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync('{"node":1}') });
    first?.respond({ headers: { ...headers, 'content-encoding': 'gzip' }, body: gzipSync('{"node":0}') });
    expect((await call).body.node).toBeGreaterThanOrEqual(0);
    await client.close();
  });

  it('results, bodies and errors are what they are, and carry nothing that a comparison sees', async () => {
    const { client } = hedged({ nodes: urlsOf(nodes) }, { delay: 60_000 });
    const unhedged = plain({ nodes: urlsOf(nodes) });
    for (const node of nodes) node.script((request) => request.respond(request.path.includes('_missing') ? json({ error: 'none' }, 404) : json({ node: 7, list: [1] })));
    const asked = async (of: typeof client): Promise<unknown[]> => [
      (await of.transport.request(search, { meta: true })).body,
      await of.transport.request({ method: 'HEAD', path: '/things/_doc/1' }, { meta: true }).then(({ body, statusCode }) => ({ body, statusCode })),
      await of.transport.request({ method: 'GET', path: '/things/_doc/_missing' }, { meta: true, ignore: [404] }).then(({ body }) => body),
      await of.transport.request({ method: 'GET', path: '/things/_doc/_missing' }).then(undefined, (error: unknown) => [(error as Error).name, (error as Error).message]),
    ];
    expect(await asked(client)).toStrictEqual(await asked(unhedged));
    const { body } = await client.transport.request(search, { meta: true });
    expect(Object.getOwnPropertySymbols(body).filter((symbol) => Object.getOwnPropertyDescriptor(body, symbol)?.enumerable)).toEqual([]);
    expect(hedgeInfo(body)).toMatchObject({ eligible: true, attempts: 1 });
    await Promise.all([client.close(), unhedged.close()]);
  });

  it('streams: raced to the head, obeying the caller to the end', async () => {
    const { client } = hedged({ nodes: urlsOf(nodes) });
    const call = client.transport.request(search, { meta: true, asStream: true });
    const [first, second] = [await nodes[0]?.next(), await nodes[1]?.next()];
    const answer = second?.open({ ...json({}), body: '{"a":' });
    const result = await call;
    expect(isHedge(result)).toBe(result.meta.connection.url.origin === nodes[1]?.origin && isHedge(result));
    if (first !== undefined) await closedByClient(first);
    await answer?.write('1}');
    answer?.end();
    expect(await text(result.body as unknown as Readable)).toBe('{"a":1}');
    await client.close();
  });

  it('requestTimeout, of which a copy gets what is left', async () => {
    const { client } = hedged({ nodes: urlsOf(nodes), maxRetries: 0 }, { delay: 100 });
    const startedAt = performance.now();
    const failure = client.transport.request(search, { meta: true, requestTimeout: 300 }).then(
      () => undefined,
      (error: unknown) => (error as Error).name,
    );
    const both = [await nodes[0]?.next(), await nodes[1]?.next()];
    expect(await failure).toBe('TimeoutError');
    expect(performance.now() - startedAt).toBeLessThan(2_000);
    for (const request of both) if (request !== undefined) await closedByClient(request);
    await client.close();
  });

  it('child clients share the scheduler, and may have options of their own', async () => {
    const { client, hedger } = hedged({ nodes: urlsOf(nodes) });
    const child = client.child({ context: hedging(false) });
    for (const node of nodes) node.script((request) => request.respond(json({})));
    expect(hedgeInfo(await child.transport.request(search, { meta: true }))).toMatchObject({ eligible: false, ineligibleReason: 'disabled' });
    holdPrimaries(nodes);
    expect(hedgeInfo(await client.transport.request(search, { meta: true }))).toMatchObject({ eligible: true, attempts: 2 });
    expect(hedger.stats().calls).toBe(2);
    expect(() => client.child({ context: { hedge: { maxHedges: -1 } } })).toThrow(/maxHedges/);
    await client.close();
  });

  it('a context of the caller’s own', async () => {
    const { client } = hedged({ nodes: urlsOf(nodes) }, { delay: 60_000 });
    for (const node of nodes) node.script((request) => request.respond(json({})));
    const result = await client.transport.request(search, { meta: true, context: { ...hedging({ maxHedges: 0 }), user: 1 } });
    expect(result.meta).toMatchObject({ context: { user: 1 } });
    expect(hedgeInfo(result)).toMatchObject({ ineligibleReason: 'no_hedges' });
    await expect(client.transport.request(search, { context: { hedge: true } })).rejects.toThrow('must be an object or false, got boolean');
    await client.close();
  });

  it('sniffing: copies go to what was sniffed', async () => {
    const found = { nodes: Object.fromEntries(nodes.map(({ origin }, number) => [`n${number}`, { http: { publish_address: new URL(origin).host }, roles: ['data'] }])) };
    for (const node of nodes) node.script((request) => request.respond(json(request.path.startsWith('/_nodes') ? found : { node: node.number })));
    const { client } = hedged({ node: nodes[0]?.origin, sniffOnStart: true });
    await until('it has sniffed', () => client.connectionPool.connections.length === 2);
    holdPrimaries(nodes);
    const result = await client.transport.request(search, { meta: true });
    expect(hedgeInfo(result)?.attempts).toBe(2);
    expect(new Set(nodes.map(({ requests }) => requests.filter(({ path }) => path === '/things/_search').length))).toEqual(new Set([1]));
    await client.close();
  });

  it.each([
    ['a scroll', 'POST', '/things/_search', { scroll: '1m' }, 'unsupported'],
    ['a scroll by its path', 'POST', '/things/_search?scroll=1m', undefined, 'unsupported'],
    ['a read after a refresh', 'GET', '/things/_doc/1', { refresh: true }, 'unsupported'],
    ['the next page of a scroll', 'POST', '/_search/scroll', undefined, 'method'],
    ['a point in time', 'POST', '/things/_pit', { keep_alive: '1m' }, 'method'],
    ['an asynchronous search', 'POST', '/things/_async_search', undefined, 'method'],
    ['the root', 'GET', '/', undefined, 'method'],
  ])('%s is not hedged', async (_name, method, path, querystring, reason) => {
    const { client } = hedged({ nodes: urlsOf(nodes) }, { delay: 0 });
    for (const node of nodes) node.script((request) => request.respond(json({})));
    const result = await client.transport.request({ method, path, ...(querystring && { querystring }) }, { meta: true });
    expect(hedgeInfo(result)).toMatchObject({ eligible: false, ineligibleReason: reason, attempts: 1 });
    expect(nodes.flatMap(({ requests }) => requests)).toHaveLength(1);
    await client.close();
  });
});

describe('the API of Elastic’s client', () => {
  const nodes = useNodes(2);

  it('hedges search, msearch, count, mget, exists, get, getSource, fieldCaps and cat, and its helpers, by name or by path', async () => {
    const Hedged = hedgedTransport(SniffingTransport, { delay: 60_000, telemetry: false });
    const client = new Elastic8({ nodes: urlsOf(nodes), Transport: Hedged });
    for (const node of nodes) node.script((request) => request.respond(json({ took: 1, hits: { hits: [] }, responses: [{ status: 200, hits: { hits: [] } }] })));
    const index = 'things';
    await client.search({ index, query: { match_all: {} } });
    await client.msearch({ searches: [{ index }, {}] });
    await client.count({ index });
    await client.mget({ index, ids: ['1'] });
    await client.exists({ index, id: '1' });
    await client.get({ index, id: '1' });
    await client.getSource({ index, id: '1' });
    await client.fieldCaps({ index, fields: '*' });
    await client.cat.indices();
    const m = client.helpers.msearch({ flushInterval: 5 });
    await m.search({ index }, { query: { match_all: {} } });
    m.stop();
    expect(Hedged.hedger.stats()).toMatchObject({ calls: 10, eligible: 10 });
    await client.helpers.scrollSearch({ index })[Symbol.asyncIterator]().next();
    await client.index({ index, document: {} });
    await client.deleteByQuery({ index, query: { match_all: {} } });
    expect(Hedged.hedger.stats().eligible).toBe(10);
    await client.close();
  });

  it('checks the product of whoever answers', async () => {
    const client = new Elastic8({ node: nodes[0]?.origin ?? '', Transport: hedgedTransport(SniffingTransport, { delay: 60_000, telemetry: false }) });
    nodes[0]?.script((request) => request.respond({ headers: { 'content-type': 'application/json' }, body: '{}' }));
    await expect(client.search()).rejects.toMatchObject({ name: 'ProductNotSupportedError' });
    await client.close();
  });

  it('is refused a transport that cannot sniff, where it is to sniff', () => {
    const Hedged = hedgedTransport(PlainTransport8, { telemetry: false });
    expect(() => new Elastic8({ node: 'http://127.0.0.1:9', Transport: Hedged })).not.toThrow();
    expect(() => new Elastic8({ node: 'http://127.0.0.1:9', Transport: Hedged, sniffInterval: 1_000 })).toThrow('SniffingTransport');
  });
});

describe('the API of OpenSearch’s client', () => {
  const nodes = useNodes(2);
  const clientOf = (delay: number): OpenSearchClient => new OpenSearchClient({ nodes: urlsOf(nodes), maxRetries: 0, Transport: hedgedTransport(OpenSearchTransport, { delay, budget: false, markHedges: 'x-hedge-attempt', telemetry: false }) });

  it('calls back', async () => {
    const client = clientOf(10);
    holdPrimaries(nodes);
    const { error, result } = await new Promise<{ error: unknown; result: unknown }>((resolve) => {
      client.search({ index: 'things' }, (error, result) => resolve({ error, result }));
    });
    expect(error).toBeNull();
    expect(hedgeInfo(result)).toMatchObject({ attempts: 2 });
    client.search({ index: 'things' }, { context: { hedge: { maxHedges: -1 } } } as object, (failure) => expect(String(failure)).toContain('maxHedges'));
    await client.close();
  });

  it('gives the client’s own error for an answer that breaks off', async () => {
    const client = clientOf(60_000);
    const call = client.search({ index: 'things' }).then(
      () => undefined,
      (error: unknown) => error,
    );
    const answer = await nodes[0]?.next();
    answer?.open({ headers: { ...json({}).headers, 'content-length': '100' }, body: '{"a"' });
    await new Promise((resolve) => setTimeout(resolve, 30));
    answer?.reset();
    const error = await call;
    expect(error).toMatchObject({ name: 'ConnectionError', message: 'Response aborted while reading the body' });
    expect(hedgeInfo(error)).toMatchObject({ attempts: 1 });
    await client.close();
  });

  it('hands over bodies of any size', async () => {
    const client = clientOf(60_000);
    const sizes = [10, 900_000, 1_500_000, 5_000_000];
    for (const node of nodes) {
      node.script((request) => {
        const size = Number(new URL(request.path, node.origin).searchParams.get('q'));
        const body = JSON.stringify({ text: 'x'.repeat(size) });
        if (size % 2 === 1) return request.respond({ ...json({}), body });
        const open = request.open({ headers: json({}).headers });
        void open.write(body).then(() => open.end());
      });
    }
    for (const size of [...sizes, ...sizes.map((each) => each + 1)]) {
      const { body } = await client.search({ index: 'things', q: String(size) });
      expect((body as unknown as { readonly text: string }).text).toHaveLength(size);
    }
    await client.close();
  });

  it('throws what sending throws, as without hedging', () => {
    const client = clientOf(60_000);
    const bad = { headers: { 'x-bad': 'a\nb' } };
    const plainly = new OpenSearchClient({ nodes: urlsOf(nodes) });
    expect(() => plainly.search({ index: 'things' }, bad)).toThrow('x-bad');
    expect(() => client.search({ index: 'things' }, bad)).toThrow('x-bad');
    expect(client.connectionPool.connections.map(({ status }) => status)).toEqual(['alive', 'alive']);
    // What was never sent counts as open for ever: neither client could be closed.
  });
});

describe('a hedged transport', () => {
  it.each([
    ['no class', () => hedgedTransport(7 as never)],
    ['another class', () => hedgedTransport(Map as never)],
    ['one that is hedged', () => hedgedTransport(hedgedTransport(SniffingTransport, { telemetry: false }))],
    ['methods', () => hedgedTransport(SniffingTransport, { methods: ['POST'] } as object)],
    ['targets', () => hedgedTransport(SniffingTransport, { targets: ['http://a.test'] } as object)],
    ['reads of another form', () => hedgedTransport(SniffingTransport, { reads: ['PUT /{index}/_doc/{id}'] })],
    ['reads that are no list', () => hedgedTransport(SniffingTransport, { reads: '_search' as never })],
  ])('is not made of %s', (_name, make) => {
    expect(make).toThrow(TypeError);
  });

  it.each(['POST /_bulk', 'GET|POST /_search/scroll', 'POST /{index}/_doc', 'POST /{index}/{id}', 'GET /_async_search/{id}', 'POST /{index}/_pit', 'POST /{index}/_update_by_query'])('takes no %s for a read', (endpoint) => {
    expect(() => hedgedTransport(SniffingTransport, { reads: [endpoint] })).toThrow(RangeError);
  });
});

