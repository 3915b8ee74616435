/** Some local servers that answer as nodes of Elasticsearch do, one search in ten after 80 ms. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SearchNodes {
  readonly urls: string[];
  /** Searches received by all nodes. */
  readonly received: () => number;
  /** Searches whose client left before they were answered. */
  readonly cancelled: () => number;
  /** Documents received. */
  readonly written: () => number;
  readonly close: () => void;
}

const HEADERS = { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' };
const EMPTY = JSON.stringify({ took: 1, timed_out: false, hits: { total: { value: 0, relation: 'eq' }, hits: [] }, count: 0, result: 'created' });

export async function startNodes(count: number): Promise<SearchNodes> {
  let received = 0;
  let cancelled = 0;
  let written = 0;
  const servers = Array.from({ length: count }, () =>
    createServer((request, response) => {
      const isSearch = request.url?.includes('_search') === true;
      if (isSearch) received++;
      else if (request.url?.includes('_doc') === true) written++;
      const timer = setTimeout(() => response.writeHead(200, HEADERS).end(EMPTY), isSearch && received % 10 === 4 ? 80 : 4);
      response.on('close', () => {
        if (response.writableEnded) return;
        clearTimeout(timer);
        cancelled++;
      });
      request.resume();
    }),
  );
  return {
    urls: await Promise.all(servers.map(listening)),
    received: () => received,
    cancelled: () => cancelled,
    written: () => written,
    close: () => {
      for (const server of servers) {
        server.close();
        server.closeAllConnections();
      }
    },
  };
}

function listening(server: Server): Promise<string> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`));
  });
}
