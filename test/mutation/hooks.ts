/** Module hooks for `runner.ts`: what a test imports by name, in the copy of the project that Stryker mutates. */
import type { InitializeHook, LoadHook, ResolveHook } from 'node:module';

let urls = new Map<string, string>();

export const initialize: InitializeHook<Record<string, string>> = (data) => {
  urls = new Map(Object.entries(data));
};

export const resolve: ResolveHook = (specifier, context, next) => {
  const url = urls.get(specifier);
  // The stand-in for a module may use the module.
  if (url === undefined || url === context.parentURL) return next(specifier, context);
  return { url, shortCircuit: true };
};

/** Counting which test reaches which mutant takes most of the time of instrumented code: let the runner stop it. */
export const load: LoadHook = async (url, context, next) => {
  const loaded = await next(url, context);
  if (!url.includes('/packages/core/dist/') || !loaded.source) return loaded;
  const source = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
  return { ...loaded, source: source.replace('function cover() {', 'function cover() { if (ns.isCounted) return;') };
};
