import type { RequestBody } from '@hedgerow/core';
import { bytesBody, textBody } from '@hedgerow/core/adapter';
import type { NormalizedOptions } from 'got';

export function describeBody(options: NormalizedOptions): RequestBody | undefined {
  const body = replayableBody(options);
  if (body !== undefined) return typeof body === 'string' ? textBody(() => body) : bytesBody(body);
  return options.body !== undefined || isWrittenByUser(options) ? { replayable: false } : undefined;
}

/** The body that got is going to write, if it can be written more than once; got has serialised `json` and `form` by now. */
export function replayableBody({ body }: NormalizedOptions): string | Uint8Array | undefined {
  if (typeof body === 'string') return body;
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : undefined;
}

/** The caller may write into a buffer again once the primary has been sent. */
export function copyOfBody(body: string | Uint8Array | undefined): string | Uint8Array | undefined {
  return typeof body === 'string' ? body : body?.slice();
}

/** Into `got.stream(…)` users write, or pipe, what they like. */
function isWrittenByUser({ isStream, method, allowGetBody }: NormalizedOptions): boolean {
  return isStream && method !== 'HEAD' && (method !== 'GET' || allowGetBody);
}
