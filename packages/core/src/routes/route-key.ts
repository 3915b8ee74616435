import type { HedgeRequest, RaceUntil, RemoteProcedure } from '../call.js';
import { detached } from '../common/detached.js';

/** Longer paths share a key by their beginning. */
const MOST_PATH_LENGTH = 200;
/** Of a remote procedure, or of a route that an adapter names. */
const MOST_NAME_LENGTH = 1_000;
/** A host name has at most 253 characters. */
const MOST_ORIGIN_LENGTH = 300;
const MOST_METHOD_LENGTH = 40;
const ODD = /[^\x20-\x7e]/g;

/** Where a request goes: what shares a budget, and what shares a latency distribution. */
export interface Destination {
  /** Scheme, host and port, without user information. */
  readonly origin: string;
  /** The path with segments that look like identifiers collapsed to `:id`; no query. Of a remote procedure, or a route that has one, its name. */
  readonly path: string;
}

/** Splits the URL by hand: `new URL` costs several microseconds, and odd URLs must not throw here. */
export function destinationOf({ url, rpc, routeName, origin: cluster }: HedgeRequest): Destination {
  const scheme = endOfHost(url, 0);
  // Not just any `://`: there may be one in the query of a relative URL.
  const hasHost = url.startsWith('://', scheme - 1);
  const hostStart = hasHost ? scheme + 2 : 0;
  const hostEnd = hasHost ? endOfHost(url, hostStart) : 0;
  const afterUserInfo = Math.max(hostStart, url.lastIndexOf('@', hostEnd - 1) + 1);
  const written = afterUserInfo === hostStart ? url.slice(0, hostEnd) : url.slice(0, hostStart) + url.slice(afterUserInfo, hostEnd);
  const origin = detached(usual(cluster ?? written), cluster ?? url);
  if (rpc !== undefined) return { origin, path: nameOf(rpc) };
  return { origin, path: routeName === undefined ? detached(collapse(url, hostEnd), url) : detached(routeName.slice(0, MOST_NAME_LENGTH), routeName) };
}

function nameOf({ service, method }: RemoteProcedure): string {
  const name = `/${service}/${method}`;
  return detached(name.slice(0, MOST_NAME_LENGTH), name);
}

/** Different spellings of one origin share a budget, and none takes more memory than a host name can. */
function usual(origin: string): string {
  const short = origin.slice(0, MOST_ORIGIN_LENGTH);
  if (isUsual(short)) return short;
  const parsed = URL.canParse(short) ? new URL(short).origin : 'null';
  return parsed === 'null' ? short.replaceAll(ODD, '') : parsed;
}

/**
 * Whether `URL` would write an origin in the same way; rare spellings of addresses and ports (`127.1`, `:0443`) are taken for usual.
 * A loop, because an expression would take several times as long.
 */
function isUsual(origin: string): boolean {
  for (let index = 0; index < origin.length; index++) {
    const code = origin.charCodeAt(index);
    const isLetter = code >= 0x61 && code <= 0x7a;
    if (!isLetter && (code < DASH || code > COLON) && code !== UNDERSCORE && code !== OPENING && code !== CLOSING) return false;
  }
  return !origin.endsWith(':80') && !origin.endsWith(':443');
}

/** The key of a latency distribution. What is raced is part of it: headers arrive sooner than bodies. */
export function routeKey(method: string, path: string, raceUntil: RaceUntil, operation?: string): string {
  const key = `${detached(method.slice(0, MOST_METHOD_LENGTH), method).toUpperCase()} ${path}${operation === undefined ? '' : ` ${operation}`}`;
  return raceUntil === 'body' ? key : `${key} (${raceUntil})`;
}

function endOfHost(url: string, start: number): number {
  for (let index = start; index < url.length; index++) {
    const code = url.charCodeAt(index);
    if (code === SLASH || code === QUESTION || code === HASH || code === BACKSLASH) return index;
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
    if (code === SLASH || code === BACKSLASH) {
      path += segment(url, segmentStart, index);
      path += '/';
      segmentStart = index + 1;
    }
  }
  // A segment that is cut may be the beginning of anything.
  return path + (index === limit && limit < url.length ? ':id' : segment(url, segmentStart, index));
}

function segment(url: string, start: number, end: number): string {
  return looksLikeId(url, start, end) ? ':id' : url.slice(start, end);
}

/** Numbers, UUIDs, hashes, dates, e-mail addresses, long tokens, what has to be escaped, parameters as in `a;b=c`; not `v2`, `oauth2` or `list-of-things`. */
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
    else if (code === AT || code === PERCENT || code === EQUALS || code === SEMICOLON || code < SPACE || code >= DELETE) return true;
  }
  if (digits === 0) return length >= 40;
  if (digits + separators === length || digits >= 4) return true;
  return (length >= 8 && digits + hexadecimal + separators === length) || length >= 16;
}

function isHexLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x66) || (code >= 0x41 && code <= 0x46);
}

const SPACE = 0x20;
const HASH = 0x23;
const PERCENT = 0x25;
const DASH = 0x2d;
const DOT = 0x2e;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUESTION = 0x3f;
const AT = 0x40;
const OPENING = 0x5b;
const BACKSLASH = 0x5c;
const CLOSING = 0x5d;
const UNDERSCORE = 0x5f;
const DELETE = 0x7f;
