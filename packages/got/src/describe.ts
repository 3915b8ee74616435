import type { HedgeRequest, RequestBody } from '@hedgerow/core';
import type { NativeRequestOptions, NormalizedOptions } from 'got';

/** What decisions look at: got's final options, and the headers as they go out. */
export function describe(options: NormalizedOptions, headers: NativeRequestOptions['headers']): HedgeRequest {
  return {
    method: options.method,
    url: String(options.url),
    header: (name) => headerOf(headers, name),
    body: describeBody(options),
  };
}

/** An upgraded connection has no response that could be raced. */
export function isUnsupported({ method, header }: HedgeRequest): boolean {
  return method === 'CONNECT' || header?.('upgrade') !== undefined;
}

/** The body that got is going to write, if it can be written more than once; got has serialised `json` and `form` by now. */
export function replayableBody({ body }: NormalizedOptions): string | Uint8Array | undefined {
  if (typeof body === 'string') return body;
  return ArrayBuffer.isView(body) ? new Uint8Array(body.buffer, body.byteOffset, body.byteLength) : undefined;
}

/** The caller may write into a buffer again once the primary has been sent. */
export function copyOf(body: string | Uint8Array | undefined): string | Uint8Array | undefined {
  return typeof body === 'string' ? body : body?.slice();
}

function describeBody(options: NormalizedOptions): RequestBody | undefined {
  const body = replayableBody(options);
  if (body !== undefined) return { replayable: true, bytes: Buffer.byteLength(body) };
  return options.body !== undefined || isWrittenByUser(options) ? { replayable: false } : undefined;
}

/** Into `got.stream(…)` users write, or pipe, what they like. */
function isWrittenByUser({ isStream, method, allowGetBody }: NormalizedOptions): boolean {
  return isStream && method !== 'HEAD' && (method !== 'GET' || allowGetBody);
}

/** One header by its lower-case name, however it is written in `headers`. The others are left alone: to read one may do something. */
export function headerOf(headers: object | undefined, name: string): string | undefined {
  for (const key of Object.keys(headers ?? {})) {
    if (key.toLowerCase() !== name) continue;
    const value = (headers as Record<string, string | number | readonly string[] | null | undefined>)[key];
    if (value !== undefined && value !== null) return String(value);
  }
  return undefined;
}
