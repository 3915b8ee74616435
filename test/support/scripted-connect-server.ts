import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttp2Server, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import type { DescService } from '@bufbuild/protobuf';
import { contractSchema } from './connect-schema.js';
import type { AnswerKind, AnswerMessage, RequestMessage } from './contract-proto.js';
import { HeldRequest, HeldRequests } from './held-requests.js';
import { HEADER, STATUS } from './scripted-grpc-server.js';
import type { Answer, OpenAnswer, ScriptedServer } from './scripted-server.js';
import { closeServer, trackSockets } from './sockets.js';

type AnyRequest = IncomingMessage | Http2ServerRequest;
type AnyResponse = ServerResponse | Http2ServerResponse;

/** Which request of the HTTP server a call is. */
const NUMBER = 'x-number';

/** Starts a {@link ScriptedServer} of connect-node: it speaks Connect, gRPC and gRPC-web, over HTTP/1.1 or HTTP/2 without TLS. */
export async function startScriptedConnectServer(kind: AnswerKind, httpVersion: '1.1' | '2'): Promise<ScriptedServer> {
  const requests = new HeldRequests<ReceivedCall>();
  const exchanges = new Map<string, { readonly request: AnyRequest; readonly response: AnyResponse }>();
  const connections: unknown[] = [];

  function receive(method: string, messages: AsyncIterable<RequestMessage> | RequestMessage, context: HandlerContext): ReceivedCall {
    const exchange = exchanges.get(context.requestHeader.get(NUMBER) ?? '');
    if (exchange === undefined) throw new Error('no such request');
    const connection = 'stream' in exchange.request ? exchange.request.stream.session : exchange.request.socket;
    if (!connections.includes(connection)) connections.push(connection);
    const call = new ReceivedCall(requests.all.length, method, messages, context, exchange.response, connections.indexOf(connection));
    requests.add(call);
    return call;
  }

  const schema = contractSchema(kind);
  const handle = connectNodeAdapter({
    routes: (router) => void router.service(schema, implement(schema, receive)),
    // What a client says of its time is its own affair.
    maxTimeoutMs: undefined as never,
    requireConnectProtocolHeader: false,
  });
  const listener = (request: AnyRequest, response: AnyResponse): void => {
    const number = String(exchanges.size);
    exchanges.set(number, { request, response });
    request.headers[NUMBER] = number;
    handle(request, response);
  };
  const server = httpVersion === '2' ? createHttp2Server(listener) : createServer({ keepAliveTimeout: 60_000 }, listener);
  const sockets = trackSockets(server as ReturnType<typeof createServer>);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return requests.serverAt(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    () => sockets.open.size,
    () => closeServer(server as ReturnType<typeof createServer>, sockets),
  );
}

type Receive = (method: string, messages: AsyncIterable<RequestMessage> | RequestMessage, context: HandlerContext) => ReceivedCall;

function implement({ methods }: DescService, receive: Receive): Partial<ServiceImpl<DescService>> {
  const handlers = methods.map(({ name, localName, methodKind }) => [
    localName,
    methodKind === 'unary' || methodKind === 'client_streaming'
      ? (messages: RequestMessage, context: HandlerContext) => receive(name, messages, context).whole()
      : (messages: RequestMessage, context: HandlerContext) => receive(name, messages, context).pieces(),
  ]);
  return Object.fromEntries(handlers) as Partial<ServiceImpl<DescService>>;
}

class ReceivedCall extends HeldRequest {
  readonly #isStream: boolean;
  readonly #context: HandlerContext;
  readonly #response: AnyResponse;
  readonly #pieces: Uint8Array[] = [];
  #end: { readonly failure: ConnectError | undefined } | undefined;
  #wake: (() => void) | undefined;

  constructor(number: number, method: string, messages: AsyncIterable<RequestMessage> | RequestMessage, context: HandlerContext, response: AnyResponse, connection: number) {
    const isStream = Symbol.asyncIterator in messages;
    const headers = Object.fromEntries([...context.requestHeader].filter(([name]) => name !== NUMBER).map(([name, value]) => [name.replace(HEADER, ''), value]));
    const [path, body] = isStream ? ['', readAll(messages)] : [messages.path, Promise.resolve(Buffer.from(messages.body))];
    super({ number, method, path, headers, body, connection });
    this.#isStream = isStream;
    this.#context = context;
    this.#response = response;
    // One of HTTP/2 has finished whatever became of its stream, which knows better.
    if (!('stream' in response)) response.once('finish', () => (this.isAnswered = true));
    response.once('close', () => {
      if ('stream' in response) this.isAnswered = response.stream.rstCode === 0;
      this.close();
      this.#wake?.();
    });
  }

  /** What a unary handler answers. */
  async whole(): Promise<AnswerMessage> {
    const pieces: Uint8Array[] = [];
    for await (const { data } of this.pieces()) pieces.push(data);
    return { data: Buffer.concat(pieces) };
  }

  /** What the handler of a stream answers. */
  async *pieces(): AsyncIterable<AnswerMessage> {
    while (!this.isGone) {
      for (const data of this.#pieces.splice(0)) yield { data };
      if (this.#end?.failure !== undefined) throw this.#end.failure;
      if (this.#end !== undefined) return;
      if (this.#pieces.length === 0) await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await new Promise(() => undefined); // connect-node complains of whatever is written to who has left
  }

  respond(answer: Answer = {}): void {
    if (!this.#isStream) this.#respond(answer);
    // A client that streams is answered when it has said all.
    else void this.body.then(() => this.#respond(answer));
  }

  #respond({ status = 200, headers = {}, body = '' }: Answer): void {
    if (this.isGone) return;
    if (status >= 400) return this.#fail(CODES[status] ?? Code.Internal, String(body), this.#metadata(status, headers));
    const answer = this.open({ status, headers });
    void answer.write(body);
    answer.end();
  }

  /** connect-node 2.0 does not send the metadata of an error by gRPC. */
  #fail(code: Code, body: string, metadata: Headers): void {
    const { protocolName, responseTrailer } = this.#context;
    if (protocolName !== 'connect') for (const [name, value] of metadata) responseTrailer.set(name, value);
    this.#finish(new ConnectError(body, code, protocolName === 'connect' ? metadata : undefined));
  }

  open({ status = 200, headers = {}, body }: Answer = {}): OpenAnswer {
    for (const [name, value] of this.#metadata(status, headers)) this.#context.responseHeader.set(name, value);
    const write = async (piece: string | Uint8Array): Promise<void> => {
      this.#pieces.push(Buffer.from(piece));
      this.#wake?.();
      // Whoever writes without end is to wait for those who read.
      while (this.#pieces.length > 0 && !this.isGone) await new Promise((resolve) => setImmediate(resolve));
    };
    if (body !== undefined) void write(body);
    return { write, end: () => this.#finish(undefined) };
  }

  reset(): void {
    if ('stream' in this.#response) this.#response.stream.close(2); // INTERNAL_ERROR
    else this.#response.socket?.resetAndDestroy();
  }

  #finish(failure: ConnectError | undefined): void {
    this.#end = { failure };
    this.#wake?.();
  }

  /** Retry-After is a header of HTTP, which Connect's own protocol is where it does not stream; elsewhere gRPC's takes its place. */
  #metadata(status: number, headers: NonNullable<Answer['headers']>): Headers {
    const metadata = new Headers({ [STATUS]: String(status) });
    for (const [name, value] of Object.entries(headers)) metadata.set(HEADER + name, ascii(String(value)));
    const retryAfter = headers['retry-after'];
    if (retryAfter !== undefined) metadata.set('retry-after', ascii(retryAfter));
    return metadata;
  }
}

/** HTTP's bad statuses, as far as the suite uses them. */
const CODES: Readonly<Record<number, Code>> = {
  400: Code.InvalidArgument,
  401: Code.Unauthenticated,
  403: Code.PermissionDenied,
  404: Code.NotFound,
  409: Code.AlreadyExists,
  410: Code.Unimplemented,
  412: Code.FailedPrecondition,
  423: Code.OutOfRange,
  408: Code.Unknown,
  425: Code.Aborted,
  429: Code.ResourceExhausted,
  500: Code.Internal,
  503: Code.Unavailable,
};

/** Metadata carries nothing else. */
function ascii(value: string): string {
  return value.replace(/[^ -~]/g, '~');
}

async function readAll(messages: AsyncIterable<RequestMessage>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const { body } of messages) pieces.push(body);
  return Buffer.concat(pieces);
}
