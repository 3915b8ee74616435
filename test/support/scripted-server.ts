import { createServer, type IncomingHttpHeaders, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { HeldRequest, HeldRequests } from './held-requests.js';
import { closeServer, trackSockets } from './sockets.js';

/** What the server answers. Default: 200, no body. */
export interface Answer {
  readonly status?: number;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Uint8Array;
}

/** One request as it reached the server. It stays unanswered until the test (or the server's script) answers it. */
export interface ReceivedRequest {
  /** Order of arrival, from 0. */
  readonly number: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The whole request body. Rejects if the client goes away before having sent it. */
  readonly body: Promise<Buffer>;
  /** Which connection it came on, from 0 in order of connecting. */
  readonly connection: number;
  /** `performance.now()` at its arrival. */
  readonly at: number;
  /** Resolves with `performance.now()` when the connection closed before the answer had been sent whole; otherwise never. */
  readonly gone: Promise<number>;
  /** Whether the client left without the whole answer. */
  readonly isGone: boolean;
  /** Whether its answer has been sent whole. */
  readonly isAnswered: boolean;
  /** Sends the whole answer. A client that has left already is no error. */
  respond(answer?: Answer): void;
  /** Sends the head and returns the open answer, for bodies in pieces. */
  open(answer?: Answer): OpenAnswer;
  /** Cuts the connection with a TCP reset. */
  reset(): void;
}

/** An answer whose head has been sent. */
export interface OpenAnswer {
  /** Sends a piece; resolves once the connection has room for more. */
  write(piece: string | Uint8Array): Promise<void>;
  end(): void;
}

/** A real HTTP server that answers when, and what, the test says. */
export interface ScriptedServer {
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Everything received so far, in order of arrival. */
  readonly requests: readonly ReceivedRequest[];
  /** Requests neither answered whole nor abandoned by their client. */
  readonly waiting: readonly ReceivedRequest[];
  /** Connections open now. */
  readonly openSockets: number;
  /** The next request that no `next` or `skip` has taken yet; fails the test if none comes within 5 s. */
  next(): Promise<ReceivedRequest>;
  /** Answers every request from now on by `script`, at its arrival. `undefined`: back to holding them for `next`. */
  script(script: ((request: ReceivedRequest) => void) | undefined): void;
  /** Cuts all connections and stops. */
  close(): Promise<void>;
}

/** Starts a {@link ScriptedServer} on a free port of the loopback interface. */
export async function startScriptedServer(): Promise<ScriptedServer> {
  const requests = new HeldRequests<Received>();
  const server = createServer((message, response) => {
    requests.add(new Received(requests.all.length, message, response, sockets.numberOf(message.socket)));
  });
  const sockets = trackSockets(server);
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return requests.serverAt(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    () => sockets.open.size,
    () => closeServer(server, sockets),
  );
}

class Received extends HeldRequest {
  readonly #socket: Socket;
  readonly #response: ServerResponse;

  constructor(number: number, message: IncomingMessage, response: ServerResponse, connection: number) {
    super({ number, method: message.method ?? '', path: message.url ?? '', headers: message.headers, body: readAll(message), connection });
    this.#socket = message.socket;
    this.#response = response;
    response.once('finish', () => (this.isAnswered = true));
    response.once('close', () => this.close());
  }

  respond({ status = 200, headers = {}, body = '' }: Answer = {}): void {
    if (this.isGone) return;
    this.#response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...headers }).end(body);
  }

  open({ status = 200, headers = {}, body }: Answer = {}): OpenAnswer {
    const response = this.#response;
    response.writeHead(status, headers).flushHeaders();
    if (body !== undefined) response.write(body);
    return {
      write: async (piece) => {
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      },
      end: () => void response.end(),
    };
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }
}

async function readAll(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
