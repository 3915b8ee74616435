import { describe, expect, it } from '@jest/globals';
import { hedgeInfo } from '@hedgerow/elastic';
import { closedByClient } from '../contract/stage.js';
import { until } from '../support/wait.js';
import { KINDS } from './clients.js';
import { holdPrimaries, json, urlsOf, useNodes } from './nodes.js';

const HEDGES = 100;

describe.each(KINDS)('$name, three nodes', ({ hedged, plain, isOpenSearch }) => {
  const nodes = useNodes(3);

  it(`sends ${HEDGES} copies to another node, closes the losers, and takes no node for dead`, async () => {
    const { client } = hedged({ nodes: urlsOf(nodes) });
    const { held, answered } = holdPrimaries(nodes);
    for (let number = 0; number < HEDGES; number++) {
      const result = await client.transport.request({ method: 'GET', path: `/things/_doc/${number}` }, { meta: true });
      expect(hedgeInfo(result)).toMatchObject({ attempts: 2, winner: 1, isHedge: true });
      expect(result.meta.connection.url.origin).toBe(nodes[result.body.node ?? -1]?.origin);
      expect(hedgeInfo(result)?.target).toBe(result.meta.connection.url.origin);
    }
    const elsewhere = [...held].filter(([path, { node }]) => answered.get(path) !== node).length;
    console.info(`copies at another node: ${elsewhere} of ${HEDGES}`);
    expect(elsewhere / HEDGES).toBeGreaterThanOrEqual(0.95);
    await Promise.all([...held.values()].map(({ request }) => closedByClient(request)));
    expect(client.connectionPool.connections.map(({ status, deadCount }) => [status, deadCount])).toEqual(Array(3).fill(['alive', 0]));
    await client.close();
  });

  it('spreads primaries as without hedging', async () => {
    const spread = async (client: ReturnType<typeof plain>): Promise<readonly (number | undefined)[]> => {
      const first: (number | undefined)[] = [];
      for (let number = 0; number < 12; number++) {
        const { held } = holdPrimaries(nodes);
        const call = client.transport.request({ method: 'GET', path: `/things/_doc/${number}` }, { meta: true });
        await until('it arrived', () => held.size === 1);
        const [only] = [...held.values()];
        first.push(only?.node);
        if (client === unhedged) only?.request.respond(json({}));
        await call;
      }
      return first;
    };
    const unhedged = plain({ nodes: urlsOf(nodes) });
    const { client } = hedged({ nodes: urlsOf(nodes) });
    expect(await spread(client)).toEqual(await spread(unhedged));
    await Promise.all([client.close(), unhedged.close()]);
  });

  it('asks the node with fewer copies under way, and none that is dead or not allowed', async () => {
    const allowed = new Set(urlsOf(nodes).slice(0, 2));
    const { client } = hedged({ nodes: urlsOf(nodes), nodeFilter: ({ url }: { url: URL }) => allowed.has(url.origin) });
    const { held, answered } = holdPrimaries(nodes);
    for (let number = 0; number < 20; number++) await client.transport.request({ method: 'GET', path: `/things/_doc/${number}` });
    expect(new Set([...held.values()].map(({ node }) => node))).toEqual(new Set([0, 1]));
    expect(new Set(answered.values())).toEqual(new Set([0, 1]));
    for (const [path, { node }] of held) expect(answered.get(path)).toBe(1 - node);
    await client.close();
  });

  it('sends copies of what `describe` tells apart to another node, too', async () => {
    const { client, hedger } = hedged({ nodes: urlsOf(nodes) }, { describe: () => ({ operation: 'byName' }) });
    const { held, answered } = holdPrimaries(nodes);
    await client.transport.request({ method: 'GET', path: '/things/_search' });
    expect(answered.get('/things/_search')).not.toBe(held.get('/things/_search')?.node);
    expect(hedger.routes().map(({ key }) => key)).toEqual([`GET ${nodes[0]?.origin}/things/_search byName`]);
    await client.close();
  });

  it('asks the same node again where there is no other', async () => {
    const { client } = hedged({ node: nodes[0]?.origin });
    const { held } = holdPrimaries(nodes.slice(0, 1));
    const result = await client.transport.request({ method: 'GET', path: '/things/_search' }, { meta: true });
    expect(hedgeInfo(result)).toMatchObject({ attempts: 2, winner: 1 });
    await Promise.all([...held.values()].map(({ request }) => closedByClient(request)));
    await client.close();
  });

  it('sends no copy that would wait for a connection', async () => {
    const agent = isOpenSearch ? { maxSockets: 1 } : { connections: 1 };
    const { client, hedger } = hedged({ node: nodes[0]?.origin, agent });
    const call = client.transport.request({ method: 'GET', path: '/things/_search' }, { meta: true });
    const primary = await nodes[0]?.next();
    await until('its copy is refused', () => hedger.stats().suppressions.connections === 1);
    primary?.respond(json({}));
    expect(hedgeInfo(await call)).toMatchObject({ attempts: 1, suppressionReason: 'connections' });
    await client.close();
  });

  it('shares routes and the budget between nodes, and between the indices of all days', async () => {
    const { client, hedger } = hedged({ nodes: urlsOf(nodes) }, { delay: 60_000 });
    for (const node of nodes) node.script((request) => request.respond(json({})));
    for (let day = 10; day < 22; day++) await client.transport.request({ method: 'POST', path: `/logs-2026.11.${day}/_search`, body: { size: day } });
    expect(hedger.routes().map(({ key, samples }) => [key, samples])).toEqual([[`POST ${nodes[0]?.origin}/logs-*/_search`, 12]]);
    await client.close();
  });
});
