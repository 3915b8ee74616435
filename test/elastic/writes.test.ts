import { describe, expect, it } from '@jest/globals';
import { KINDS } from './clients.js';
import { json, urlsOf, useNodes } from './nodes.js';

/** Of every kind; `WRITES=2000` for the run that is reported. */
const CALLS = Number(process.env.WRITES ?? 200);
const AT_ONCE = 50;
/** What the client waits for the node that never answers. */
const PATIENCE_MS = 500;

const doc = (id: number): string => `${JSON.stringify({ index: { _index: 'things', _id: `w-${id}-` } })}\n{"a":1}\n`;
const WRITES: Readonly<Record<string, (id: number) => object>> = {
  index: (id) => ({ method: 'PUT', path: `/things/_doc/w-${id}-`, body: { a: 1 } }),
  'index without an id': (id) => ({ method: 'POST', path: '/things/_doc', body: { name: `w-${id}-` } }),
  bulk: (id) => ({ method: 'POST', path: '/_bulk', bulkBody: doc(id) }),
  update: (id) => ({ method: 'POST', path: `/things/_update/w-${id}-`, body: { doc: { a: 1 } } }),
  delete: (id) => ({ method: 'DELETE', path: `/things/_doc/w-${id}-` }),
  'update by query': (id) => ({ method: 'POST', path: '/things/_update_by_query', body: { query: { term: { name: `w-${id}-` } } } }),
  'a search that opens a scroll': (id) => ({ method: 'POST', path: '/things/_search', querystring: { scroll: '1m' }, body: { query: { term: { name: `w-${id}-` } } } }),
};

describe.each(KINDS)('$name: writes', ({ hedged }) => {
  const nodes = useNodes(3);

  it.each(Object.keys(WRITES))(`${CALLS} of %s are sent once, though one node never answers and hedges are due at once`, async (name) => {
    const seen = new Map<string, number>();
    nodes.forEach((node, number) =>
      node.script((request) => {
        void request.body.then((body) => {
          const [id = ''] = /w-\d+-/.exec(`${request.path} ${body.toString()}`) ?? [];
          seen.set(id, (seen.get(id) ?? 0) + 1);
          if (number > 0) setTimeout(() => request.respond(json({ errors: false, items: [] })), 3);
        });
      }),
    );
    const { client, hedger } = hedged({ nodes: urlsOf(nodes), maxRetries: 0, requestTimeout: PATIENCE_MS }, { delay: [0, 1], maxHedges: 2 });
    let sent = 0;
    let failed = 0;
    const worker = async (): Promise<void> => {
      while (sent < CALLS) await client.transport.request(WRITES[name]?.(sent++) ?? {}).then(undefined, () => failed++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    expect([...seen.values()].filter((count) => count > 1)).toEqual([]);
    expect(seen.size).toBeGreaterThan(CALLS / 2); // some may be given up before they are on their way
    expect(failed).toBeGreaterThan(0);
    expect(hedger.stats()).toMatchObject({ calls: CALLS, eligible: 0, attempts: { hedge: 0 } });
    await client.close();
  });
});
