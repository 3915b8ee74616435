import axios, { type AxiosRequestHeaders } from 'axios';

const { AxiosHeaders } = axios;

type Members = Record<string, unknown>;

/**
 * A copy for one attempt, because axios writes into the headers it sends: with what the attempt adds and without what it omits,
 * and without the caller's own object changing under other attempts. Member by member, so that `false` and `null`, which mean
 * "do not send", survive.
 */
export function copyHeaders(
  headers: AxiosRequestHeaders,
  added: Readonly<Record<string, string>> | undefined,
  omitted: readonly string[] = [],
): AxiosRequestHeaders {
  const copy = Object.assign(Object.create(Object.getPrototypeOf(headers) as object) as AxiosRequestHeaders, headers);
  if (omitted.length > 0) {
    for (const name of Object.keys(copy)) if (omitted.includes(name.toLowerCase())) Reflect.deleteProperty(copy, name);
  }
  return Object.assign(copy, added);
}

/**
 * Shows the caller what axios wrote into the headers of an attempt (User-Agent, Accept-Encoding, …), as it would without
 * hedging; but not what is the attempt's `own`, such as the trace context, and must not go out again with a retry.
 */
export function writeBack(headers: AxiosRequestHeaders, sent: AxiosRequestHeaders, own: Readonly<Record<string, string>> | undefined): void {
  if (sent === headers) return;
  const target: Members = headers;
  const source: Members = sent;
  const isOwn = (name: string): boolean => own !== undefined && name.toLowerCase() in own;
  for (const name of Object.keys(target)) if (!(name in source) && !isOwn(name)) Reflect.deleteProperty(target, name);
  for (const name of Object.keys(source)) if (!isOwn(name)) target[name] = source[name];
}

/** A header as text, from whatever an adapter uses for headers. Names are given in lower case. */
export function headerText(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const known = headers instanceof AxiosHeaders ? headers : new AxiosHeaders({ ...headers });
  const value = known.get(name);
  return typeof value === 'string' || Array.isArray(value) ? value.toString() : undefined;
}
