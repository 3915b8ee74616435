import type { HedgeRequest, RequestBody } from '@hedgerow/core';
import { describeBody } from '../request/body.js';
import { plainHeaders, requestHeader } from './headers.js';
import type { DispatchOptions } from './types.js';

/** Describes what is to be dispatched. `origin` is that of requests which name none. */
export function describeRequest(options: DispatchOptions, origin: string): HedgeRequest {
  return {
    method: options.method,
    url: urlOf(options, origin),
    header: (name) => requestHeader(plainHeaders(options.headers), name),
    body: bodyOf(options.body),
  };
}

/** What has no response that could be raced, or asks its server before it sends its body. */
export function isUnsupported({ method, upgrade, expectContinue }: DispatchOptions): boolean {
  return method === 'CONNECT' || Boolean(upgrade) || expectContinue === true;
}

function urlOf({ origin, path, query }: DispatchOptions, unnamed: string): string {
  const url = path.includes('://') && !path.startsWith('/') ? path : originOf(origin, unnamed) + path;
  const search = query ? serialize(query) : '';
  return search === '' ? url : `${url}?${search}`;
}

function originOf(origin: DispatchOptions['origin'], unnamed: string): string {
  if (origin === undefined) return unnamed;
  if (typeof origin !== 'string') return origin.origin;
  return origin.endsWith('/') ? origin.slice(0, -1) : origin;
}

/** As undici does. */
function serialize(query: Readonly<Record<string, unknown>>): string {
  const pairs = Object.entries(query).flatMap(([name, value]) => (Array.isArray(value) ? value.map((each: unknown) => [name, each]) : [[name, value]]));
  return pairs.map(([name, value]) => `${encodeURIComponent(String(name))}=${encodeURIComponent(primitive(value))}`).join('&');
}

function primitive(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' ? String(value) : '';
}

/** Streams, iterators and forms are read as they are sent. */
function bodyOf(body: unknown): RequestBody | undefined {
  if (body === undefined || body === null) return undefined;
  const isReplayable = typeof body === 'string' || body instanceof ArrayBuffer || ArrayBuffer.isView(body) || body instanceof Blob;
  return isReplayable ? describeBody(undefined, body) : { replayable: false };
}
