import { UNITS, type Unit } from '../options.js';
import { BadRows } from './bad-rows.js';
import { Collector } from './latencies.js';
import { complaint, isLatency } from './number.js';

/** Takes the rows of an input, one latency each. */
export class Rows {
  readonly bad: BadRows;
  readonly collector: Collector = new Collector();
  private count = 0;
  private factor = 1;

  constructor(maxBad: number | undefined) {
    this.bad = new BadRows(maxBad);
  }

  /** The unit of the values that follow. */
  set unit(unit: Unit) {
    this.factor = UNITS[unit];
  }

  /** Takes a value; `false` if it cannot be a latency, then {@link refuse} it. */
  take(value: number): boolean {
    const ms = value * this.factor;
    if (!isLatency(ms)) return false;
    this.count++;
    this.collector.add(ms);
    return true;
  }

  /** Takes a value that stands in a line, or counts the line as bad. */
  takeOrRefuse(value: number, line: number, text: string): void {
    if (!this.take(value)) this.refuse(line, complaint(value * this.factor, text));
  }

  /** @throws Error when there are too many bad rows. */
  refuse(line: number, message: string): void {
    this.count++;
    this.bad.add(line, message, this.count);
  }

  /** For {@link eachLine}. */
  readonly refuseTooLong = (line: number): void => this.refuse(line, 'expected a line of at most 1 MiB');
}

/** What was read, in words. */
export interface Described {
  /** `column 3 (latency_ms) of CSV`. */
  readonly what: string;
  readonly unit: Unit;
  /** Why this unit, if the user did not say. */
  readonly unitReason: string | undefined;
}

/** The unit to take: the user's, else what the data says, else milliseconds. */
export function chooseUnit(given: Unit | undefined, told: Unit | undefined, because: string): Omit<Described, 'what'> {
  if (given !== undefined) return { unit: given, unitReason: undefined };
  if (told !== undefined) return { unit: told, unitReason: because };
  return { unit: 'ms', unitReason: 'assumed; --unit says otherwise' };
}
