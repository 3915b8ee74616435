import { fetchCall } from './call.js';
import { resolveSettings, type FetchHedgeOptions, type FetchLike, type HedgedFetch } from './options.js';
import { unwrapped, wrap } from './recursion.js';
import { Watcher } from './watcher.js';
import type { AnyInit, AnyInput, SendFetch } from './wrapped.js';

/**
 * A `fetch` that sends a backup copy of a slow idempotent request and returns whichever copy answers first.
 *
 * ```ts
 * const fetch = hedgedFetch();
 * const viaUndici = hedgedFetch(undici.fetch, { delay: 50 });
 * ```
 *
 * It wraps the given `fetch`, by default the global one at this moment, and is one to the letter: what goes in and what comes
 * out is the wrapped one's own. A request that is not eligible is handed over untouched.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgedFetch(options?: FetchHedgeOptions): HedgedFetch;
export function hedgedFetch<F extends FetchLike>(fetch: F, options?: FetchHedgeOptions): HedgedFetch<F>;
export function hedgedFetch(first?: FetchLike | FetchHedgeOptions, second?: FetchHedgeOptions): unknown {
  const isWrapping = typeof first === 'function';
  const inner = unwrapped(checkedFetch(isWrapping ? first : globalThis.fetch));
  const { hedger, defaults } = resolveSettings((isWrapping ? second : first) ?? {});
  const watcher = new Watcher();

  const hedged: SendFetch = (input, init) => {
    try {
      const hedge = init?.hedge;
      const options = hedge === false ? false : hedger.resolve(hedge, defaults);
      return hedger.run(fetchCall({ send: inner, input, init: withoutHedge(init), options, watcher }), options);
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrap(hedged, inner) ;
}

/** What the wrapped `fetch` may see. */
function withoutHedge(init: AnyInit | undefined): AnyInit | undefined {
  if (init === undefined || !('hedge' in init)) return init;
  const own = { ...init };
  delete own.hedge;
  return own;
}

function checkedFetch(fetch: unknown): SendFetch {
  if (typeof fetch === 'function') return fetch as (input: AnyInput) => Promise<Response>;
  throw new TypeError(`hedgerow: there is no global \`fetch\` here, got ${typeof fetch}: hand one over`);
}
