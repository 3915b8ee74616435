import type { HedgerOptions } from '@hedgerow/core';
import { World } from './instant.js';
import { seeded } from './traffic.js';

export interface StallOptions {
  readonly seed: number;
  readonly callsPerSecond?: number;
  /** How often a backend stalls on average, and for how long. */
  readonly everyMs?: number;
  readonly forMs?: number;
  /** Requests take turns. */
  readonly backends?: number;
  /** How many of them stall. */
  readonly stalling?: number;
  /** The mean of what the way back adds: which of two answers given at once is the first. 0: the primary's. */
  readonly jitterMs?: number;
  readonly hedger?: HedgerOptions;
}

/**
 * Backends that take 8 to 16 ms, and stall at random: what arrives in a stall is answered at its end. If there is but one, as with
 * sticky sessions, the copies of a call that met a stall are answered together, and chance decides which of them wins.
 */
export function stallingWorld({ seed, backends = 1, stalling = 1, everyMs = 1_500, forMs = 150, jitterMs = 1, callsPerSecond = 400, hedger = {} }: StallOptions): World {
  const random = seeded(7 * seed + 1);
  const endOf = Array.from({ length: backends }, (_, index) => (index < stalling ? stalls(31 * seed + index, everyMs, forMs) : () => 0));
  let requests = 0;
  const answerMs = (nowMs: number): number => {
    const stalledForMs = (endOf[requests++ % backends]?.(nowMs) ?? 0) - nowMs;
    return Math.max(stalledForMs, 8 + 8 * random()) - jitterMs * Math.log(1 - random());
  };
  return new World({ seed, callsPerSecond, hedger, change: answerMs });
}

/** When the stall ends that goes on at a time; 0 if none does. Times ascend. */
export function stalls(seed: number, everyMs: number, forMs: number): (nowMs: number) => number {
  const random = seeded(seed);
  const pauseMs = (): number => forMs + (everyMs - forMs) * 2 * random();
  let startMs = pauseMs();
  let nextMs = startMs + pauseMs();
  return (nowMs) => {
    while (nextMs <= nowMs) [startMs, nextMs] = [nextMs, nextMs + pauseMs()];
    return nowMs >= startMs && nowMs < startMs + forMs ? startMs + forMs : 0;
  };
}
