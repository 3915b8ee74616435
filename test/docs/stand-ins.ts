import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials, loadPackageDefinition, type ServiceClientConstructor, type UntypedHandleCall } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { startCluster } from 'hedgerow';

/** The service that the pages about gRPC speak of. */
export const CATALOG = `syntax = "proto3";
message Query { int32 id = 1; string text = 2; }
message Item { int32 id = 1; }
service Catalog {
  rpc Find (Query) returns (Item) { option idempotency_level = NO_SIDE_EFFECTS; }
  rpc Search (Query) returns (Item);
  rpc Report (Query) returns (Item);
}
`;

/** What snippets find in place of the servers and files that they speak of. */
export interface StandIns extends AsyncDisposable {
  /** Where to run them; `catalog.proto` is there. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** The snippet, asking local servers. */
  localized(code: string): string;
}

/** Starts local servers for what snippets ask. */
export async function startStandIns(): Promise<StandIns> {
  const cluster = await startCluster({ isolated: true });
  const elsewhere = await startCluster({ isolated: true, backends: 1 });
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-docs-'));
  writeFileSync(join(folder, 'catalog.proto'), CATALOG);
  mkdirSync(join(folder, 'cache'));
  const catalog = await startCatalog(join(folder, 'catalog.proto'));
  const search = await startSearchNode();
  const replacements = Object.entries({
    'https://api.example.com': cluster.url,
    'https://eu.example.com': cluster.url,
    'https://us.example.com': elsewhere.url,
    "'catalog.example.com:443', credentials.createSsl()": `'127.0.0.1:${catalog.port}', credentials.createInsecure()`,
    'https://es-1.example.com:9200': search.url,
    'https://es-2.example.com:9200': `${search.url}/other`,
    '/var/cache/app': join(folder, 'cache'),
  });
  return {
    folder,
    env: { CLUSTER_URL: cluster.url, SEARCH_URL: search.url, CATALOG_PORT: String(catalog.port), OPENAI_API_KEY: 'none', OPENAI_BASE_URL: `${cluster.url}/v1` },
    localized: (code) => replacements.reduce((text, [from, to]) => text.replaceAll(from, to), code),
    async [Symbol.asyncDispose]() {
      catalog.server.forceShutdown();
      search.close();
      await Promise.all([cluster.close(), elsewhere.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function startCatalog(proto: string): Promise<{ server: Server; port: number }> {
  const { service } = loadPackageDefinition(loadSync(proto)).Catalog as ServiceClientConstructor;
  const server = new Server();
  const answer: UntypedHandleCall = (_call: unknown, respond: (error: null, item: object) => void) => respond(null, { id: 42 });
  server.addService(service, { Find: answer, Search: answer, Report: answer });
  const port = await new Promise<number>((resolve, reject) => {
    const bound = (error: Error | null, free: number): void => (error ? reject(error) : resolve(free));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), bound);
  });
  return { server, port };
}

/** Answers whatever is asked of a node of Elasticsearch: nothing was found. */
async function startSearchNode(): Promise<{ url: string; close: () => void }> {
  const body = JSON.stringify({ count: 0, hits: { hits: [] }, responses: [] });
  const server = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }).end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
