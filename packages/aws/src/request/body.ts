import type { RequestBody } from '@hedgerow/core';
import { bytesBody, textBody } from '@hedgerow/core/adapter';

/** What can be sent again: text and bytes. Streams cannot, whatever their kind. */
export function describeBody(body: unknown): RequestBody | undefined {
  if (body === undefined || body === null || body === '') return undefined;
  if (typeof body === 'string') return textBody(() => body);
  if (isBytes(body)) return bytesBody(body);
  return { replayable: false };
}

/** A body as it is now, whatever its owner does to it before a copy is sent. */
export function copyOfBody(body: unknown): unknown {
  return isBytes(body) ? bytesOf(body).slice() : body;
}

/** The beginning of a body as text; `undefined` of one that is not in memory. Newer SDKs write JSON as bytes that complain when they are used as text. */
export function textOfBody(body: unknown, mostLength: number): string | undefined {
  if (typeof body === 'string') return body.slice(0, mostLength);
  return isBytes(body) ? decoder.decode(bytesOf(body).subarray(0, mostLength)) : undefined;
}

const decoder = new TextDecoder('latin1');

type Bytes = ArrayBuffer | ArrayBufferView;

function isBytes(body: unknown): body is Bytes {
  return body instanceof ArrayBuffer || ArrayBuffer.isView(body);
}

function bytesOf(body: Bytes): Uint8Array {
  return body instanceof ArrayBuffer ? new Uint8Array(body) : new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
}
