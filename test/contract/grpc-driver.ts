import { finished, Readable } from 'node:stream';
import {
  credentials,
  Metadata,
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientUnaryCall,
  type ClientWritableStream,
  type requestCallback,
  type ServiceError,
} from '@grpc/grpc-js';
import { Hedger, type HedgerOptions } from '@hedgerow/core';
import { hedgeInfo, hedgingInterceptor, isHedge, type GrpcCallHedgeOptions } from '@hedgerow/grpc';
import { contractProto, contractService, type AnswerKind, type AnswerMessage, type RequestMessage } from '../support/contract-proto.js';
import { startHoldingServer } from '../support/holding-server.js';
import { HEADER, startScriptedGrpcServer, STATUS } from '../support/scripted-grpc-server.js';
import type { ContractDriver, ContractRequest, ContractResponse } from './driver.js';
import { procedureSubstitutes } from './procedure-substitutes.js';

/** gRPC, answered by one message or by a stream: HTTP's methods are procedures, its statuses codes, its headers metadata. */
export function grpcDriver(kind: AnswerKind): ContractDriver {
  return {
    name: kind === 'Unary' ? 'gRPC, unary' : 'gRPC, server streaming',
    raceUntil: kind === 'Unary' ? 'body' : 'headers',
    hedgeInfo,
    isHedge,
    startServer: () => startScriptedGrpcServer(kind),
    startHoldingServer: (held) => startHoldingServer(held, './holding-grpc-worker.js'),
    instead: procedureSubstitutes({ kind, system: 'grpc', scheme: 'grpc', countsAttempts: true, hasOneConnection: true }),
    errors: {
      aborted: { code: 1, details: 'Cancelled on client' },
      timeout: { code: 4 },
      reset: { code: 13 },
      hedgeTimeout: { code: 4 },
    },
    create({ hedger, methods, ...options }) {
      const scheduler = hedger ?? new Hedger(options);
      const interceptor = hedgingInterceptor({
        hedger: scheduler,
        ...(hedger && withoutHttp(options)),
        ...(methods ? { methods: procedures(methods) } : { proto: contractProto }),
      });
      const stubs = new Map<string, Client>();
      const stubFor = (origin: string): Client => {
        const stub = stubs.get(origin) ?? makeStub(kind, origin, interceptor);
        stubs.set(origin, stub);
        return stub;
      };
      return {
        hedger: scheduler,
        request: (request) => ask(stubFor(new URL(request.url).host), request, kind),
        close: () => {
          for (const stub of stubs.values()) stub.close();
        },
      };
    },
  };
}

/** Options that the suite has for all clients, as the types let an interceptor have them. */
function withoutHttp(options: HedgerOptions): GrpcCallHedgeOptions {
  return options;
}

function procedures(methods: readonly string[]): string[] {
  const names = methods.flatMap((method) => [method.toUpperCase(), `${method.toUpperCase()}_STREAM`]);
  return names.flatMap((name) => [`contract.v1.Unary/${name}`, `contract.v1.Stream/${name}`]);
}

function makeStub(kind: AnswerKind, address: string, interceptor: ReturnType<typeof hedgingInterceptor>): Client {
  return new (contractService(kind))(address, credentials.createInsecure(), {
    interceptors: [interceptor],
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
  });
}

type Call = ClientUnaryCall | ClientReadableStream<AnswerMessage> | ClientWritableStream<RequestMessage>;
type Procedure = (this: Client, ...args: unknown[]) => Call;

async function ask(stub: Client, request: ContractRequest, kind: AnswerKind): Promise<ContractResponse> {
  const { method = 'GET', url, headers = {}, body, signal, timeoutMs, hedge } = request;
  const { pathname, search } = new URL(url);
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(HEADER + name.toLowerCase(), value);
  const options: CallOptions = {
    ...(timeoutMs !== undefined && { deadline: Date.now() + timeoutMs }),
    ...(hedge !== undefined && { hedge: hedge === false ? hedge : callOptions(hedge) }),
  };
  const isStreamed = body instanceof Readable;
  const procedure = (stub as unknown as Record<string, Procedure>)[isStreamed ? `${method}_STREAM` : method];
  if (procedure === undefined) throw new Error(`no procedure ${method}`);
  const message: RequestMessage = { path: pathname + search, body: isStreamed ? Buffer.alloc(0) : Buffer.from(body ?? '') };
  const first = isStreamed ? [] : [message];

  let call: Call | undefined;
  const pieces: Uint8Array[] = [];
  let responseHeaders: Record<string, unknown> = {};
  const cancel = (): void => call?.cancel();
  try {
    await new Promise<void>((resolve, reject) => {
      const callback: requestCallback<AnswerMessage> = (error, answer) => {
        if (error) return reject(error);
        pieces.push(answer?.data ?? Buffer.alloc(0));
        resolve();
      };
      call = procedure.call(stub, ...first, metadata, options, ...(kind === 'Unary' ? [callback] : []));
      call.on('metadata', (received: Metadata) => (responseHeaders = received.getMap()));
      if (kind === 'Stream') {
        const stream = call as ClientReadableStream<AnswerMessage>;
        stream.on('data', ({ data }: AnswerMessage) => void pieces.push(data));
        finished(stream, (error) => (error ? reject(error) : resolve()));
      }
      if (isStreamed) void send(body, call as ClientWritableStream<RequestMessage>);
      if (signal?.aborted === true) cancel();
      else signal?.addEventListener('abort', cancel);
    });
  } catch (error) {
    throw withResponse(error as ServiceError);
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
  const status = Number(responseHeaders[STATUS]);
  return { status, headers: responseHeaders, body: Buffer.concat(pieces), carrier: call };
}

async function send(body: AsyncIterable<Uint8Array>, call: ClientWritableStream<RequestMessage>): Promise<void> {
  for await (const piece of body) call.write({ path: '', body: piece });
  call.end();
}

/** The names of HTTP methods become those of procedures. */
function callOptions({ methods, ...options }: HedgerOptions): GrpcCallHedgeOptions {
  return { ...withoutHttp(options), ...(methods && { methods: procedures(methods) }) };
}

/** What a server answered with a bad status, for `outcomeOf`. */
function withResponse(error: ServiceError): unknown {
  const [status] = error instanceof Error && 'metadata' in error ? error.metadata.get(STATUS) : [];
  return status === undefined ? error : Object.assign(error, { response: { status: Number(status), data: error.details } });
}
