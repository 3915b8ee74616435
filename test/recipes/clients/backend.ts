import { createServer, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { closeServer, trackSockets } from '../../support/sockets.js';

/** How long the first request after a reset is held. */
export const HELD_MS = 2_000;

/** A server with a place for each client: it holds the first request there, and counts all of them. */
export interface RecipeBackend extends AsyncDisposable {
  /** Where a client finds its place. */
  origin(client: string): string;
}

/** Answers for whoever asks: GraphQL, tRPC, or plain JSON. */
export async function startRecipeBackend(): Promise<RecipeBackend> {
  const received = new Map<string, number>();
  const server = createServer((request, response) => {
    const [, client = '', ...path] = (request.url ?? '').split('/');
    const word = path.join('/');
    if (word === 'reset') received.set(client, 0);
    if (word === 'reset' || word === 'received') return void response.end(String(received.get(client)));
    const number = (received.get(client) ?? 0) + 1;
    received.set(client, number);
    void text(request).then((body) => setTimeout(() => answer(response, word, body), number === 1 ? HELD_MS : 0), () => undefined);
  });
  const sockets = trackSockets(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: (client) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/${client}`,
    [Symbol.asyncDispose]: () => closeServer(server, sockets),
  };
}

const ITEMS = [{ id: 1, __typename: 'Item' }];

function answer(response: ServerResponse, path: string, body: string): void {
  const isWrite = path.includes('pay') || body.includes('Pay');
  const data = isWrite ? true : ITEMS;
  const told = path.startsWith('graphql') ? { data: isWrite ? { pay: true } : { items: data } } : path.startsWith('trpc') ? [{ result: { data } }] : data;
  response.setHeader('content-type', 'application/json').end(JSON.stringify(told));
}
