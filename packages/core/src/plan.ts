import type { HedgeRequest } from './call.js';
import type { LatencyView } from './latency/memory.js';
import type { Reporter } from './report.js';
import { spreadDelays, type ResolvedDelay, type ResolvedHedgeOptions } from './resolve.js';
import type { DelayFunction, Warmup } from './options.js';

/** The delays of a call's hedges, in milliseconds from its start, ascending; or why there are none. */
export type Plan = readonly number[] | 'warmup';

type QuantileRule = ResolvedDelay & { readonly kind: 'quantile' };

/** Nothing is to be hedged. */
export const NO_HEDGES: readonly number[] = [];

/** What a plan is made of: plain data, and chance. */
export interface PlanInput {
  readonly request: HedgeRequest;
  readonly options: ResolvedHedgeOptions;
  readonly latency: LatencyView;
  readonly warmup: Warmup | undefined;
  readonly random: () => number;
  readonly reporter: Reporter;
}

/** Decides when the hedges of one call are due. */
export function planHedges(input: PlanInput): Plan {
  const { options } = input;
  if (options.probability < 1 && input.random() >= options.probability) return NO_HEDGES;
  switch (options.delay.kind) {
    case 'fixed':
      return options.delay.delaysMs;
    case 'quantile':
      return planQuantiles(input, options.delay);
    case 'function':
      return planByFunction(input, options.delay.decide);
  }
}

function planQuantiles(input: PlanInput, delay: QuantileRule): Plan {
  const { latency, warmup, options } = input;
  const isWarm = warmup === undefined || latency.samples >= warmup.requests;
  const delaysMs = isWarm ? knownDelaysMs(delay, latency) : [];
  if (delaysMs.length > 0) return spreadDelays(delaysMs, options.maxHedges);
  return warmup === undefined ? 'warmup' : spreadDelays([warmup.delayMs], options.maxHedges);
}

/** The delays of the quantiles that are known, up to the first that is not. */
export function knownDelaysMs({ quantiles, minMs, maxMs }: QuantileRule, latency: LatencyView): number[] {
  const delaysMs: number[] = [];
  for (const quantile of quantiles) {
    const value = latency.quantile(quantile);
    if (value === undefined) break;
    delaysMs.push(Math.min(Math.max(value, minMs), maxMs));
  }
  return delaysMs;
}

function planByFunction(input: PlanInput, decide: DelayFunction): Plan {
  const { latency, request, options, reporter } = input;
  try {
    const answer = decide({ request, key: latency.key, quantile: (quantile) => latency.quantile(quantile) });
    if (answer === undefined) return NO_HEDGES;
    const delaysMs = typeof answer === 'number' ? [answer] : [...answer].sort((a, b) => a - b);
    if (delaysMs.every((delayMs) => Number.isFinite(delayMs) && delayMs >= 0)) return spreadDelays(delaysMs, options.maxHedges);
    reporter.warn('option `delay` returned an unusable value', `expected milliseconds ≥ 0, got [${delaysMs.join(', ')}]`);
  } catch (error) {
    reporter.warn('option `delay` threw', error);
  }
  return NO_HEDGES;
}
