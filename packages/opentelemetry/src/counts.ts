import type { Counter, Meter, UpDownCounter } from '@opentelemetry/api';
import type { IneligibleReason } from '@hedgerow/core';
import { ATTEMPT_TYPES, type AttemptType, type MetricAttributes } from './metric-attributes.js';
import { passOn } from './pass-on.js';
import { attr } from './semconv.js';

/** Flushed this often even if nobody collects. */
const MOST_PENDING = 1_000;

/**
 * The counters of every call. An SDK takes a microsecond or two for each `add`, mostly to make a key of the attributes, so they
 * are added up here and passed on when metrics are collected: an SDK runs its callbacks before it reads its counters.
 */
export class Counts {
  readonly #requests: Counter;
  readonly #ineligible: Counter;
  readonly #attempts: Counter;
  readonly #active: UpDownCounter;
  readonly #pending = new Set<Series>();

  constructor(meter: Meter) {
    this.#requests = meter.createCounter('hedge.requests', {
      description: 'Calls made, hedged or not.',
      unit: '{request}',
    });
    this.#ineligible = meter.createCounter('hedge.ineligible', {
      description: 'Calls that could not be hedged, by reason.',
      unit: '{request}',
    });
    this.#attempts = meter.createCounter('hedge.attempts', {
      description: 'Requests sent, by whether they were the primary or a hedge.',
      unit: '{attempt}',
    });
    this.#active = meter.createUpDownCounter('hedge.attempt.active', {
      description: 'Attempts under way.',
      unit: '{attempt}',
    });
  }

  /** Counts with these attributes. */
  series(attributes: MetricAttributes): Series {
    const series = new Series(attributes, () => {
      try {
        if (this.#pending.size >= MOST_PENDING) this.flush();
      } finally {
        this.#pending.add(series);
      }
    });
    return series;
  }

  /** Passes everything on. */
  flush(): void {
    const pending = [...this.#pending];
    this.#pending.clear();
    passOn(pending, (series) => this.#pass(series));
  }

  #pass(series: Series): void {
    const { attributes } = series;
    const { requests, ineligible, started, active } = series.take();
    if (requests > 0) this.#requests.add(requests, attributes.call);
    for (const [reason, calls] of ineligible) this.#ineligible.add(calls, { ...attributes.call, [attr.ineligibleReason]: reason });
    for (const type of ATTEMPT_TYPES) {
      if (started[type] > 0) this.#attempts.add(started[type], attributes.attempt[type]);
      if (started[type] > 0 || active[type] !== 0) this.#active.add(active[type], attributes.attempt[type]);
    }
  }
}

interface Tally {
  requests: number;
  readonly ineligible: Map<IneligibleReason, number>;
  readonly started: Record<AttemptType, number>;
  /** By how much the number of attempts under way has changed. */
  readonly active: Record<AttemptType, number>;
}

/** What was counted with one set of attributes since it was last passed on. */
export class Series {
  readonly attributes: MetricAttributes;
  readonly #onFirst: () => void;
  #tally: Tally | undefined;

  /** @param onFirst - called when there is something to pass on again. */
  constructor(attributes: MetricAttributes, onFirst: () => void) {
    this.attributes = attributes;
    this.#onFirst = onFirst;
  }

  request(): void {
    this.#counts().requests++;
  }

  attempt(type: AttemptType): void {
    const { started, active } = this.#counts();
    started[type]++;
    active[type]++;
  }

  attemptEnd(type: AttemptType): void {
    this.#counts().active[type]--;
  }

  /** An attempt that is not followed to its end. */
  bypass(reason: IneligibleReason): void {
    const counts = this.#counts();
    counts.requests++;
    counts.ineligible.set(reason, (counts.ineligible.get(reason) ?? 0) + 1);
    counts.started.primary++;
  }

  /** What was counted, to start over from nothing. */
  take(): Tally {
    const taken = this.#tally ?? noCounts();
    this.#tally = undefined;
    return taken;
  }

  #counts(): Tally {
    if (this.#tally) return this.#tally;
    this.#onFirst();
    return (this.#tally = noCounts());
  }
}

function noCounts(): Tally {
  return { requests: 0, ineligible: new Map(), started: { primary: 0, hedge: 0 }, active: { primary: 0, hedge: 0 } };
}
