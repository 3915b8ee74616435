import type { HedgeRequest, RaceUntil } from '../call.js';

/** Longer paths share a key by their beginning. */
const MOST_PATH_LENGTH = 200;

/** Where a request goes: what shares a budget, and what shares a latency distribution. */
export interface Destination {
  /** Scheme, host and port, without user information. */
  readonly origin: string;
  /** The path with segments that look like identifiers collapsed to `:id`; no query. Of a remote procedure its name. */
  readonly path: string;
}

/** Splits the URL by hand: `new URL` costs several microseconds, and odd URLs must not throw here. */
export function destinationOf({ url, rpc }: HedgeRequest): Destination {
  const scheme = url.indexOf('://');
  const hostStart = scheme === -1 ? 0 : scheme + 3;
  const hostEnd = scheme === -1 ? 0 : endOfHost(url, hostStart);
  const afterUserInfo = Math.max(hostStart, url.lastIndexOf('@', hostEnd - 1) + 1);
  const origin = url.slice(0, hostStart) + url.slice(afterUserInfo, hostEnd);
  return { origin, path: rpc === undefined ? collapse(url, hostEnd) : `/${rpc.service}/${rpc.method}` };
}

/** The key of a latency distribution. What is raced is part of it: headers arrive sooner than bodies. */
export function routeKey(method: string, path: string, raceUntil: RaceUntil): string {
  const key = `${method.toUpperCase()} ${path}`;
  return raceUntil === 'body' ? key : `${key} (${raceUntil})`;
}

function endOfHost(url: string, start: number): number {
  for (let index = start; index < url.length; index++) {
    const code = url.charCodeAt(index);
    if (code === SLASH || code === QUESTION || code === HASH) return index;
  }
  return url.length;
}

function collapse(url: string, start: number): string {
  const limit = Math.min(url.length, start + MOST_PATH_LENGTH);
  let path = '';
  let segmentStart = start;
  let index = start;
  for (; index < limit; index++) {
    const code = url.charCodeAt(index);
    if (code === QUESTION || code === HASH) break;
    if (code === SLASH) {
      path += segment(url, segmentStart, index);
      path += '/';
      segmentStart = index + 1;
    }
  }
  return path + segment(url, segmentStart, index);
}

function segment(url: string, start: number, end: number): string {
  return looksLikeId(url, start, end) ? ':id' : url.slice(start, end);
}

/** Numbers, UUIDs, hashes, dates, e-mail addresses, long tokens; not `v2`, `oauth2` or `list-of-things`. */
function looksLikeId(text: string, start: number, end: number): boolean {
  const length = end - start;
  let digits = 0;
  let hexadecimal = 0;
  let separators = 0;
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code >= ZERO && code <= NINE) digits++;
    else if (isHexLetter(code)) hexadecimal++;
    else if (code === DASH || code === UNDERSCORE || code === DOT || code === COLON) separators++;
    else if (code === AT || code === PERCENT) return true;
  }
  if (digits === 0) return length >= 40;
  if (digits + separators === length || digits >= 4) return true;
  return (length >= 8 && digits + hexadecimal + separators === length) || length >= 16;
}

function isHexLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

const HASH = 0x23;
const PERCENT = 0x25;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const QUESTION = 0x3f;
const AT = 0x40;
const UNDERSCORE = 0x5f;
