import type { Attributes, Histogram } from '@opentelemetry/api';
import { passOn } from './pass-on.js';

/** Passed on at the latest when this many wait. */
const MOST_WAITING = 256;

interface Waiting {
  readonly histogram: Histogram;
  readonly value: number;
  readonly attributes: Attributes;
}

/** Values for histograms, passed on in one go: that takes a fraction of the time that a record between other work takes. */
export class Records {
  #waiting: Waiting[] = [];

  add(histogram: Histogram, value: number, attributes: Attributes): void {
    this.#waiting.push({ histogram, value, attributes });
    if (this.#waiting.length >= MOST_WAITING) this.flush();
  }

  /** Passes everything on. */
  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    passOn(waiting, ({ histogram, value, attributes }) => histogram.record(value, attributes));
  }
}
