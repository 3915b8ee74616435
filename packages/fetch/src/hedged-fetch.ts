import { Asked } from './asked.js';
import { fetchCall, type FetchSetup } from './call.js';
import { Connections } from './connections.js';
import { resolveSettings, type FetchHedgeOptions, type FetchLike, type HedgedFetch } from './options.js';
import { unwrapped, wrap } from './recursion.js';
import { describeRequest, isUnsupported } from './request.js';
import { Signals } from './signals.js';
import { sendUnsupported } from './unsupported.js';
import { Watcher } from './watcher.js';
import type { AnyInput, SendFetch } from './wrapped.js';

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
  const signals = new Signals();
  let connections: Connections | undefined;

  const hedged: SendFetch = (input, init) => {
    try {
      const asked = Asked.of(input, init);
      if (asked === undefined) return Promise.resolve(inner(input, init));
      const { hedge } = asked;
      const options = hedge === false ? false : hedger.resolve(hedge, defaults);
      const request = describeRequest(asked);
      if (isUnsupported(request, asked.signal)) return sendUnsupported(hedger, request, () => inner(asked.input, asked.untouched));
      connections ??= Connections.find();
      const setup: FetchSetup = { hedger, send: inner, asked, request, options, watcher, signals, connections };
      return (setup.outcome = hedger.run(fetchCall(setup), options));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrap(hedged, inner);
}

function checkedFetch(fetch: unknown): SendFetch {
  if (typeof fetch === 'function') return fetch as (input: AnyInput) => Promise<Response>;
  throw new TypeError(`hedgerow: there is no global \`fetch\` here, got ${typeof fetch}: hand one over`);
}
