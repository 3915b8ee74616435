import { quantile, sorted } from '#cli/demo/percentiles.js';
import type { Second, Stream } from './open-loop.js';
import { atAnyLength, atMost, type Check } from './outcome.js';

/** Rates are judged over so many seconds: fewer calls would say more about chance. */
const WINDOW_S = 5;
/** A rate is back when every window that begins in so many seconds is. */
const HOLD_S = 5;

/** Which of a second's figures a rate is of. */
export type Kind = 'hedges' | 'due';

/** Seconds of several streams added up. */
export function sumSeconds(streams: readonly Stream[]): Second[] {
  const [first] = streams;
  return (first?.seconds ?? []).map((_, index) => {
    const all = streams.map(({ seconds }) => seconds[index]).filter((second) => second !== undefined);
    const sum = (of: (second: Second) => number): number => all.reduce((total, second) => total + of(second), 0);
    return { calls: sum(({ calls }) => calls), hedges: sum(({ hedges }) => hedges), due: sum(({ due }) => due), budgetLimit: sum((second) => second.budgetLimit) };
  });
}

/** Hedges per call in the seconds from `from` to `to` (not included); NaN without calls. */
export function rate(seconds: readonly Second[], kind: Kind, from: number, to: number): number {
  const part = seconds.slice(Math.max(0, from), to);
  return part.reduce((sum, second) => sum + second[kind], 0) / part.reduce((sum, { calls }) => sum + calls, 0);
}

/**
 * How many seconds after `from` the rate is back near `steady` to stay: from then on, each window of five seconds is.
 *
 * @param end - the first second that does not count any more.
 * @returns Infinity if it does not come back.
 */
export function backAfter(seconds: readonly Second[], kind: Kind, change: { from: number; end: number; steady: number; within: number }): number {
  const { from, end, steady, within } = change;
  const isNear = (start: number): boolean => Math.abs(rate(seconds, kind, start, start + WINDOW_S) - steady) <= within;
  for (let second = from; second + WINDOW_S + HOLD_S <= end; second++) {
    if (Array.from({ length: HOLD_S + 1 }, (_, later) => second + later).every(isNear)) return second - from;
  }
  return Infinity;
}

/** The most hedges, beyond `ratio` of the calls, that any window of consecutive calls had: the budget's burst bounds it. */
export function worstBurst({ calls, hedgesAtMs }: Stream, ratio: number): number {
  let worst = 0;
  let burst = 0;
  let next = 0;
  for (const atMs of hedgesAtMs) {
    for (; (calls[next]?.atMs ?? Infinity) <= atMs; next++) burst = Math.max(0, burst - ratio);
    worst = Math.max(worst, ++burst);
  }
  return worst;
}

/** The most tokens that the budget of any of these streams could hold. */
export function burstLimit(streams: readonly Stream[]): number {
  return Math.max(...streams.flatMap(({ seconds }) => seconds.map((second) => second.budgetLimit)));
}

/** A check that no window of calls of any client had more hedges than its budget may ever give. */
export function withinBudget(policy: string, streams: readonly Stream[], ratio: number): Check {
  const worst = Math.max(...streams.map((stream) => worstBurst(stream, ratio)));
  const what = `${policy}: hedges beyond the budget's ratio, in the worst window of calls`;
  // One more: the limit is looked at once a second, and moves by a token in ten calls.
  return atAnyLength(atMost(what, worst, burstLimit(streams) + 1, (value) => String(Math.round(value))));
}

/**
 * A quantile of the latency of the calls that began in each second, in milliseconds.
 *
 * @param reach - how many seconds before and after each are looked at too.
 */
export function latencyBySecond(streams: readonly Stream[], q: number, reach: number): (readonly [number, number])[] {
  const bins: number[][] = (streams[0]?.seconds ?? []).map(() => []);
  for (const { atMs, latencyMs } of streams.flatMap(({ calls }) => calls)) bins[Math.floor(atMs / 1_000)]?.push(latencyMs);
  return bins.map((_, index) => {
    const near = bins.slice(Math.max(0, index - reach), index + reach + 1).flat();
    return [index + 0.5, quantile(sorted(Float64Array.from(near)), q)] as const;
  });
}

/** Hedges per hundred calls in each second; `reach` as above. */
export function percentBySecond(seconds: readonly Second[], kind: Kind, reach: number): (readonly [number, number])[] {
  return seconds.map((_, index) => [index + 0.5, 100 * rate(seconds, kind, index - reach, index + reach + 1)] as const);
}

/** What happened in each second, for files. */
export function secondRecords(policy: string, streams: readonly Stream[]): Record<string, string | number>[] {
  return sumSeconds(streams).map(({ calls, hedges, due }, second) => ({ policy, second, calls, hedges, due }));
}
