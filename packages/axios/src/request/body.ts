import type { RequestBody } from '@hedgerow/core';
import { bytesBody, textBody } from '@hedgerow/core/adapter';

/** What can be sent again byte for byte: not streams, and not forms, whose boundary axios makes anew for every request. */
export function describeBody(data: unknown): RequestBody | undefined {
  if (data === undefined || data === null || data === '') return undefined;
  if (typeof data === 'string') return textBody(() => data);
  if (data instanceof ArrayBuffer || ArrayBuffer.isView(data)) return bytesBody(data);
  if (data instanceof Blob) return { replayable: true, bytes: data.size };
  if (data instanceof URLSearchParams) return textBody(() => data.toString());
  return { replayable: false };
}

/** What a hedge sends in place of a body that its owner may write into once the primary has been sent; `undefined`: the same as that. */
export function copyOfBody(data: unknown): unknown {
  if (data instanceof ArrayBuffer) return data.slice(0);
  return data instanceof Uint8Array ? Uint8Array.prototype.slice.call(data) : undefined;
}
