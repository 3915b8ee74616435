import type { HedgeRequest } from '@hedgerow/core';
import type { FetchArguments } from './arguments.js';
import { describeBody } from './body.js';

/** Describes what a `fetch` is asked for. Looks at as little as decisions need: most requests are never sent twice. */
export function describeRequest(args: FetchArguments): HedgeRequest {
  return {
    method: args.members?.method ?? args.request?.method ?? 'GET',
    url: absolute(args.url),
    header: (name) => args.header(name),
    body: describeBody(args.request, args.members?.body),
  };
}

/**
 * Why a call is none to hedge: it asks for a scheme that knows no servers, or its signal is none that could be watched, and the wrapped `fetch`
 * refuses it, or knows what to do with it.
 */
export function isUnsupported(request: HedgeRequest, signal: unknown): boolean {
  return !isHttp(request.url) || (signal !== undefined && !isSignal(signal));
}

/** What is relative to nothing that is known is the wrapped client's business. */
function isHttp(url: string): boolean {
  return url.startsWith('http:') || url.startsWith('https:') || !URL.canParse(url);
}

/** Not what merely looks like one: some clients take such, and some refuse them. */
function isSignal(signal: unknown): signal is AbortSignal {
  try {
    return signal instanceof AbortSignal && typeof signal.aborted === 'boolean';
  } catch {
    return false; // of the class, but made without it
  }
}

/**
 * Pages may ask for what is relative to themselves. Of what is not HTTP only the scheme: the rest is data, and may be megabytes.
 * Never throws: the wrapped `fetch` complains in its own words.
 */
function absolute(url: string): string {
  if (url.startsWith('http://') || url.startsWith('https://')) return url;
  const { document, location } = globalThis as Surroundings;
  try {
    const { protocol, href } = new URL(url, document?.baseURI ?? location?.href);
    return protocol === 'http:' || protocol === 'https:' ? href : protocol;
  } catch {
    return url;
  }
}

interface Surroundings {
  readonly document?: { readonly baseURI: string };
  readonly location?: { readonly href: string };
}
