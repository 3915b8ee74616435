import type { HeaderValue, RequestHeaders } from './types.js';

/** Headers that can be read more than once: an object, or names and values in turn. */
export type PlainHeaders = Readonly<Record<string, HeaderValue>> | readonly unknown[] | undefined;

/** Headers that may be gone, or others, when they are read again, as those of a generator, as a list; `undefined` for any others. */
export function readOnce(headers: unknown): readonly unknown[] | undefined {
  if (typeof headers !== 'object' || headers === null || Array.isArray(headers) || !(Symbol.iterator in headers)) return undefined;
  const tag = (headers as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
  if (tag === 'Headers' || tag === 'Map' || tag === 'URLSearchParams') return undefined;
  return plainHeaders(headers as Iterable<readonly [string, HeaderValue]>) as readonly unknown[];
}

/** A copy of headers as they are now. An object stays one: some interceptors spread it. */
export function plainHeaders(headers: RequestHeaders | null | undefined): PlainHeaders {
  if (headers === null || headers === undefined) return undefined;
  if (!(Symbol.iterator in headers)) return { ...headers };
  const items: readonly unknown[] = [...headers];
  return Array.isArray(items[0]) ? items.flat(1) : items;
}

/** One header of a request by its lower-case name. */
export function requestHeader(headers: PlainHeaders, name: string): string | undefined {
  const entry = entriesOf(headers).find(([key, value]) => key.toLowerCase() === name && value !== undefined);
  return entry && textOf(entry[1]);
}

/** Headers without some and with others; the names of `added` are in lower case. */
export function changedHeaders(headers: PlainHeaders, omits: (name: string) => boolean, added: Readonly<Record<string, string>>): PlainHeaders {
  const kept = entriesOf(headers).filter(([name]) => !omits(name) && !Object.hasOwn(added, name.toLowerCase()));
  const entries: (readonly [string, HeaderValue])[] = [...kept, ...Object.entries(added)];
  return isList(headers) ? entries.flat(1) : Object.fromEntries(entries);
}

/** Several values of one header as one text. */
export function textOf(value: HeaderValue): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}

function entriesOf(headers: PlainHeaders): (readonly [string, HeaderValue])[] {
  if (!isList(headers)) return Object.entries(headers ?? {});
  const names = headers.filter((_item, index) => index % 2 === 0);
  return names.map((name, index) => [String(name), headers[2 * index + 1] as HeaderValue]);
}

function isList(headers: PlainHeaders): headers is readonly unknown[] {
  return Array.isArray(headers);
}
