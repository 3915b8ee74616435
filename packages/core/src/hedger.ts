import type { HedgeCall, HedgeRequest } from './call.js';
import type { HedgeObserver } from './events.js';
import type { IneligibleReason } from './info.js';
import type { HedgeOptions, HedgerOptions } from './options.js';
import type { HedgerStats, RouteStats } from './stats.js';

/** Options of a call, checked and completed; opaque to adapters. Made by {@link Hedger.resolve}. */
export interface ResolvedHedgeOptions { readonly __brand: 'resolved' }

/** The scheduler (being written; signatures are final). */
export declare class Hedger {
  /** @throws TypeError or RangeError that names the option, what was expected and what came. */
  constructor(options?: HedgerOptions);
  /**
   * Runs one call. The primary starts before `run` returns. Settles as the winner did: with its value or its own error, unwrapped.
   * @param options - per-call options as the user wrote them (`false` = do not hedge), or already resolved ones.
   */
  run<T>(call: HedgeCall<T>, options?: HedgeOptions | false | ResolvedHedgeOptions): Promise<T>;
  /** Checks per-call options once and completes them with `base` (default: the Hedger's own). Cached per options object. Throws like the constructor. */
  resolve(options: HedgeOptions | undefined, base?: ResolvedHedgeOptions): ResolvedHedgeOptions;
  /** Why a request would not be hedged; `undefined` if it would. A pure look, nothing is counted. */
  ineligible(request: HedgeRequest, options?: HedgeOptions | false | ResolvedHedgeOptions): IneligibleReason | undefined;
  /** Counts a call that an adapter sent through the client's own path without `run`. */
  recordBypass(request: HedgeRequest, reason: IneligibleReason): void;
  /** Attaches an observer; returns the function that detaches it. */
  observe(observer: HedgeObserver): () => void;
  stats(): HedgerStats;
  routes(): RouteStats[];
  dispose(): void;
  [Symbol.dispose](): void;
}
