import axios, { type AxiosRequestHeaders } from 'axios';

const { AxiosHeaders } = axios;

type Members = Record<string, unknown>;

/**
 * A copy for one attempt, because axios writes into the headers it sends: with what tracing adds, and without the caller's own
 * object changing under other attempts. Member by member, so that `false` and `null`, which mean "do not send", survive.
 */
export function copyHeaders(headers: AxiosRequestHeaders, added: Readonly<Record<string, string>> | undefined): AxiosRequestHeaders {
  const empty = Object.create(Object.getPrototypeOf(headers) as object) as AxiosRequestHeaders;
  return Object.assign(empty, headers, added);
}

/**
 * Shows the caller what axios wrote into the headers of an attempt (User-Agent, Accept-Encoding, …), as it would without
 * hedging; but not the trace context, which belongs to that attempt alone and must not go out again with a retry.
 */
export function writeBack(headers: AxiosRequestHeaders, sent: AxiosRequestHeaders, added: Readonly<Record<string, string>> | undefined): void {
  if (sent === headers) return;
  const target: Members = headers;
  const source: Members = sent;
  for (const name of Object.keys(target)) if (!(name in source)) Reflect.deleteProperty(target, name);
  for (const name of Object.keys(source)) if (added === undefined || !(name.toLowerCase() in added)) target[name] = source[name];
}

/** A header as text, from whatever an adapter uses for headers. Names are given in lower case. */
export function headerText(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const known = headers instanceof AxiosHeaders ? headers : new AxiosHeaders({ ...headers });
  const value = known.get(name);
  return typeof value === 'string' || Array.isArray(value) ? value.toString() : undefined;
}
