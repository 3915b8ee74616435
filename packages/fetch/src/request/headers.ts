import { textOf, type AnyHeaders } from './inner-fetch.js';
import { prototypeWith } from './prototype-with.js';

/** Headers that can be read more than once, each time alike. Malformed ones stay what they are: the wrapped client refuses them. */
export type KeptHeaders = AnyHeaders;

type Pair = readonly unknown[];

/**
 * Headers that are gone once they have been read (iterators, generators), as a list of what they gave; `undefined` for any that can be read again.
 * Such are legal for `fetch`, which reads them once.
 */
export function readOnce(headers: unknown): KeptHeaders | undefined {
  if (!isObject(headers) || !isIterable(headers) || tagOf(headers) === 'Headers' || isMap(headers)) return undefined;
  if (Array.isArray(headers) && headers.every((pair) => Array.isArray(pair) || !isObject(pair))) return undefined;
  return [...headers].map(readPair) as unknown as KeptHeaders;
}

/** Headers as they are now. What has side effects when it is read has had them. */
export function frozenHeaders(headers: AnyHeaders): KeptHeaders {
  if (!isObject(headers)) return headers;
  if (isHeaders(headers)) return copyOf(headers);
  if (isIterable(headers)) return [...headers].map(readPair) as unknown as KeptHeaders;
  const record: Record<string, unknown> = { ...headers };
  for (const name in record) if (isObject(record[name]) && !Array.isArray(record[name])) record[name] = textOf(record[name]);
  return record as KeptHeaders;
}

/** One header by its lower-case name. */
export function headerOf(headers: KeptHeaders | undefined, name: string): string | undefined {
  if (!isObject(headers)) return undefined;
  if (isHeaders(headers)) return headers.get(name) ?? undefined;
  const values = entriesOf(headers).filter(([key]) => String(key).toLowerCase() === name);
  return values.length === 0 ? undefined : values.map(([, value]) => String(value).trim()).join(', ');
}

/** Headers without some and with others, the names of `added` in lower case. All others keep the case in which they were written. */
export function changedHeaders(headers: KeptHeaders | undefined, omits: ((name: string) => boolean) | undefined, added: Readonly<Record<string, string>>): KeptHeaders {
  if (headers === undefined) return { ...added };
  if (!isObject(headers)) return headers;
  if (isHeaders(headers)) {
    const copy = copyOf(headers);
    if (omits !== undefined) for (const name of [...copy.keys()]) if (omits(name)) copy.delete(name);
    for (const name in added) copy.set(name, added[name] ?? '');
    return copy;
  }
  const kept = entriesOf(headers).filter(([name]) => omits?.(String(name)) !== true && !Object.hasOwn(added, String(name).toLowerCase()));
  const entries = [...kept, ...Object.entries(added)];
  return (isIterable(headers) ? entries : Object.fromEntries(entries)) as KeptHeaders;
}

function entriesOf(headers: object): Pair[] {
  return isIterable(headers) ? ([...headers] as Pair[]) : Object.entries(headers);
}

function readPair(pair: unknown): unknown {
  return isObject(pair) && isIterable(pair) ? [...pair] : pair;
}

/** Of its own class: only that knows in which case the names were written. */
function copyOf(headers: Headers): Headers {
  const Make = prototypeWith(headers, 'append').constructor as typeof Headers;
  return new Make(headers);
}

function isHeaders(headers: object): headers is Headers {
  return tagOf(headers) === 'Headers' && typeof (headers as Partial<Headers>).append === 'function' && isIterable(headers);
}

function isMap(headers: object): boolean {
  const tag = tagOf(headers);
  return tag === 'Map' || tag === 'URLSearchParams';
}

function isIterable(value: object): value is Iterable<unknown> {
  return typeof (value as Partial<Iterable<unknown>>)[Symbol.iterator] === 'function';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Not `instanceof`: undici and node-fetch bring classes of their own. */
function tagOf(value: object): unknown {
  return (value as { readonly [Symbol.toStringTag]?: unknown })[Symbol.toStringTag];
}
