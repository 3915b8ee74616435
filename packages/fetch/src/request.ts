import type { HedgeRequest } from '@hedgerow/core';
import { describeBody } from './request-body.js';
import { isRequest, urlOf, type AnyHeaders, type AnyInit, type AnyInput } from './wrapped.js';

/** Describes what a `fetch` is asked for. Looks at as little as decisions need: most requests are never sent twice. */
export function describeRequest(input: AnyInput, init: AnyInit | undefined): HedgeRequest {
  const request = isRequest(input) ? input : undefined;
  return {
    method: init?.method ?? request?.method ?? 'GET',
    url: absolute(isRequest(input) ? input.url : urlOf(input)),
    header: (name) => {
      const headers = headersOf(request, init);
      return headers === undefined ? undefined : (new Headers(headers).get(name) ?? undefined);
    },
    body: describeBody(request, init?.body),
  };
}

/** The headers that count: those of `init` replace all that a Request has. */
export function headersOf(request: Request | undefined, init: AnyInit | undefined): AnyHeaders | undefined {
  return init?.headers ?? request?.headers;
}

/** Pages may ask for what is relative to themselves. Never throws: the wrapped `fetch` complains in its own words. */
function absolute(url: string): string {
  if (url.includes('://')) return url;
  const { document, location } = globalThis as Surroundings;
  try {
    return new URL(url, document?.baseURI ?? location?.href).href;
  } catch {
    return url;
  }
}

interface Surroundings {
  readonly document?: { readonly baseURI: string };
  readonly location?: { readonly href: string };
}
