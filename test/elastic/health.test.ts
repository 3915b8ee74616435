import { describe, expect, it } from '@jest/globals';
import { hedgeInfo } from '@hedgerow/elastic';
import { until } from '../support/wait.js';
import { KINDS, type Node, type Result, type SearchClient } from './clients.js';
import { json, urlsOf, useNodes, type ScriptedNode } from './nodes.js';

const search = { method: 'POST', path: '/things/_search', body: { size: 1 } };

describe.each(KINDS)('$name: retries and node health', (kind) => {
  const nodes = useNodes(3);

  it.each([0, 1, 3])('retries as often as without hedging, with maxRetries %d', async (maxRetries) => {
    const failing = async (make: (options: object) => SearchClient): Promise<unknown> => {
      const client = make({ nodes: urlsOf(nodes), maxRetries });
      for (const node of nodes) node.script((request) => request.respond(json({ error: 'no' }, 503)));
      const before = received(nodes);
      const { name, meta } = await failureOf(client.transport.request(search, { meta: true, retryBackoff: () => 0 }));
      await client.close();
      return { name, attempts: meta?.meta.attempts, statusCode: meta?.statusCode, requests: received(nodes) - before };
    };
    const expected = { name: 'ResponseError', attempts: maxRetries, statusCode: 503, requests: maxRetries + 1 };
    expect(await failing((options) => kind.plain(options))).toEqual(expected);
    expect(await failing((options) => kind.hedged(options, { delay: 60_000 }).client)).toEqual(expected);
  });

  it('counts no copy as a retry, and hedges each retry anew', async () => {
    const { client, hedger } = kind.hedged({ nodes: urlsOf(nodes), maxRetries: 2 }, { hedgeOnFailure: true, delay: 60_000 });
    for (const node of nodes) node.script((request) => request.respond(json({ error: 'no' }, 503)));
    const { meta } = await failureOf(client.transport.request(search, { meta: true, retryBackoff: () => 0 }));
    expect(meta?.meta.attempts).toBe(2);
    expect(hedger.stats()).toMatchObject({ calls: 3, attempts: { primary: 3, hedge: 3 } });
    expect(received(nodes)).toBe(6);
    await client.close();
  });

  it('tells the events of the requests of the transport alone, each of the node that answers', async () => {
    const { client } = kind.hedged({ nodes: urlsOf(nodes) });
    const heard: string[] = [];
    const events = kind.isOpenSearch ? (client as { readonly on: NonNullable<SearchClient['on']> }) : client.diagnostic;
    for (const name of ['request', 'response']) events?.on(name, (_error, { meta }) => void heard.push(`${name} ${meta.connection.url.origin}`));
    const call = client.transport.request(search);
    const [primary, copy] = await arrivals(nodes, 2);
    copy?.request.respond(json({}));
    await call;
    expect(heard).toEqual([`request ${primary?.node.origin}`, `response ${copy?.node.origin}`]);
    if (!kind.isOpenSearch) expect(client.transport.diagnostic).toBe(client.diagnostic);
    await client.close();
  });

  it.each(['503', 'reset'])('marks a primary’s node as dead that fails with %s, though its copy answers', async (failure) => {
    const { client } = kind.hedged({ nodes: urlsOf(nodes) });
    const call = client.transport.request(search, { meta: true });
    const [primary, copy] = await arrivals(nodes, 2);
    if (failure === 'reset') primary?.request.reset();
    else primary?.request.respond(json({}, 503));
    await until('the first has failed', () => primary?.request.isGone === true || primary?.request.isAnswered === true);
    await new Promise((resolve) => setImmediate(resolve));
    copy?.request.respond(json({ node: 1 }));
    const result = await call;
    expect(hedgeInfo(result)).toMatchObject({ winner: 1 });
    expect(result.meta.attempts).toBe(0);
    expect(statusOf(client, primary?.node)).toEqual({ status: 'dead', deadCount: 1 });
    expect(statusOf(client, copy?.node)).toEqual({ status: 'alive', deadCount: 0 });
    await client.close();
  });

  it.each(['503', 'reset'])('learns nothing of a node from a copy that fails with %s', async (failure) => {
    const { client } = kind.hedged({ nodes: urlsOf(nodes) });
    const call = client.transport.request(search, { meta: true });
    const [primary, copy] = await arrivals(nodes, 2);
    if (failure === 'reset') copy?.request.reset();
    else copy?.request.respond(json({}, 503));
    await until('it has failed', () => copy?.request.isGone === true || copy?.request.isAnswered === true);
    await new Promise((resolve) => setImmediate(resolve));
    primary?.request.respond(json({ node: 0 }));
    expect(hedgeInfo(await call)).toMatchObject({ attempts: 2, winner: 0 });
    expect(client.connectionPool.connections.map(({ status, deadCount }) => [status, deadCount])).toEqual(Array(3).fill(['alive', 0]));
    await client.close();
  });

  it('marks a node once where the failure is the caller’s', async () => {
    const { client } = kind.hedged({ nodes: urlsOf(nodes), maxRetries: 0 });
    const call = failureOf(client.transport.request(search, { meta: true }));
    const [primary, copy] = await arrivals(nodes, 2);
    primary?.request.respond(json({}, 503));
    copy?.request.respond(json({}, 500));
    expect((await call).meta?.statusCode).toBe(503);
    expect(statusOf(client, primary?.node)).toEqual({ status: 'dead', deadCount: 1 });
    expect(statusOf(client, copy?.node)).toEqual({ status: 'alive', deadCount: 0 });
    await client.close();
  });

  it('leaves all nodes alive when the caller gives up', async () => {
    const { client } = kind.hedged({ nodes: urlsOf(nodes) });
    const controller = new AbortController();
    const call = client.transport.request(search, { meta: true, signal: controller.signal });
    const failure = failureOf(call);
    await arrivals(nodes, 2);
    if (kind.isOpenSearch) call.abort?.();
    else controller.abort();
    expect((await failure).name).toBe('RequestAbortedError');
    expect(client.connectionPool.connections.map(({ status, deadCount }) => [status, deadCount])).toEqual(Array(3).fill(['alive', 0]));
    await client.close();
  });

  it('sniffs when a connection fails, also if a copy answers', async () => {
    const { client } = kind.hedged({ nodes: urlsOf(nodes), sniffOnConnectionFault: true });
    const call = client.transport.request(search, { meta: true });
    const [primary, copy] = await arrivals(nodes, 2);
    primary?.request.reset();
    await until('it is gone', () => primary?.request.isGone === true);
    await new Promise((resolve) => setImmediate(resolve));
    copy?.request.respond(json({}));
    await call;
    const [sniff] = await arrivals(nodes, 1, 2);
    expect(sniff?.request.path).toBe('/_nodes/_all/http');
    sniff?.request.respond(json({ nodes: { one: { http: { publish_address: new URL(nodes[1]?.origin ?? '').host }, roles: ['data'] } } }));
    await until('the pool is what was sniffed', () => client.connectionPool.connections.length === 1);
    await client.close();
  });
});

interface Arrival {
  readonly node: ScriptedNode;
  readonly request: ScriptedNode['requests'][number];
}

/** What came to the nodes, in the order of arrival, but for the first so many. */
async function arrivals(nodes: readonly ScriptedNode[], count: number, skipped = 0): Promise<readonly Arrival[]> {
  const all = (): Arrival[] => nodes.flatMap((node) => node.requests.map((request) => ({ node, request }))).sort((one, other) => one.request.at - other.request.at);
  await until(`${count} requests have come`, () => all().length >= count + skipped);
  return all().slice(skipped);
}

function received(nodes: readonly ScriptedNode[]): number {
  return nodes.reduce((total, { requests }) => total + requests.length, 0);
}

function statusOf(client: SearchClient, node: ScriptedNode | undefined): Pick<Node, 'status' | 'deadCount'> | undefined {
  const found = client.connectionPool.connections.find(({ url }) => url.origin === node?.origin);
  return found && { status: found.status, deadCount: found.deadCount };
}

async function failureOf(call: PromiseLike<Result>): Promise<{ readonly name?: string; readonly meta?: Result }> {
  try {
    await call;
  } catch (error) {
    return error as { readonly name?: string; readonly meta?: Result };
  }
  throw new Error('it succeeded');
}

