import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from './server.js';
import { Tally } from './tally.js';

/** Headers of one connection, not of the request (RFC 9110, 7.6.1). `transfer-encoding` stays: Node chunks anew. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'upgrade']);

export interface Balancer {
  readonly url: string;
  readonly tally: Tally;
  /** Starts counts and the round again. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * A reverse proxy that gives requests to the backends in turn. Two copies of a request therefore meet two backends, which
 * is what hedging lives on. When a client gives up, the backend's connection is cut, so that the work can stop.
 */
export async function startBalancer(ports: readonly number[]): Promise<Balancer> {
  const agent = new Agent({ keepAlive: true });
  const tally = new Tally();
  let turn = 0;
  const server = await listen((request, response) => {
    const port = ports[turn++ % ports.length];
    tally.follow(String(request.method), response);
    forward(request, response, { port, agent });
  });
  return {
    url: server.url,
    tally,
    reset: () => {
      turn = 0;
      tally.reset();
    },
    close: async () => {
      await server.close();
      agent.destroy();
    },
  };
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  target: { readonly port: number | undefined; readonly agent: Agent },
): void {
  const upstream = httpRequest({
    ...target,
    host: '127.0.0.1',
    method: request.method,
    path: request.url,
    headers: endToEnd(request.rawHeaders),
  });
  upstream.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.statusMessage, endToEnd(answer.rawHeaders));
    answer.once('error', () => response.destroy());
    answer.pipe(response);
  });
  upstream.on('error', () => badGateway(response));
  response.once('close', () => {
    if (!response.writableFinished) upstream.destroy();
  });
  request.pipe(upstream);
}

function badGateway(response: ServerResponse): void {
  if (response.headersSent || response.destroyed) response.destroy();
  else response.writeHead(502, { 'content-type': 'text/plain' }).end('the backend did not answer\n');
}

/** @param raw - names and values in turn. */
function endToEnd(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const [name = '', value = ''] = raw.slice(index, index + 2);
    if (!HOP_BY_HOP.has(name.toLowerCase())) kept.push(name, value);
  }
  return kept;
}
