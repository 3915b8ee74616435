import type { Hedger, RouteStats } from '@hedgerow/core';

/** A weighted mean; `undefined` until something with a weight was added. */
class Mean {
  #sum = 0;
  #weight = 0;

  add(value: number, weight: number): void {
    this.#sum += value * weight;
    this.#weight += weight;
  }

  get value(): number | undefined {
    return this.#weight > 0 ? this.#sum / this.#weight : undefined;
  }
}

/** What is observed of every route, by the name of its gauge. */
export type RouteGauge = 'delay' | 'probability' | 'predicted' | 'achieved' | 'identified';

/** Seconds, but for the probability. */
function valuesOf({ delayMs, goal }: RouteStats): Record<RouteGauge, number | undefined> {
  return {
    delay: inSeconds(delayMs),
    probability: goal?.probabilities[0],
    predicted: inSeconds(goal?.predictedMs),
    achieved: inSeconds(goal?.achievedMs),
    identified: inSeconds(goal?.identifiedUpToMs),
  };
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1000;
}

/** The state of several Hedgers as if they were one. */
export class Summary {
  /** Hedged share of the eligible calls. */
  readonly rate: Mean = new Mean();
  /** What routes show, by route; under the empty key the mean over all routes. */
  readonly routes: Map<string, Partial<Record<RouteGauge, Mean>>> = new Map<string, Partial<Record<RouteGauge, Mean>>>();
  /** Tokens. */
  budget: { readonly used: number; readonly limit: number } | undefined;

  /**
   * @param newCalls - eligible calls of this Hedger since the last look, which say how much its rate counts among the others'.
   */
  add(hedger: Hedger, newCalls: number, delayPerKey: boolean): void {
    const { budget, hedgeRate } = hedger.stats();
    // With no new calls anywhere all count alike; otherwise an idle Hedger counts for nothing.
    this.rate.add(hedgeRate, Math.max(newCalls, Number.EPSILON));
    for (const route of hedger.routes()) this.#addRoute(route, delayPerKey ? route.key : '');
    if (!budget) return;
    const sum = this.budget ?? { used: 0, limit: 0 };
    this.budget = { used: sum.used + budget.used, limit: sum.limit + budget.limit };
  }

  #addRoute(route: RouteStats, key: string): void {
    const means = this.routes.get(key) ?? {};
    this.routes.set(key, means);
    for (const [gauge, value] of Object.entries(valuesOf(route)) as [RouteGauge, number | undefined][]) {
      if (value !== undefined) (means[gauge] ??= new Mean()).add(value, Math.max(route.samples, Number.EPSILON));
    }
  }
}
