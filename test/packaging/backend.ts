import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server, ServerCredentials, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { closeServer, trackSockets } from '../support/sockets.js';

/** What clients add to the address that they are given. */
const WITHIN = /\/(?:things\/_doc\/1|hedgerow\.Check\/Find|graphql)?$/;
/** How long the first request to `/late/…` waits for its answer. */
const LATE_MS = 300;

/**
 * What a program of a case asks: the first request to each URL has no answer, later ones have one at once. To `/late/…` the first has one after a
 * while, to `/never` none has, and `…/404` is not found.
 */
export interface Backend {
  /** Where it is, as programs find it in `HEDGEROW_BACKEND`. */
  readonly address: { readonly url: string; readonly grpc: string };
  /** How many requests came to a path, over HTTP or gRPC. */
  readonly received: (path: string) => number;
}

/** Serves backends; dispose it to stop them. */
export interface Backends extends AsyncDisposable {
  readonly next: () => Backend;
}

interface Question {
  readonly url: string;
}

export async function startBackends(): Promise<Backends> {
  const counts = new Map<string, number>();
  const count = (url: string): number => {
    counts.set(url, (counts.get(url) ?? 0) + 1);
    return counts.get(url) ?? 0;
  };

  const http = createServer((request, response) => {
    const url = `http://${request.headers.host}${request.url}`;
    answer(request, response, request.method !== 'OPTIONS' && !url.endsWith('/page') ? count(url.replace(WITHIN, '')) : 0);
  });
  const sockets = trackSockets(http);
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));

  const grpc = new Server();
  grpc.addService(
    { Find: { path: '/hedgerow.Check/Find', requestStream: false, responseStream: false, requestSerialize: toJson, requestDeserialize: fromJson, responseSerialize: toJson, responseDeserialize: fromJson } },
    {
      Find: ({ request: { url } }: ServerUnaryCall<Question, Question>, callback: sendUnaryData<Question>) => {
        if (count(url) > 1) callback(null, { url });
      },
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    grpc.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });

  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  let made = 0;
  return {
    next: () => {
      const url = `${origin}/${++made}`;
      return { address: { url, grpc: `127.0.0.1:${port}` }, received: (path) => counts.get(`${url}/${path}`) ?? 0 };
    },
    [Symbol.asyncDispose]: async () => {
      grpc.forceShutdown();
      await closeServer(http, sockets);
    },
  };
}

/** Open to pages of every origin: they are served by the tools under test. */
function answer({ method, url = '' }: IncomingMessage, response: ServerResponse, place: number): void {
  response.setHeader('access-control-allow-origin', '*').setHeader('access-control-allow-headers', '*');
  if (url.endsWith('/page')) {
    response.setHeader('content-type', 'text/html').end('<!doctype html><title>A page</title><link rel="icon" href="data:,">');
  } else if (method === 'OPTIONS') {
    response.writeHead(204).end();
  } else if (url.includes('/late/')) {
    setTimeout(() => response.writeHead(url.endsWith('/404') ? 404 : 200).end(), place === 1 ? LATE_MS : 0);
  } else if (place > 1 && !url.includes('/never')) {
    response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' }).end(JSON.stringify({ place }));
  }
}

const toJson = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));
const fromJson = (bytes: Buffer): Question => JSON.parse(bytes.toString()) as Question;
