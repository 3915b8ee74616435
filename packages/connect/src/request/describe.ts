import type { Interceptor } from '@connectrpc/connect';
import type { HedgeRequest, RaceUntil, RemoteProcedure, RequestBody } from '@hedgerow/core';

/** What an interceptor hands a call on to. */
export type Next = ReturnType<Interceptor>;
/** One call as interceptors see it. */
export type ConnectRequest = Parameters<Next>[0];
/** What it is answered. */
export type ConnectResponse = Awaited<ReturnType<Next>>;

/** The same of a call whose answer streams. */
export type StreamResponse = Extract<ConnectResponse, { readonly stream: true }>;

/** The part of a call that decides how it is described. */
export type Described = Pick<ConnectRequest, 'service' | 'method' | 'url' | 'header'>;

/** Describes a call to the scheduler. */
export function describeRequest({ service, method, url, header }: Described, body: RequestBody | undefined): HedgeRequest {
  return {
    method: 'POST',
    url,
    header: (name) => header.get(name) ?? undefined,
    body,
    rpc: { system: systemOf(header), service: service.typeName, method: method.name },
  };
}

/** gRPC and gRPC-web are one system to OpenTelemetry. */
function systemOf(header: Headers): RemoteProcedure['system'] {
  return header.get('content-type')?.startsWith('application/grpc') === true ? 'grpc' : 'connect_rpc';
}

/** Whether it is gRPC itself. A header of gRPC-web may need the leave of a server in another origin, which allows those it knows. */
export function isPlainGrpc(header: Headers): boolean {
  return /^application\/grpc(?:$|[+;])/.test(header.get('content-type') ?? '');
}

/** What is raced: a stream is won by its first message, a single answer when all of it is there. */
export function raceUntil({ stream }: Pick<ConnectRequest, 'stream'>): RaceUntil {
  return stream ? 'firstChunk' : 'body';
}
