/** Module hooks for `runner.ts`: what a test imports by name, in the copy of the project that Stryker mutates. */
import type { InitializeHook, ResolveHook } from 'node:module';

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
