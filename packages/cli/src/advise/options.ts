/** What a file of latencies can look like. */
export const FORMATS = ['plain', 'csv', 'ndjson', 'log', 'prometheus'] as const;

export type Format = (typeof FORMATS)[number];

/** Milliseconds in each unit. */
export const UNITS = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 } as const;

export type Unit = keyof typeof UNITS;

/** How latencies are read. */
export interface ReadOptions {
  /** A path; `-` for stdin. */
  readonly file: string;
  /** `undefined`: told from the first lines. */
  readonly format: Format | undefined;
  /** `undefined`: told from the format or a name, milliseconds if neither says. */
  readonly unit: Unit | undefined;
  /** CSV: the column's name, or its number from 1. */
  readonly column: string | undefined;
  /** NDJSON: the field, with dots for fields of fields. */
  readonly field: string | undefined;
  /** Prometheus: the histogram, with or without `_bucket`. */
  readonly metric: string | undefined;
  /** Log: an expression with a group named `duration`. */
  readonly pattern: RegExp | undefined;
  /** Bad rows that are skipped; `undefined` for the default. */
  readonly maxBad: number | undefined;
}

/** Options of `hedgerow advise`, complete. */
export interface AdviseOptions extends ReadOptions {
  /** Where the report goes; `undefined` for none. */
  readonly reportPath: string | undefined;
  /** Calls to simulate; `undefined` for none. */
  readonly simulatedCalls: number | undefined;
  /** Seed of the simulation and of the resampling. */
  readonly seed: number;
}

/** `http_request_duration_seconds` → `s`. */
export function unitOfName(name: string): Unit | undefined {
  const words = name.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase().split(/[^a-zµ]+/);
  return Object.entries(UNIT_WORDS).find(([, spellings]) => words.some((word) => spellings.includes(word)))?.[0] as Unit | undefined;
}

const UNIT_WORDS: Record<Unit, readonly string[]> = {
  s: ['s', 'sec', 'secs', 'second', 'seconds'],
  ms: ['ms', 'msec', 'millis', 'millisecond', 'milliseconds'],
  us: ['us', 'µs', 'usec', 'micros', 'microsecond', 'microseconds'],
  ns: ['ns', 'nsec', 'nanos', 'nanosecond', 'nanoseconds'],
};
