import type { RequestBody } from '@hedgerow/core';
import { bytesBody, bytesOfText, isNodeStream, MeasuredBody, textBody } from '@hedgerow/core/adapter';
import { prototypeWith } from './prototype-with.js';

/**
 * What can be sent again: not streams, nor the body of a Request, which is a stream by the time we see it. A form can, though
 * each copy draws a boundary of its own.
 */
export function describeBody(request: Request | undefined, body: unknown): RequestBody | undefined {
  if (body === undefined || body === null) return ownBody(request);
  if (isText(body)) return textBody(() => String(body));
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return bytesBody(body);
  if (isBlob(body)) return { replayable: true, bytes: body.size };
  if (isForm(body)) return new MeasuredBody(() => bytesOfForm(body));
  return { replayable: false };
}

/** A body as it is now, whatever its owner does to it before a copy is sent. */
export function copyOfBody(body: unknown): unknown {
  if (body === undefined || body === null) return undefined;
  if (isText(body)) return String(body);
  if (body instanceof ArrayBuffer) return body.slice(0);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
  if (!isForm(body)) return body;
  const copy = new (prototypeWith(body, 'append').constructor as new () => FormData)();
  for (const [name, value] of body) copy.append(name, value);
  return copy;
}

/** What `fetch` says of a body that was given as URLSearchParams; a copy of it is plain text. */
export function contentTypeOf(body: unknown): string | undefined {
  return tagOf(body) === 'URLSearchParams' ? 'application/x-www-form-urlencoded;charset=UTF-8' : undefined;
}

function ownBody(request: Request | undefined): RequestBody | undefined {
  if (request === undefined || request.method === 'GET' || request.method === 'HEAD') return undefined;
  // Some browsers do not show whether there is one.
  return 'body' in request && request.body === null ? undefined : { replayable: false };
}

function bytesOfForm(form: FormData): number {
  let bytes = 0;
  for (const [name, value] of form) {
    bytes += bytesOfText(name) + (typeof value === 'string' ? bytesOfText(value) : value.size);
  }
  return bytes;
}

function isText(body: unknown): body is string | URLSearchParams {
  return (typeof body !== 'object' && typeof body !== 'symbol') || tagOf(body) === 'URLSearchParams';
}

function isBlob(body: unknown): body is Blob {
  const tag = tagOf(body);
  return tag === 'Blob' || tag === 'File';
}

/** The package `form-data` makes streams that call themselves forms. */
function isForm(body: unknown): body is FormData {
  return tagOf(body) === 'FormData' && typeof (body as Partial<FormData>)[Symbol.iterator] === 'function' && !isNodeStream(body);
}

/** Not `instanceof`: undici and node-fetch bring classes of their own. */
function tagOf(value: unknown): unknown {
  return (value as { readonly [Symbol.toStringTag]?: unknown } | null | undefined)?.[Symbol.toStringTag];
}
