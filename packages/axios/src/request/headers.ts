import axios, { type AxiosRequestHeaders } from 'axios';

const { AxiosHeaders } = axios;

type Members = Record<string, unknown>;

/**
 * A copy for one attempt, because axios writes into the headers it sends: with what the attempt adds and without what it omits,
 * and without the caller's own object changing under other attempts. Member by member, so that `false` and `null`, which mean
 * "do not send", survive.
 */
export function copyHeaders(
  headers: AxiosRequestHeaders | undefined,
  added: Readonly<Record<string, string>> | undefined,
  omits?: (name: string) => boolean,
): AxiosRequestHeaders {
  const prototype = Object.getPrototypeOf(headers ?? {}) as object | null;
  const copy = Object.assign(Object.create(prototype) as AxiosRequestHeaders, headers);
  if (omits !== undefined) for (const name of Object.keys(copy)) if (omits(name)) Reflect.deleteProperty(copy, name);
  return added === undefined ? copy : addHeaders(copy, added);
}

/** In the case in which the caller has written a name, if he has: it must not be there twice. */
function addHeaders(copy: AxiosRequestHeaders, added: Readonly<Record<string, string>>): AxiosRequestHeaders {
  const names = Object.keys(copy);
  for (const [name, value] of Object.entries(added)) {
    const own = names.find((each) => each.toLowerCase() === name);
    copy[own ?? name] = value;
  }
  return copy;
}

/**
 * Shows the caller what axios wrote into the headers of an attempt (User-Agent, Accept-Encoding, …), as it would without
 * hedging; but not what is the attempt's own, such as the trace context, and must not go out again with a retry.
 */
export function writeBack(headers: AxiosRequestHeaders, sent: AxiosRequestHeaders, isOwn: (name: string) => boolean): void {
  if (sent === headers) return;
  const target: Members = headers;
  const source: Members = sent;
  for (const name of Object.keys(target)) if (!(name in source) && !isOwn(name)) Reflect.deleteProperty(target, name);
  // What is the same already is left alone: to write may do more than that.
  for (const name of Object.keys(source)) if (!isOwn(name) && target[name] !== source[name]) target[name] = source[name];
}

/** Whether a header is one of these, whose names are in lower case. */
export function isAmong(headers: Readonly<Record<string, string>> | undefined, name: string): boolean {
  return headers !== undefined && Object.hasOwn(headers, name.toLowerCase());
}

/** A header as text, from whatever an adapter uses for headers. Names are given in lower case. */
export function headerText(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  try {
    const known = headers instanceof AxiosHeaders ? headers : new AxiosHeaders({ ...headers });
    const value = known.get(name);
    return typeof value === 'string' || Array.isArray(value) ? value.toString() : undefined;
  } catch {
    return undefined; // they refuse to be asked
  }
}
