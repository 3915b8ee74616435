import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';

/** A request of node:http, or of node:http2 in its likeness. */
export type Message = IncomingMessage | Http2ServerRequest;

/** A call of grpc-js as its handlers see it, by the members that are used. */
export interface GrpcCall {
  readonly metadata: GrpcMetadata;
  readonly cancelled: boolean;
  once(event: 'cancelled', listener: () => void): unknown;
  getDeadline(): Date | number;
}

/** Metadata of grpc-js. */
export interface GrpcMetadata {
  get(name: string): readonly (string | Buffer)[];
}

interface Wrapper {
  /** Of node:http. */
  readonly rawHeaders?: unknown;
  /** Of Fastify. */
  readonly raw?: unknown;
  /** Of Koa. */
  readonly req?: unknown;
  /** Of Hono on Node. */
  readonly env?: { readonly incoming?: unknown } | undefined;
}

/** The request of Node that a framework's own is made of: Express's and Nest's are that, Fastify, Koa and Hono on Node wrap it. */
export function messageOf(request: unknown): Message | undefined {
  if (typeof request !== 'object' || request === null) return undefined;
  if (isMessage(request)) return request;
  const { raw, req, env } = request as Wrapper;
  return [raw, req, env?.incoming].find(isMessage);
}

function isMessage(value: unknown): value is Message {
  return typeof value === 'object' && value !== null && Array.isArray((value as Wrapper).rawHeaders);
}

export function isGrpcCall(request: unknown): request is GrpcCall {
  const { metadata, getDeadline } = Object(request) as Partial<GrpcCall>;
  return typeof metadata?.get === 'function' && typeof getDeadline === 'function';
}

/** All values of a request header, or of metadata, in lower case. Not by the object of all headers, which is not made before somebody wants it. */
export function valuesOf(message: Message, name: string): readonly string[] {
  const { rawHeaders } = message;
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const own = rawHeaders[index] ?? '';
    if (own.length === name.length && own.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

export function streamOf(message: Message): ServerHttp2Stream | undefined {
  const { stream } = message as Partial<Http2ServerRequest>;
  return stream !== undefined && 'rstCode' in stream ? stream : undefined;
}

/** A response that may not be its socket's turn yet, because a request before it on the same connection is still answered. */
const RESPONSE: unique symbol = Symbol.for('hedgerow.response') as never;

interface Linked {
  [RESPONSE]?: ServerResponse;
  readonly res?: ServerResponse;
  readonly socket: { readonly _httpMessage?: ServerResponse | null };
}

/** Remembers which response answers a request of HTTP/1.1, where that cannot be found otherwise. */
export function link(message: Message, response: ServerResponse): void {
  (message as unknown as Linked)[RESPONSE] = response;
}

/** The response to a request of HTTP/1.1; `undefined` if it waits behind others on its connection and nobody has said which it is. */
export function responseOf(message: Message): ServerResponse | undefined {
  const { [RESPONSE]: own, res, socket } = message as unknown as Linked;
  if (own !== undefined) return own;
  return [res, socket._httpMessage].find((response) => response?.req === message) ?? undefined;
}
