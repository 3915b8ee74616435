import type { SmithyRequest } from './types.js';

/** A request header by its lower-case name, as which the SDK writes nearly all of them. */
export function headerOf({ headers }: SmithyRequest, name: string): string | undefined {
  return memberIn(headers, name);
}

/** A member of a bag of headers by its lower-case name, in whatever case it was written. */
export function memberIn(headers: unknown, name: string): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const bag = headers as Readonly<Record<string, unknown>>;
  const value = bag[name] ?? bag[Object.keys(bag).find((key) => key.toLowerCase() === name) ?? name];
  return typeof value === 'string' ? value : undefined;
}
