import type { Attributes, BatchObservableResult, Counter, Meter, Observable } from '@opentelemetry/api';
import type { Hedger } from '@hedgerow/core';
import { attr } from './semconv.js';
import { Summary, type RouteGauge } from './summary.js';

/** A Hedger whose state is reported. It is held weakly: a provider lives as long as the process. */
export interface Reported {
  readonly hedger: WeakRef<Hedger>;
  /** Hedgers of one name, or of none, are reported together. */
  readonly name: string | undefined;
  readonly delayPerKey: boolean;
}

interface Entry extends Reported {
  /** Eligible calls as of the last collection. */
  eligible: number;
  /** Milliseconds that the counters have been told of. */
  told: Record<'saved' | 'shadow' | 'wasted', number>;
}

/** What is observed of the Hedgers' state. One per MeterProvider: callbacks of several would overwrite each other's values. */
export class Gauges {
  readonly #entries = new Map<WeakRef<Hedger>, Entry>();
  readonly #rate: Observable;
  readonly #ofRoutes: Readonly<Record<RouteGauge, Observable>>;
  readonly #saved: Counter;
  readonly #wasted: Counter;
  readonly #usage: Observable;
  readonly #limit: Observable;
  readonly #utilization: Observable;

  constructor(meter: Meter) {
    this.#rate = meter.createObservableGauge('hedge.rate', {
      description: 'Hedged share of the eligible calls of the last minute.',
      unit: '1',
    });
    const ofRoutes = (name: string, description: string, unit = 's'): Observable =>
      meter.createObservableGauge(name, { description: `${description}, averaged over samples.`, unit });
    this.#ofRoutes = {
      delay: ofRoutes('hedge.delay', 'Delay after which the first hedge is sent'),
      probability: ofRoutes('hedge.goal.probability', 'Chance that a call plans its first hedge at all', '1'),
      predicted: ofRoutes('hedge.goal.predicted', 'The percentile to minimise, as planned'),
      achieved: ofRoutes('hedge.goal.achieved', 'The percentile to minimise, as calls took'),
      identified: ofRoutes('hedge.goal.identified', 'Up to where the latency of unhedged requests is known'),
    };
    this.#saved = meter.createCounter('hedge.time.saved', {
      description: 'Time that hedges saved their calls, or would have saved in shadow mode; an estimate.',
      unit: 's',
    });
    this.#wasted = meter.createCounter('hedge.time.wasted', {
      description: 'Time spent in attempts that lost, from their start until they were aborted or ended.',
      unit: 's',
    });
    this.#usage = meter.createObservableUpDownCounter('hedge.budget.usage', {
      description: 'Tokens spent out of the limit.',
      unit: '{token}',
    });
    this.#limit = meter.createObservableUpDownCounter('hedge.budget.limit', {
      description: 'Most tokens that the budget keeps.',
      unit: '{token}',
    });
    this.#utilization = meter.createObservableGauge('hedge.budget.utilization', {
      description: 'Spent share of the budget.',
      unit: '1',
    });
  }

  get instruments(): Observable[] {
    return [this.#rate, ...Object.values(this.#ofRoutes), this.#usage, this.#limit, this.#utilization];
  }

  add(reported: Reported): void {
    this.#forgetGone();
    if (!this.#entries.has(reported.hedger)) this.#entries.set(reported.hedger, { ...reported, eligible: 0, told: { saved: 0, shadow: 0, wasted: 0 } });
  }

  remove(reported: Reported): void {
    this.#entries.delete(reported.hedger);
  }

  #forgetGone(): void {
    for (const ref of this.#entries.keys()) if (isGone(ref.deref())) this.#entries.delete(ref);
  }

  observe(result: BatchObservableResult): void {
    for (const [name, { rate, routes, budget }] of this.#summaries()) {
      const attributes: Attributes = name === undefined ? {} : { [attr.name]: name };
      if (rate.value !== undefined) result.observe(this.#rate, rate.value, attributes);
      for (const [key, means] of routes) {
        const ofRoute = key === '' ? attributes : { ...attributes, [attr.key]: key };
        for (const [gauge, mean] of Object.entries(means)) {
          if (mean.value !== undefined) result.observe(this.#ofRoutes[gauge as RouteGauge], mean.value, ofRoute);
        }
      }
      if (!budget) continue;
      result.observe(this.#usage, budget.used, attributes);
      result.observe(this.#limit, budget.limit, attributes);
      if (budget.limit > 0) result.observe(this.#utilization, budget.used / budget.limit, attributes);
    }
  }

  /** Counters, unlike what is observed, keep what a Hedger that is gone has brought. */
  #count(entry: Entry, now: Entry['told']): void {
    const { name, told } = entry;
    const attributes: Attributes = name === undefined ? {} : { [attr.name]: name };
    entry.told = now;
    if (now.saved > told.saved) this.#saved.add((now.saved - told.saved) / 1000, { ...attributes, [attr.mode]: 'on' });
    if (now.shadow > told.shadow) this.#saved.add((now.shadow - told.shadow) / 1000, { ...attributes, [attr.mode]: 'shadow' });
    if (now.wasted > told.wasted) this.#wasted.add((now.wasted - told.wasted) / 1000, attributes);
  }

  #summaries(): Map<string | undefined, Summary> {
    this.#forgetGone();
    const summaries = new Map<string | undefined, Summary>();
    for (const entry of this.#entries.values()) {
      const hedger = entry.hedger.deref();
      if (!hedger) continue;
      const summary = summaries.get(entry.name) ?? new Summary();
      summaries.set(entry.name, summary);
      const { eligible, savings, shadow } = hedger.stats();
      this.#count(entry, { saved: savings.savedMs, shadow: shadow.savedMs, wasted: savings.wastedMs });
      summary.add(hedger, eligible - entry.eligible, entry.delayPerKey);
      entry.eligible = eligible;
    }
    return summaries;
  }
}

/** What nobody is asked about: not even option `describe`. */
const NO_REQUEST = { method: '', url: '', body: { replayable: false } };

/** Collected or disposed. A disposed Hedger says so before it looks at the request, and asking counts nothing. */
function isGone(hedger: Hedger | undefined): boolean {
  return hedger === undefined || hedger.ineligible(NO_REQUEST) === 'disposed';
}
