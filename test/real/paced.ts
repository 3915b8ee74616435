import { setTimeout as sleep } from 'node:timers/promises';

/** Latencies of calls that were answered, ascending, and how many were not. */
export interface Run {
  readonly latenciesMs: readonly number[];
  readonly failed: number;
}

/** Sends calls at a steady rate, however long they take: a stall then meets the calls that it would meet in production. */
export async function paced(count: number, perSecond: number, call: (number: number) => Promise<unknown>): Promise<Run> {
  const latenciesMs: number[] = [];
  let failed = 0;
  const calls: Promise<void>[] = [];
  const start = performance.now();
  for (let number = 0; number < count; number++) {
    const waitMs = start + (number * 1_000) / perSecond - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    const sentAtMs = performance.now();
    calls.push(
      call(number).then(
        () => {
          latenciesMs.push(performance.now() - sentAtMs);
        },
        () => {
          failed++;
        },
      ),
    );
  }
  await Promise.all(calls);
  return { latenciesMs: latenciesMs.sort((a, b) => a - b), failed };
}

/** A quantile in (0, 1) of ascending numbers. */
export function quantileOf(sorted: readonly number[], quantile: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? NaN;
}
