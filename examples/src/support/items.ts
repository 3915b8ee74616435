/** What the gRPC examples have in common: three local servers of `items.proto`, one call in ten of which takes 80 ms. */
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { loadPackageDefinition, Server, ServerCredentials, type GrpcObject, type ServiceClientConstructor } from '@grpc/grpc-js';
import type { Metadata, sendUnaryData, ServerUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { context, propagation, SpanKind, trace, type Span, type TextMapGetter } from '@opentelemetry/api';

export interface Item {
  readonly id: number;
  readonly server: string;
}

export interface Query {
  readonly id: number;
}

/** The loaded proto: the interceptor reads from it which methods are safe. */
export const proto = loadSync(fileURLToPath(new URL('../../proto/items.proto', import.meta.url)));

const packages = loadPackageDefinition(proto) as { items: { v1: GrpcObject } };
export const Items = packages.items.v1.Items as ServiceClientConstructor;

export interface Servers {
  /** All of them, as one target that grpc-js balances over. */
  readonly target: string;
  /** Calls received by all servers. */
  readonly received: () => number;
  /** Calls that their client cancelled before they were answered. */
  readonly cancelled: () => number;
  readonly close: () => void;
}

export async function startServers(): Promise<Servers> {
  let received = 0;
  let cancelled = 0;
  /** Waits as long as a call of this kind takes; `false` if the client has gone by then. */
  async function work(call: ServerUnaryCall<Query, Item> | ServerWritableStream<Query, Item>): Promise<boolean> {
    const span = spanOf(call.getPath(), call.metadata);
    await delay(received++ % 10 === 4 ? 80 : 4);
    if (call.cancelled) cancelled++;
    span.end();
    return !call.cancelled;
  }
  function serviceOf(server: string): Record<string, (...args: never[]) => void> {
    return {
      async Find(call: ServerUnaryCall<Query, Item>, callback: sendUnaryData<Item>) {
        if (await work(call)) callback(null, { id: call.request.id, server });
      },
      async Watch(call: ServerWritableStream<Query, Item>) {
        if (!(await work(call))) return;
        for (let id = 0; id < call.request.id; id++) call.write({ id, server });
        call.end();
      },
      async Create(call: ServerUnaryCall<Item, Item>, callback: sendUnaryData<Item>) {
        if (await work(call)) callback(null, { ...call.request, server });
      },
    };
  }
  const servers = ['a', 'b', 'c'].map((name) => {
    const server = new Server();
    server.addService(Items.service, serviceOf(name) as never);
    return server;
  });
  const ports = await Promise.all(servers.map(bind));
  return {
    target: `ipv4:${ports.map((port) => `127.0.0.1:${port}`).join(',')}`,
    received: () => received,
    cancelled: () => cancelled,
    close: () => {
      for (const server of servers) server.forceShutdown();
    },
  };
}

/** What instrumentation does for HTTP: the server's span hangs under the attempt that asked it. Nothing without an OpenTelemetry SDK. */
function spanOf(path: string, metadata: Metadata): Span {
  const parent = propagation.extract(context.active(), metadata, headers);
  const attributes = { 'rpc.system': 'grpc', [PREVIOUS_ATTEMPTS]: Number(metadata.get(PREVIOUS_ATTEMPTS)[0] ?? 0) };
  return trace.getTracer('items').startSpan(path.slice(1), { kind: SpanKind.SERVER, attributes }, parent);
}

/** How many attempts of the call were sent before (gRPC proposal A6). */
const PREVIOUS_ATTEMPTS = 'grpc-previous-rpc-attempts';

const headers: TextMapGetter<Metadata> = {
  get: (metadata, name) => metadata.get(name).map(String),
  keys: (metadata) => Object.keys(metadata.getMap()),
};

function bind(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => (error ? reject(error) : resolve(port)));
  });
}

/** Spreads calls over all servers, and leaves retries to whoever makes the calls. */
export const channelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.enable_retries': 0,
} as const;
