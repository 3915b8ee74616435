import { Connections } from '../attempt/connections.js';
import { allowListeners } from '../caller/signals.js';
import { resolveOptions, type FetchHedgeOptions } from '../options.js';
import { DispatchCall } from './call.js';
import { describeRequest, isUnsupported } from './describe.js';
import { readOnce } from './headers.js';
import { isAttempt } from './template.js';
import type { Dispatch, DispatchHandler, DispatchOptions, HedgeInterceptor } from './types.js';

/** Options of {@link hedgeInterceptor}: those of `hedgedFetch`, and one for pools. */
export interface HedgeInterceptorOptions extends FetchHedgeOptions {
  /**
   * Where requests go that name no origin, as those of a `Pool` or `Client` by its own methods. It only names them: in keys of latencies
   * and budgets, in spans, and for `targets`. Default: none, so that all of them share one budget.
   */
  readonly origin?: string | URL | undefined;
}

/**
 * An interceptor for undici's dispatchers that sends a backup copy of a slow idempotent request and goes on with whichever copy answers
 * first. It drives the same scheduler as `hedgedFetch`.
 *
 * ```ts
 * const dispatcher = new Agent().compose(hedgeInterceptor());
 * ```
 *
 * Upgrades, `CONNECT` and requests with `expectContinue` are dispatched as they are; requests that are not eligible, too. `hedge` among
 * the options of a request overrides the interceptor's.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgeInterceptor(options: HedgeInterceptorOptions = {}): HedgeInterceptor {
  const { hedger, defaults } = resolveOptions(options, { maker: 'hedgeInterceptor', own: ['origin'], uncalled: 'function' });
  const { origin } = options;
  const unnamed = originOf(origin);

  let connections: Connections | undefined;

  const intercept = (dispatch: Dispatch): Dispatch => (given, handler) => {
    if (!isForUs(given, handler)) return dispatch(given, handler);
    const { hedge, ...plain } = given;
    if (plain.signal instanceof AbortSignal) allowListeners(plain.signal);
    const hedgeOptions = hedge === false ? false : hedger.resolve(hedge, defaults);
    const once = readOnce(plain.headers);
    const options = once !== undefined ? { ...plain, headers: once } : 'hedge' in given ? plain : given;
    const request = describeRequest(options, unnamed);
    if (isUnsupported(options)) {
      hedger.recordBypass(request, 'unsupported');
      return dispatch(options, handler);
    }
    connections ??= Connections.find();
    return new DispatchCall({ hedger, hedgeOptions, connections, request, dispatch, options, handler }).run();
  };
  return intercept as unknown as HedgeInterceptor;
}

/** Not what undici will complain of, nor attempts, nor handlers of the older kind, which `compose` would have wrapped. */
function isForUs(options: DispatchOptions, handler: DispatchHandler): boolean {
  const isRequest = typeof (options as Partial<DispatchOptions> | null)?.path === 'string' && typeof options.method === 'string';
  return isRequest && !isAttempt(options) && typeof (handler as Partial<DispatchHandler> | null)?.onRequestStart === 'function';
}

function originOf(origin: unknown): string {
  if (origin === undefined) return '';
  const text = origin instanceof URL ? origin.href : origin;
  if (typeof text === 'string' && URL.canParse(text)) return new URL(text).origin;
  throw new TypeError(`hedgerow: option \`origin\` must be an absolute URL, got ${typeof origin === 'string' ? `'${origin}'` : typeof origin}`);
}
