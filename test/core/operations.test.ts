import { describe, expect, it } from '@jest/globals';
import type { HedgeRequest, RequestDescription } from '@hedgerow/core';
import { graphql, jsonRpc, type GraphqlOptions } from '@hedgerow/core/describe';
import { bytesBody, textBody } from '@hedgerow/core/adapter';

const GRAPHQL = 'https://api.example.com/graphql';
const QUERY = 'query Items { items { id } }';
const MUTATION = 'mutation Pay { pay }';

const post = (sent: unknown, { url = GRAPHQL, type = 'application/json' }: { readonly url?: string; readonly type?: string } = {}): HedgeRequest => ({
  method: 'POST',
  url,
  header: (name) => (name === 'content-type' ? type : undefined),
  body: sent instanceof Uint8Array ? bytesBody(sent) : textBody(() => (typeof sent === 'string' ? sent : JSON.stringify(sent))),
});
const get = (fields: Readonly<Record<string, string>>, url = GRAPHQL): HedgeRequest => ({ method: 'GET', url: `${url}?${new URLSearchParams(fields).toString()}` });
const of = (request: HedgeRequest, options?: GraphqlOptions): RequestDescription | undefined => graphql(options)(request);
const UNSAFE = { safe: false };

describe('graphql()', () => {
  it('names a query, and what it is, for routes and spans', () => {
    expect(of(post({ query: QUERY }))).toEqual({ operation: 'Items', safe: true, attributes: { 'graphql.operation.type': 'query', 'graphql.operation.name': 'Items' } });
    expect(of(post({ query: '{ items }' }))).toEqual({ operation: 'query', safe: true, attributes: { 'graphql.operation.type': 'query' } });
    expect(of(get({ query: QUERY }))).toMatchObject({ operation: 'Items', safe: true });
    expect(of(post([{ query: QUERY }, { query: QUERY }]))).toMatchObject({ operation: 'Items batch', safe: true });
    expect(of(post([{ query: QUERY }, { query: '{ items }' }]))).toEqual({ operation: 'batch', safe: true });
  });

  it('finds mutations and subscriptions, also in a GET and in a batch', () => {
    for (const query of [MUTATION, 'subscription { paid }']) {
      for (const request of [post({ query }), get({ query }), post([{ query: QUERY }, { query }])]) expect(of(request)).toEqual(UNSAFE);
    }
  });

  it('goes by operationName where there are several operations', () => {
    const query = `${QUERY} ${MUTATION}`;
    expect(of(post({ query, operationName: 'Items' }))).toMatchObject({ operation: 'Items', safe: true });
    for (const operationName of ['Pay', 'Other', undefined, null, '', 7]) expect(of(post({ query, operationName }))).toEqual(UNSAFE);
    // Servers refuse this, or take one of them.
    expect(of(post({ query: `${QUERY} mutation Items { pay }`, operationName: 'Items' }))).toEqual(UNSAFE);
  });

  it('knows persisted operations by what it was told, by hash, identifier or name', () => {
    const hashed = (sha256Hash: string): object => ({ operationName: 'Items', extensions: { persistedQuery: { version: 1, sha256Hash } } });
    const persisted = { aaaa: 'query', bbbb: 'mutation', Named: 'query' } as const;
    expect(of(post(hashed('aaaa')), { persisted })).toMatchObject({ operation: 'Items', safe: true });
    expect(of(get({ extensions: JSON.stringify({ persistedQuery: { sha256Hash: 'aaaa' } }) }), { persisted })).toMatchObject({ operation: 'query', safe: true });
    for (const name of ['documentId', 'id', 'doc_id', 'queryId']) expect(of(post({ [name]: 'aaaa' }), { persisted })).toMatchObject({ safe: true });
    expect(of(post({ operationName: 'Named' }), { persisted })).toMatchObject({ operation: 'Named', safe: true });
    for (const sent of [hashed('bbbb'), hashed('cccc'), { id: 'cccc' }, { operationName: 'Other' }, { documentId: 'aaaa', id: 'bbbb' }]) expect(of(post(sent), { persisted })).toEqual(UNSAFE);
    expect(of(post(hashed('aaaa')))).toEqual(UNSAFE);
    // Whichever of them the server heeds.
    expect(of(post({ query: QUERY, ...hashed('bbbb') }), { persisted })).toEqual(UNSAFE);
    expect(of(post({ query: QUERY, ...hashed('cccc') }), { persisted })).toMatchObject({ safe: true });
  });

  it('asks a function about persisted operations', () => {
    const persisted: GraphqlOptions['persisted'] = ({ id, operationName, request }) => (id === 'aaaa' && operationName === 'Items' && request.method === 'GET' ? 'query' : undefined);
    expect(of(get({ id: 'aaaa', operationName: 'Items' }), { persisted })).toMatchObject({ safe: true });
    expect(of(get({ id: 'bbbb', operationName: 'Items' }), { persisted })).toEqual(UNSAFE);
  });

  it('keeps names out of telemetry that are none', () => {
    expect(of(post({ id: 'a', operationName: 'secret token' }), { persisted: { a: 'query' } })).toEqual({ operation: 'query', safe: true, attributes: { 'graphql.operation.type': 'query' } });
  });

  it('has nothing to say of other URLs, nor of a GET that asks for nothing', () => {
    expect(of(post({ query: QUERY }, { url: 'https://api.example.com/saved-queries' }))).toBeUndefined();
    expect(of({ method: 'GET', url: GRAPHQL })).toBeUndefined();
    for (const path of ['/v1/graphql', '/graphql/', '/admin/graphql.json', '/graphql?a=b']) expect(of(post({ query: QUERY }, { url: `https://api.example.com${path}` }))).toMatchObject({ safe: true });
    expect(of(post({ query: QUERY }, { url: 'https://api.example.com/query?a' }), { paths: ['/query'] })).toMatchObject({ safe: true });
    expect(of(post({ query: QUERY }), { paths: ['/query'] })).toBeUndefined();
    expect(of(post({ query: QUERY }, { url: 'https://graphql' }))).toBeUndefined();
  });

  it.each<[string, HedgeRequest]>([
    ['no JSON', post('query')],
    ['a single value', post('"{ items }"')],
    ['an empty batch', post([])],
    ['a batch of documents', post(['{ items }'])],
    ['a form with files', post({ query: QUERY }, { type: 'multipart/form-data; boundary=x' })],
    ['another charset', post({ query: QUERY }, { type: 'application/json; charset="utf-16"' })],
    ['bytes that are no UTF-8', post(new Uint8Array([0x7b, 0xff, 0x7d]))],
    ['a body that cannot be read', { ...post({}), body: { replayable: true } }],
    ['no body', { ...post({}), body: undefined }],
    ['a query that is no text', post({ query: { items: true } })],
    ['a query that is no document', post({ query: 'shoes' })],
    ['a document of types', post({ query: 'type Query { a: Int }' })],
    ['fragments alone', post({ query: 'fragment F on Item { id }' })],
    ['two queries in its URL', { method: 'GET', url: `${GRAPHQL}?query={a}&query=${MUTATION}` }],
    ['two queries in a form', post(`query={a}&query=${MUTATION}`, { type: 'application/x-www-form-urlencoded' })],
    ['another query in its URL', post({ query: QUERY }, { url: `${GRAPHQL}?query=${encodeURIComponent(MUTATION)}` })],
    ['another operation in its URL', post({ query: `${QUERY} ${MUTATION}`, operationName: 'Items' }, { url: `${GRAPHQL}?operationName=Pay` })],
  ])('does not call safe: %s', (_, request) => {
    expect(of(request)).toEqual(UNSAFE);
  });

  it('names bad options', () => {
    expect(() => graphql({ path: '/' } as never)).toThrow('unknown option `path`; known are paths, persisted');
    expect(() => graphql({ paths: '/' as never })).toThrow('`paths` must be a list of non-empty strings');
    expect(() => graphql({ persisted: { a: 'read' as never } })).toThrow('`persisted.a` must be "query" or "mutation" or "subscription", got "read"');
  });
});

describe('jsonRpc()', () => {
  const describeCall = jsonRpc({ methods: ['eth_call', 'eth_blockNumber'] });
  const call = (method: unknown): object => ({ jsonrpc: '2.0', id: 1, method, params: [] });
  const ask = (sent: unknown): RequestDescription | undefined => describeCall(post(sent, { url: 'https://rpc.example.com/' }));

  it('names what may be called twice', () => {
    expect(ask(call('eth_call'))).toEqual({ operation: 'eth_call', safe: true, attributes: { 'rpc.system': 'jsonrpc', 'rpc.method': 'eth_call' } });
    expect(ask(new TextEncoder().encode(JSON.stringify(call('eth_call'))))).toMatchObject({ operation: 'eth_call', safe: true });
    expect(ask([call('eth_call'), call('eth_call')])).toMatchObject({ operation: 'eth_call batch', safe: true });
    expect(ask([call('eth_call'), call('eth_blockNumber')])).toMatchObject({ operation: 'batch', safe: true });
  });

  it('calls nothing else safe', () => {
    for (const sent of [call('eth_sendRawTransaction'), call(7), call('toString'), [call('eth_call'), call('eth_send')], [call('eth_call'), { method: 'eth_call' }], [call('eth_call'), null]]) {
      expect(ask(sent)).toEqual(UNSAFE);
    }
  });

  it('has nothing to say of what is no JSON-RPC', () => {
    for (const sent of [{ method: 'eth_call' }, [], 'text', '7', '[null]']) expect(ask(sent)).toBeUndefined();
    expect(describeCall({ method: 'GET', url: 'https://rpc.example.com/' })).toBeUndefined();
  });

  it('names bad options', () => {
    expect(() => jsonRpc({ methods: ['a', ''] })).toThrow('`methods` must be a list of non-empty strings');
    expect(() => jsonRpc({ methods: [], others: 1 } as never)).toThrow('unknown option `others`; known are methods');
  });
});
