import type { HedgeInit } from '../options.js';

/** What the platform's `fetch` and its like take. */
export type AnyInput = string | URL | Request;

/** Their `init`, of which nothing is assumed but what the specification says. */
export type AnyInit = RequestInit & HedgeInit;

/** Headers in every form that an `init` may have. */
export type AnyHeaders = NonNullable<RequestInit['headers']>;

/** A wrapped `fetch`. */
export type SendFetch = (input: AnyInput, init?: AnyInit) => Promise<Response>;

/** A Request of whatever make: undici and node-fetch have classes of their own. */
export function isRequest(input: AnyInput): input is Request {
  return typeof input === 'object' && 'method' in input && 'headers' in input;
}

/** Whatever text can be made of. */
export interface Text {
  toString(): string;
}

/** As `fetch` makes it, which asks once. */
export function textOf(value: Text): string {
  return String(value);
}
