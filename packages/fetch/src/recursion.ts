import type { SendFetch } from './wrapped.js';

/** What a hedged `fetch` sends its attempts by; shared by every copy of the package. */
const INNER: unique symbol = Symbol.for('hedgerow.fetch.inner') as never;

/** Remembers what is hedged, for {@link unwrapped}. */
export function wrap(hedged: SendFetch, inner: SendFetch): SendFetch {
  return Object.defineProperty(hedged, INNER, { value: inner });
}

/** Hedging what is hedged already would square the number of copies. */
export function unwrapped(fetch: SendFetch): SendFetch {
  return (fetch as SendFetch & { readonly [INNER]?: SendFetch })[INNER] ?? fetch;
}
