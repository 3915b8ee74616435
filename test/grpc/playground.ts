import type { EventEmitter } from 'node:events';
import type {
  status} from '@grpc/grpc-js';
import {
  credentials,
  Metadata,
  Server,
  ServerCredentials,
  type CallOptions,
  type Client,
  type ClientOptions,
  type ClientReadableStream,
  type ClientUnaryCall,
  type Interceptor,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { hedgingInterceptor, Hedger, type GrpcHedgeOptions } from '@hedgerow/grpc';
import { contractProto, contractService, type AnswerKind, type AnswerMessage, type RequestMessage } from '../support/contract-proto.js';
import { within } from '../support/wait.js';

type ServerCall = ServerUnaryCall<RequestMessage, AnswerMessage> & ServerWritableStream<RequestMessage, AnswerMessage>;

/** One call as it reached the server, unanswered until the test says so. */
export interface ReceivedCall {
  readonly number: number;
  readonly call: ServerCall;
  readonly metadata: Metadata;
  /** Resolves when the client has cancelled it, unless it was answered before. */
  readonly cancelled: Promise<void>;
  readonly isCancelled: boolean;
  readonly isAnswered: boolean;
  /** Answers a unary call. */
  reply(text: string, trailers?: Readonly<Record<string, string>>): void;
  /** Ends either kind of call with a bad status. */
  fail(code: status, trailers?: Readonly<Record<string, string>>): void;
  /** Sends one message of a stream. */
  send(text: string): Promise<void>;
  /** Ends a stream well. */
  end(): void;
}

export interface GrpcServer {
  readonly address: string;
  readonly calls: readonly ReceivedCall[];
  next(): Promise<ReceivedCall>;
  script(script: (call: ReceivedCall) => void): void;
  close(): void;
}

/** A real gRPC server with both services of the contract. */
export async function startServer(): Promise<GrpcServer> {
  const calls: ReceivedCall[] = [];
  const arrivals: (() => void)[] = [];
  let taken = 0;
  let script: ((call: ReceivedCall) => void) | undefined;
  const handle = (call: ServerCall, callback?: sendUnaryData<AnswerMessage>): void => {
    const received = receive(calls.length, call, callback);
    calls.push(received);
    script?.(received);
    for (const wake of arrivals.splice(0)) wake();
  };
  const server = new Server();
  for (const kind of ['Unary', 'Stream'] as const) {
    const { service } = contractService(kind);
    server.addService(service, Object.fromEntries(Object.keys(service).map((name) => [name, handle])));
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => (error ? reject(error) : resolve(bound)));
  });
  return {
    address: `127.0.0.1:${port}`,
    calls,
    async next() {
      const mine = taken++;
      for (;;) {
        const call = calls[mine];
        if (call) return call;
        await within(5_000, `call ${mine}`, new Promise<void>((resolve) => arrivals.push(resolve)));
      }
    },
    script: (next) => (script = next),
    close: () => server.forceShutdown(),
  };
}

function receive(number: number, call: ServerCall, callback: sendUnaryData<AnswerMessage> | undefined): ReceivedCall {
  let isAnswered = false;
  let isCancelled = false;
  const cancelled = new Promise<void>((resolve) => {
    (call as EventEmitter).on('cancelled', () => {
      if (isAnswered) return;
      isCancelled = true;
      resolve();
    });
  });
  return {
    number,
    call,
    metadata: call.metadata,
    get cancelled() {
      return within(5_000, `call ${number} to be cancelled`, cancelled);
    },
    get isCancelled() {
      return isCancelled;
    },
    get isAnswered() {
      return isAnswered;
    },
    reply(text, trailers) {
      isAnswered = true;
      callback?.(null, { data: Buffer.from(text) }, metadataOf(trailers));
    },
    fail(code, trailers) {
      isAnswered = true;
      const error = { code, details: `failed ${number}`, metadata: metadataOf(trailers) };
      if (callback) callback(error);
      else call.emit('error', error as ServiceError);
    },
    send: (text) => new Promise((resolve) => call.write({ data: Buffer.from(text) }, () => resolve())),
    end() {
      isAnswered = true;
      call.end();
    },
  };
}

export function metadataOf(entries: Readonly<Record<string, string>> = {}): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(entries)) metadata.set(name, value);
  return metadata;
}

/** What a unary call came to. */
export interface Ended {
  readonly call: ClientUnaryCall;
  readonly text: string | undefined;
  readonly error: ServiceError | null;
  readonly metadata: Metadata | undefined;
  readonly status: StatusObject | undefined;
  /** What the caller was told, in that order. */
  readonly events: readonly string[];
}

export interface GrpcClient {
  readonly hedger: Hedger;
  readonly stub: Client;
  /** Starts a unary GET and returns the call at once, and its end. */
  get(options?: CallOptions, metadata?: Metadata): { readonly call: ClientUnaryCall; readonly ended: Promise<Ended> };
  /** Starts a server stream. */
  list(options?: CallOptions, metadata?: Metadata): ClientReadableStream<AnswerMessage>;
  close(): void;
}

type Method = (...args: unknown[]) => ClientUnaryCall & ClientReadableStream<AnswerMessage>;

/** A client of either service. */
type Stub = Client & { readonly GET: Method };

/** A client that hedges after 10 ms without a budget. */
export function makeClient(
  address: string,
  options: GrpcHedgeOptions = {},
  { before = [], after = [], ...channel }: ClientOptions & { before?: Interceptor[]; after?: Interceptor[] } = {},
): GrpcClient {
  const { delay, maxHedges, budget, clock, hedger: shared, ...own } = options;
  const hedger = (shared as Hedger | undefined) ?? new Hedger({ delay: delay ?? 10, budget: budget ?? false, maxHedges, clock });
  const interceptor = hedgingInterceptor({ hedger, proto: contractProto, telemetry: false, ...own });
  const stubs = { Unary: stub('Unary'), Stream: stub('Stream') };
  function stub(kind: AnswerKind): Stub {
    const made = new (contractService(kind))(address, credentials.createInsecure(), {
      interceptors: [...before, interceptor, ...after],
      ...channel,
    });
    return made as unknown as Stub;
  }
  return {
    hedger,
    stub: stubs.Unary,
    get: (callOptions = {}, metadata = new Metadata()) => unary(stubs.Unary, callOptions, metadata),
    list: (callOptions = {}, metadata = new Metadata()) => stubs.Stream.GET.call(stubs.Stream, { path: '/' }, metadata, callOptions),
    close: () => {
      hedger.dispose();
      for (const each of Object.values(stubs)) each.close();
    },
  };
}

function unary(stub: Stub, options: CallOptions, metadata: Metadata): ReturnType<GrpcClient['get']> {
  const events: string[] = [];
  let received: Metadata | undefined;
  let call!: ClientUnaryCall;
  const ended = new Promise<Ended>((resolve) => {
    let error: ServiceError | null = null;
    let text: string | undefined;
    call = stub.GET.call(stub, { path: '/' }, metadata, options, (failure: ServiceError | null, answer?: AnswerMessage) => {
      events.push('callback');
      error = failure;
      text = answer && Buffer.from(answer.data).toString();
    });
    call.on('metadata', (value) => {
      events.push('metadata');
      received = value;
    });
    call.on('status', (status) => {
      events.push('status');
      resolve({ call, text, error, metadata: received, status, events });
    });
  });
  return { call, ended: within(10_000, 'the call to end', ended) };
}

/** All messages of a stream as text, and how it ended. */
export async function readStream(
  stream: ClientReadableStream<AnswerMessage>,
): Promise<{ readonly texts: string[]; readonly error: ServiceError | undefined }> {
  const texts: string[] = [];
  return within(
    10_000,
    'the stream to end',
    new Promise((resolve) => {
      let error: ServiceError | undefined;
      stream.on('data', ({ data }: AnswerMessage) => void texts.push(Buffer.from(data).toString()));
      stream.on('error', (failure: ServiceError) => (error = failure));
      stream.on('status', () => setImmediate(() => resolve({ texts, error })));
    }),
  );
}
