import type { Measured } from '../support/measure.js';
import type { Throughput } from './throughput.js';

/** A client without and with hedging. */
export interface Pair {
  readonly name: string;
  readonly plain: Measured;
  readonly hedged: Measured;
  readonly throughput: Throughput;
}
