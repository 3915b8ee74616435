import type { HedgeRequest } from '@hedgerow/core';
import { detached } from '@hedgerow/core/adapter';

/** How a request method shows in span names and attributes. */
export interface MethodNames {
  /** Name of an attempt's CLIENT span. */
  readonly span: string;
  /** Name of a call's INTERNAL span. */
  readonly call: string;
  /** `http.request.method`. */
  readonly attribute: string;
}

/** Anyone can make up methods; only known ones may name a span, or backends drown in names. */
const KNOWN: ReadonlyMap<string, MethodNames> = new Map(
  ['GET', 'HEAD', 'OPTIONS', 'TRACE', 'QUERY', 'PUT', 'DELETE', 'POST', 'PATCH', 'CONNECT'].map((method) => [
    method,
    { span: method, call: `hedge ${method}`, attribute: method },
  ]),
);

const OTHER: MethodNames = { span: 'HTTP', call: 'hedge HTTP', attribute: '_OTHER' };

/** A procedure is one of those that the application's proto files declare, and a key stands in its code: their names are fit for a span. */
export function methodNames({ method, rpc, key }: HedgeRequest): MethodNames {
  if (key !== undefined) return { ...OTHER, call: `hedge ${key}` };
  if (rpc !== undefined) return { ...OTHER, call: `hedge ${rpc.service}/${rpc.method}` };
  return KNOWN.get(method) ?? KNOWN.get(method.toUpperCase()) ?? OTHER;
}

/** `http.request.method_original`: anyone can make up methods of any length. */
export function cutMethod(method: string): string {
  return detached(method.slice(0, 40), method);
}
