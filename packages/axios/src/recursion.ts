import type { AxiosAdapter } from 'axios';
import type { InnerAdapter } from './attempt/inner-adapter.js';

/** What a hedged adapter sends its attempts by; shared by every copy of the package. */
const INNER: unique symbol = Symbol.for('hedgerow.axios.inner') as never;

type HedgedAdapter = AxiosAdapter & { readonly [INNER]: InnerAdapter };

/** Remembers what an adapter hedges, for {@link unwrapped}. */
export function wrap(adapter: AxiosAdapter, inner: InnerAdapter): AxiosAdapter {
  return Object.defineProperty(adapter, INNER, { value: inner });
}

/** Hedging what is hedged already would square the number of copies, and endlessly so if an adapter were its own inner one. */
export function unwrapped(adapter: InnerAdapter): InnerAdapter {
  if (Array.isArray(adapter)) return adapter.flatMap(unwrapped);
  return isHedged(adapter) ? adapter[INNER] : adapter;
}

function isHedged(adapter: InnerAdapter): adapter is HedgedAdapter {
  return typeof adapter === 'function' && INNER in adapter;
}
