import { refuse } from '../options/validate.js';

/** A base URL below which equivalent servers answer the same requests. */
export interface Target {
  /** Scheme, host, port and path, without a slash at its end. */
  readonly base: string;
  readonly origin: string;
}

/** Base URLs are written by hand. */
const MOST_LENGTH = 2_000;
const EXPECTED = 'an absolute http or https URL without user information, query and fragment';
/** What `URL` may read as something else than it looks like: dot segments, also escaped ones, and characters that it drops or turns. */
const ODD = /\/\.|%2e|[\\\t\n\r]/i;

/** @throws TypeError unless it is a base URL. Credentials of a target's own would end up in spans and logs. */
export function parseTarget(option: string, value: unknown): Target {
  const url = typeof value === 'string' && value.length <= MOST_LENGTH ? parse(value) : undefined;
  if (url === undefined || !isPlain(url)) return refuse(option, EXPECTED, withoutSecrets(value));
  const path = url.pathname.replace(/\/+$/, '');
  return { base: url.origin + path, origin: url.origin };
}

/** Where a URL is below one of the targets: the one with the longest base, and what follows it. */
export interface Found {
  readonly target: Target;
  readonly rest: string;
}

/** `undefined` if the URL is below none of them. */
export function findTarget(url: string, targets: readonly Target[]): Found | undefined {
  const found = ODD.test(url) ? undefined : findByText(url, targets);
  if (found !== undefined) return found;
  const parsed = parse(url);
  return parsed && findByText(parsed.origin + parsed.pathname + parsed.search, targets);
}

/** A URL split behind its origin, for requests that are below no target. */
export function splitOrigin(url: string): { readonly origin: string; readonly rest: string } | undefined {
  const parsed = parse(url);
  return parsed && isHttp(parsed) ? { origin: parsed.origin, rest: parsed.pathname + parsed.search } : undefined;
}

/** The same request somewhere else. `userInfo` goes along only where the user allows it. */
export function rebase(target: Target, rest: string, userInfo: string): string {
  const url = target.base + rest;
  return userInfo === '' ? url : url.replace('://', () => `://${userInfo}@`);
}

/** `user:password` as it stands in the URL, '' if it has none. */
export function userInfoOf(url: string): string {
  const { username = '', password = '' } = parse(url) ?? {};
  return password === '' ? username : `${username}:${password}`;
}

function findByText(url: string, targets: readonly Target[]): Found | undefined {
  let found: Found | undefined;
  for (const target of targets) {
    const { base } = target;
    if (!url.startsWith(base) || base.length <= (found?.target.base.length ?? -1)) continue;
    const rest = url.slice(base.length);
    if (rest === '' || rest.startsWith('/') || rest.startsWith('?') || rest.startsWith('#')) found = { target, rest };
  }
  return found;
}

function parse(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined;
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'http:' || protocol === 'https:';
}

function isPlain(url: URL): boolean {
  return isHttp(url) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
}

/** An option as it may be shown: an error message is no place for a password, wherever it stands. */
export function withoutSecrets(value: unknown): unknown {
  return Array.isArray(value) ? value.slice(0, 11).map(hidden) : hidden(value);
}

function hidden(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/[?#].*/s, (rest) => `${rest.slice(0, 1)}…`).replace(/^(https?:\/\/)?.*@/is, '$1…@');
}
