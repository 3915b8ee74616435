import type { HedgeRequest } from '@hedgerow/core';
import type { NativeRequestOptions, NormalizedOptions } from 'got';
import { describeBody } from './body.js';
import { headerOf } from './headers.js';

/** What decisions look at: got's final options, and the headers as they go out. */
export function describeRequest(options: NormalizedOptions, headers: NativeRequestOptions['headers']): HedgeRequest {
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
