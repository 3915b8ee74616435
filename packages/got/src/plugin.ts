import type { BeforeRequestHook, NormalizedOptions, RequestFunction } from 'got';
import { sendHedged } from './call/call.js';
import { hedgeOptionsOf, resolveOptions, type GotHedgeOptions, type ResolvedOptions } from './options.js';
import { ownRequestFunction, type RequestArguments } from './request/request-function.js';

/** What `got.extend` takes. Of several plugins, one over another, the last one hedges. */
export interface HedgePlugin {
  hooks: { beforeRequest: BeforeRequestHook[] };
}

/**
 * Hedging for a got instance: `got.extend(createHedgePlugin({ delay: 50 }))`. All instances extended with it share its Hedger.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function createHedgePlugin(options: GotHedgeOptions = {}): HedgePlugin {
  const resolved = resolveOptions(options);
  return pluginOf(() => resolved);
}

/** `got.extend(createHedgePlugin)` takes it for an instance of got, and looks here first. */
Object.defineProperty(createHedgePlugin, 'defaults', {
  get: () => {
    throw new TypeError('hedgerow: `createHedgePlugin` was handed over without being called: write `got.extend(createHedgePlugin())`, or `got.extend(hedgePlugin)`');
  },
});

/**
 * {@link createHedgePlugin} with default options: `got.extend(hedgePlugin)`. Its Hedger is made when its first request is
 * sent, and shared by all instances that are extended with it.
 */
export const hedgePlugin: HedgePlugin = pluginOf(lazily(() => resolveOptions({})));

/**
 * got asks its options for the function that sends the request once every `beforeRequest` hook has run, and again after a
 * redirect and for a retry. Answering for this one options object is all that the plugin does: `options.request` stays the
 * user's, a later hook may still change everything, and a copy of the options starts from nothing.
 */
function pluginOf(resolved: () => ResolvedOptions): HedgePlugin {
  const hook = (options: NormalizedOptions): void => {
    const getRequestFunction = (): RequestFunction => hedgedFunction(options, resolved());
    Object.defineProperty(options, 'getRequestFunction', { value: getRequestFunction, configurable: true, writable: true });
  };
  return { hooks: { beforeRequest: [hook] } };
}

function hedgedFunction(options: NormalizedOptions, resolved: ResolvedOptions): RequestFunction {
  const send = ownRequestFunction(options);
  const hedgeOptions = hedgeOptionsOf(options.context, resolved);
  const hedged = (...args: RequestArguments): unknown => sendHedged({ hedger: resolved.hedger, hedgeOptions, options, send, args });
  return hedged as RequestFunction;
}

function lazily<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
