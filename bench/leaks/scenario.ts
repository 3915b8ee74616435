import { setMaxListeners } from 'node:events';
import type { Hedger } from '@hedgerow/core';

/** Nothing keeps a hedge back, not even a machine so busy that copies do not help: a slow primary is answered only by way of its copy. */
export const HEDGES_ALL = { timeoutMs: 600_000, budget: false, maxConcurrentHedges: 1_000, efficacy: false } as const;

/** A load whose leftovers are looked for. */
export interface Scenario {
  readonly name: string;
  readonly calls: number;
  readonly hedger: Hedger;
  /** The most routes that may be remembered. */
  readonly maxKeys: number;
  /** The signal that outlives all calls. */
  readonly signal: AbortSignal;
  /** Makes call number `index`. Must not reject. */
  call(index: number): Promise<void>;
  /** What else it finds left at its end, in words. */
  leftovers?(): Promise<readonly string[]>;
  /** Lets go of what belongs to the scenario itself: servers, idle pooled sockets. */
  close(): Promise<void>;
}

/** A signal that many calls listen to at once, without Node's warning about it. */
export function longLivedSignal(): AbortSignal {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  return signal;
}

/** Calls under way at once. */
const CONCURRENCY = 100;

/** Makes the calls numbered `from` up to `to`, {@link CONCURRENCY} at a time. */
export async function callAll(scenario: Scenario, from: number, to: number): Promise<void> {
  let next = from;
  const worker = async (): Promise<void> => {
    while (next < to) await scenario.call(next++);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
}
