import type { HedgeOptions } from '../options/options.js';

/** @throws TypeError if option `hedger` of an adapter is given, and is no Hedger. */
export function checkHedger(hedger: unknown): void {
  const { run } = (hedger ?? {}) as { readonly run?: unknown };
  if (hedger !== undefined && typeof run !== 'function') throw new TypeError(`hedgerow: option \`hedger\` must be a Hedger, got ${typeof hedger}`);
}

/** What may stand beside option `hedger`: an option that is present but `undefined` is not given. `undefined` if none is. */
export function givenOptions(options: HedgeOptions): HedgeOptions | undefined {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
