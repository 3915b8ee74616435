import type { EventEmitter } from 'node:events';
import { constants } from 'node:http2';
import type { Readable } from 'node:stream';
import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerDuplexStream,
  type ServerReadableStream,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { contractService, type AnswerKind, type AnswerMessage, type RequestMessage } from './contract-proto.js';
import { HeldRequest, HeldRequests } from './held-requests.js';
import type { Answer, OpenAnswer, ScriptedServer } from './scripted-server.js';

/** Headers travel in metadata under this prefix, because gRPC keeps some names for itself. */
export const HEADER = 'x-header-';
/** The HTTP status that a gRPC status stands for. */
export const STATUS = 'x-status';

type Call =
  | ServerUnaryCall<RequestMessage, AnswerMessage>
  | ServerReadableStream<RequestMessage, AnswerMessage>
  | ServerWritableStream<RequestMessage, AnswerMessage>
  | ServerDuplexStream<RequestMessage, AnswerMessage>;

/** Starts a {@link ScriptedServer} that speaks gRPC: HTTP's methods, statuses and headers, put into procedures, codes and metadata. */
export async function startScriptedGrpcServer(kind: AnswerKind): Promise<ScriptedServer> {
  const requests = new HeldRequests<ReceivedCall>();
  const peers: string[] = [];

  function receive(method: string, call: Call, callback?: sendUnaryData<AnswerMessage>): void {
    if (!peers.includes(call.getPeer())) peers.push(call.getPeer());
    requests.add(new ReceivedCall(requests.all.length, method, call, callback, peers.indexOf(call.getPeer())));
  }

  const { service } = contractService(kind);
  const handlers = Object.keys(service).map((method) => [method, receive.bind(undefined, method)] as const);
  const server = new Server({ 'grpc.max_receive_message_length': -1, 'grpc.max_send_message_length': -1 });
  server.addService(service, Object.fromEntries(handlers));
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });

  return requests.serverAt(
    `http://127.0.0.1:${port}`,
    () => peers.length,
    async () => {
      server.forceShutdown();
      await Promise.resolve();
    },
  );
}

class ReceivedCall extends HeldRequest {
  readonly #call: Call;
  readonly #callback: sendUnaryData<AnswerMessage> | undefined;

  constructor(number: number, method: string, call: Call, callback: sendUnaryData<AnswerMessage> | undefined, connection: number) {
    const [path, body] = 'request' in call ? [call.request.path, Promise.resolve(Buffer.from(call.request.body))] : ['', readAll(call)];
    super({ number, method, path, headers: headersOf(call.metadata), body, connection });
    this.#call = call;
    this.#callback = callback;
    (call as EventEmitter).on('cancelled', () => this.close());
  }

  respond(answer: Answer = {}): void {
    if ('request' in this.#call) this.#respond(answer);
    // An answer ends a call of gRPC, even one whose caller has not said all.
    else void this.body.then(() => this.#respond(answer));
  }

  #respond({ status: code = 200, headers = {}, body = '' }: Answer): void {
    if (this.isGone) return;
    if (code >= 400) return this.#end(new Failure(code, headers, String(body)));
    const answer = this.open({ status: code, headers });
    void answer.write(body);
    answer.end();
  }

  open({ status: code = 200, headers = {}, body }: Answer = {}): OpenAnswer {
    const call = this.#call;
    call.sendMetadata(metadataOf(code, headers));
    const pieces: Uint8Array[] = [];
    const write = async (piece: string | Uint8Array): Promise<void> => {
      if (this.#callback !== undefined || !('write' in call)) pieces.push(Buffer.from(piece));
      else if (!call.write({ data: Buffer.from(piece) })) await new Promise((resolve) => call.once('drain', resolve));
    };
    if (body !== undefined) void write(body);
    return { write, end: () => this.#end(undefined, Buffer.concat(pieces)) };
  }

  reset(): void {
    const { stream } = (this.#call as unknown as { call: { stream: { close(code: number): void } } }).call;
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  #end(failure: Failure | undefined, data: Uint8Array = Buffer.alloc(0)): void {
    this.isAnswered = true;
    if (this.#callback !== undefined) this.#callback(failure ?? null, { data });
    else if (failure !== undefined) this.#call.emit('error', failure);
    else if ('write' in this.#call) this.#call.end();
  }
}

/** HTTP's bad statuses, as far as the suite uses them. */
const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.ALREADY_EXISTS,
  410: status.UNIMPLEMENTED,
  412: status.FAILED_PRECONDITION,
  423: status.OUT_OF_RANGE,
  408: status.UNKNOWN,
  425: status.ABORTED,
  429: status.RESOURCE_EXHAUSTED,
  500: status.INTERNAL,
  503: status.UNAVAILABLE,
};

class Failure extends Error {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;

  constructor(code: number, headers: NonNullable<Answer['headers']>, body: string) {
    super(body);
    this.code = CODES[code] ?? status.INTERNAL;
    this.details = body;
    this.metadata = metadataOf(code, headers);
  }
}

function metadataOf(code: number, headers: NonNullable<Answer['headers']>): Metadata {
  const metadata = new Metadata();
  metadata.set(STATUS, String(code));
  for (const [name, value] of Object.entries(headers)) metadata.set(HEADER + name, ascii(String(value)));
  const retryAfter = headers['retry-after'];
  if (retryAfter !== undefined) metadata.set('grpc-retry-pushback-ms', pushback(ascii(retryAfter)));
  return metadata;
}

/** grpc-js sends nothing else. */
function ascii(value: string): string {
  return value.replace(/[^ -~]/g, '~');
}

/** Retry-After in the terms of gRPC: milliseconds for seconds and dates; what makes no sense stays as it is. */
function pushback(retryAfter: string): string {
  if (/^\d+$/.test(retryAfter) && retryAfter !== '0') return `${retryAfter}000`;
  const untilMs = retryAfter.endsWith("GMT") ? Date.parse(retryAfter) - Date.now() : NaN;
  return untilMs > 0 ? String(untilMs) : retryAfter;
}

function headersOf(metadata: Metadata): Record<string, string> {
  const entries = Object.entries(metadata.getMap()).map(([key, value]) => [key.replace(HEADER, ''), String(value)]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Without an iterator, which would destroy a stream that an answer has yet to be written to. */
function readAll(messages: Readable): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  return new Promise((resolve, reject) => {
    messages.on('data', ({ body }: RequestMessage) => void pieces.push(body));
    messages.once('end', () => resolve(Buffer.concat(pieces)));
    messages.once('error', reject);
  });
}
