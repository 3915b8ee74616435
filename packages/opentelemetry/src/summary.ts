import type { Hedger } from '@hedgerow/core';

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

/** The state of several Hedgers as if they were one. */
export class Summary {
  /** Hedged share of the eligible calls. */
  readonly rate: Mean = new Mean();
  /** Seconds until the first hedge, by route; under the empty key the mean over all routes. */
  readonly delays: Map<string, Mean> = new Map<string, Mean>();
  /** Tokens. */
  budget: { readonly used: number; readonly limit: number } | undefined;

  /**
   * @param newCalls - eligible calls of this Hedger since the last look, which say how much its rate counts among the others'.
   */
  add(hedger: Hedger, newCalls: number, delayPerKey: boolean): void {
    const { budget, hedgeRate } = hedger.stats();
    // With no new calls anywhere all count alike; otherwise an idle Hedger counts for nothing.
    this.rate.add(hedgeRate, Math.max(newCalls, Number.EPSILON));
    for (const { key, delayMs, samples } of hedger.routes()) {
      if (delayMs !== undefined) this.#delayOf(delayPerKey ? key : '').add(delayMs / 1000, Math.max(samples, Number.EPSILON));
    }
    if (!budget) return;
    const sum = this.budget ?? { used: 0, limit: 0 };
    this.budget = { used: sum.used + budget.used, limit: sum.limit + budget.limit };
  }

  #delayOf(key: string): Mean {
    let mean = this.delays.get(key);
    if (!mean) this.delays.set(key, (mean = new Mean()));
    return mean;
  }
}
