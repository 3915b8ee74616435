import { sendUnsupported } from '@hedgerow/core/adapter';
import { Connections } from './attempt/connections.js';
import { fetchCall, type CallSetup } from './call/call.js';
import { Signals } from './caller/signals.js';
import { globalFetch, isWithinPatch } from './global-fetch.js';
import { resolveOptions, type FetchHedgeOptions, type FetchLike, type HedgedFetch } from './options.js';
import { unwrapped, wrap } from './recursion.js';
import { FetchArguments } from './request/arguments.js';
import { describeRequest, isUnsupported } from './request/describe.js';
import type { AnyInput, SendFetch } from './request/inner-fetch.js';
import { ResponseWatcher } from './response/response-watcher.js';

/**
 * A `fetch` that sends a backup copy of a slow idempotent request and returns whichever copy answers first.
 *
 * ```ts
 * const fetch = hedgedFetch();
 * const viaUndici = hedgedFetch(undici.fetch, { delay: 50 });
 * ```
 *
 * It wraps the given `fetch`, by default the global one, and is one to the letter: what goes in and what comes
 * out is the wrapped one's own. A request that is not eligible is handed over untouched.
 *
 * The global one is that of the moment of each call, so mocks, caches of frameworks and instrumentation that are installed later are seen. In a
 * runtime without `AsyncLocalStorage`, as browsers are, it stays the one of this moment.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgedFetch(options?: FetchHedgeOptions): HedgedFetch;
export function hedgedFetch<F extends FetchLike>(fetch: F, options?: FetchHedgeOptions): HedgedFetch<F>;
export function hedgedFetch(first?: FetchLike | FetchHedgeOptions, second?: FetchHedgeOptions): unknown {
  const isWrapping = typeof first === 'function';
  const given = checkedFetch(isWrapping ? first : globalThis.fetch);
  const captured = unwrapped(given);
  const inner = isWrapping ? captured : globalFetch(given, captured);
  const { hedger, defaults } = resolveOptions((isWrapping ? second : first) ?? {}, { maker: 'hedgedFetch' });
  const watcher = new ResponseWatcher();
  const signals = new Signals();
  let connections: Connections | undefined;

  const hedged: SendFetch = (input, init) => {
    try {
      const args = FetchArguments.of(input, init);
      if (args === undefined) return Promise.resolve(inner(input, init));
      if (isWithinPatch()) return Promise.resolve(inner(args.input, args.untouched));
      const { hedge } = args;
      const hedgeOptions = hedge === false ? false : hedger.resolve(hedge, defaults);
      const request = describeRequest(args);
      if (isUnsupported(request, args.signal)) {
        const send = (): Promise<Response> => Promise.resolve(inner(args.input, args.untouched));
        return sendUnsupported(hedger, { request, raceUntil: 'headers', start: send, bypass: send });
      }
      connections ??= Connections.find();
      const setup: CallSetup = { hedger, send: inner, args, request, hedgeOptions, watcher, signals, connections };
      return (setup.outcome = hedger.run(fetchCall(setup), hedgeOptions));
    } catch (error) {
      return Promise.reject(error);
    }
  };
  return wrap(hedged, inner, captured);
}

function checkedFetch(fetch: unknown): SendFetch {
  if (typeof fetch === 'function') return fetch as (input: AnyInput) => Promise<Response>;
  throw new TypeError(`hedgerow: there is no global \`fetch\` here, got ${typeof fetch}: hand one over`);
}
