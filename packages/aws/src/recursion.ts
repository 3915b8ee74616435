import type { Inner } from './attempt/inner.js';

/** What a hedged handler sends its attempts by; shared by every copy of the package. */
const INNER: unique symbol = Symbol.for('hedgerow.aws.inner') as never;

/** Remembers what is hedged, for {@link unwrapped}. */
export function wrap<H extends object>(hedged: H, inner: Inner): H {
  return Object.defineProperty(hedged, INNER, { value: inner });
}

/** Hedging what is hedged already would square the number of copies. */
export function unwrapped(handler: Inner): Inner {
  return (handler as Inner & { readonly [INNER]?: Inner })[INNER] ?? handler;
}
