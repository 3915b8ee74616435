import type { SendFetch } from './request/inner-fetch.js';

/** What a hedged `fetch` sends its attempts by; shared by every copy of the package. */
const INNER: unique symbol = Symbol.for('hedgerow.fetch.inner') as never;

/** Remembers what is hedged, for {@link unwrapped}. It is called what `named` is called. */
export function wrap(hedged: SendFetch, inner: SendFetch, named: SendFetch = inner): SendFetch {
  const { name, length } = named;
  return Object.defineProperties(hedged, {
    [INNER]: { value: inner },
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
}

/** Hedging what is hedged already would square the number of copies. */
export function unwrapped(fetch: SendFetch): SendFetch {
  return (fetch as SendFetch & { readonly [INNER]?: SendFetch })[INNER] ?? fetch;
}

export function isHedged(fetch: SendFetch): boolean {
  return unwrapped(fetch) !== fetch;
}
