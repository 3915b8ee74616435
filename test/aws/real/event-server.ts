import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { load } from './sdk.js';

/** An event as AWS writes it: its type, and its body. */
export interface Event {
  readonly type: string;
  readonly contentType: string;
  readonly body: Uint8Array;
}

interface Message {
  readonly headers: Readonly<Record<string, { readonly type: 'string'; readonly value: string }>>;
  readonly body: Uint8Array;
}

interface Codec {
  encode(message: Message): Uint8Array;
  decode(bytes: Uint8Array): Message;
}

type Request = IncomingMessage | Http2ServerRequest;
type Response = ServerResponse | Http2ServerResponse;

/** How long the head of an answer is waited for. */
const STALL_MS = 60;
const BETWEEN_MS = 5;

/** Answers every request with a stream of events, over HTTP/1.1 and HTTP/2. */
export class EventServer {
  /** Requests that came. */
  asked = 0;
  /** Requests that were neither answered nor left by their client. */
  open = 0;
  /** What is answered, as soon as the head is; with `undefined` at its end the answer stays open. */
  events: readonly (Event | undefined)[] = [];
  /** What is answered to all that was sent, where that matters. */
  reply: ((sent: readonly Uint8Array[]) => Event) | undefined = undefined;
  private readonly codec: Codec;
  private readonly sockets = new Set<Socket | ServerHttp2Session>();
  private readonly servers = [
    createServer((request, response) => void this.answer(request, response)).on('connection', (socket: Socket) => this.sockets.add(socket)),
    createHttp2Server((request, response) => void this.answer(request, response)).on('session', (session) => this.sockets.add(session)),
  ];

  private constructor(codec: Codec) {
    this.codec = codec;
  }

  static async start(): Promise<EventServer> {
    const { EventStreamCodec } = await load<{ readonly EventStreamCodec: new (toText: unknown, fromText: unknown) => Codec }>('@smithy/eventstream-codec');
    const server = new EventServer(new EventStreamCodec((bytes: Uint8Array) => Buffer.from(bytes).toString(), (text: string) => Buffer.from(text)));
    for (const each of server.servers) await new Promise<void>((resolve) => each.listen(0, '127.0.0.1', resolve));
    return server;
  }

  /** Where it is asked by a version of HTTP. */
  originOf(version: 1 | 2): string {
    return `http://127.0.0.1:${(this.servers[version - 1]?.address() as AddressInfo).port}`;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    for (const server of this.servers) server.close();
  }

  private async answer(request: Request, response: Response): Promise<void> {
    this.asked++;
    this.open++;
    response.once('close', () => this.open--);
    for (const stream of [request, response]) stream.on('error', () => undefined);
    const sent = buffer(request).catch(() => Buffer.alloc(0));
    await pause(STALL_MS);
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    const { reply } = this;
    for (const event of reply === undefined ? this.events : [reply(this.partsOf(await sent))]) {
      if (event === undefined) return;
      (response as ServerResponse).write(this.encode(event));
      await pause(BETWEEN_MS);
    }
    response.end();
  }

  private encode({ type, contentType, body }: Event): Uint8Array {
    const headers = { ':message-type': 'event', ':event-type': type, ':content-type': contentType };
    return this.codec.encode({ headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, { type: 'string', value }])), body });
  }

  /** The bodies of events that a client has sent, each signed: one within another. */
  private partsOf(sent: Uint8Array): Uint8Array[] {
    const parts: Uint8Array[] = [];
    for (let start = 0; start < sent.byteLength; ) {
      const length = new DataView(sent.buffer, sent.byteOffset + start).getUint32(0);
      const { body } = this.codec.decode(sent.subarray(start, start + length));
      if (body.byteLength > 0) parts.push(this.codec.decode(body).body);
      start += length;
    }
    return parts;
  }
}
