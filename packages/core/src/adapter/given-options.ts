import type { HedgeOptions } from '../options/options.js';

/**
 * Takes option `hedger` of an adapter for what the adapter works with, a `Hedger`, whichever copy of the package made it.
 *
 * @throws TypeError if it is given, and is no Hedger.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the class stands above this room, and adapters name it
export function checkHedger<Hedger>(hedger: unknown): asserts hedger is Hedger | undefined {
  const { run } = (hedger ?? {}) as { readonly run?: unknown };
  if (hedger !== undefined && typeof run !== 'function') throw new TypeError(`hedgerow: option \`hedger\` must be a Hedger, got ${typeof hedger}`);
}

/** What may stand beside option `hedger`: an option that is present but `undefined` is not given. `undefined` if none is. */
export function givenOptions(options: HedgeOptions): HedgeOptions | undefined {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}
