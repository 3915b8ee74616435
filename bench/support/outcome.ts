/** A table as it is printed and as it stands in the page; the first column is text, the others are figures. */
export interface Table {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** A bound and what was seen. */
export interface Check {
  readonly what: string;
  readonly figure: string;
  readonly bound: string;
  readonly ok: boolean;
  /** Whether a short run is long enough to judge by it. */
  readonly anyLength?: boolean;
}

export interface Plot {
  /** Without extension. */
  readonly file: string;
  readonly alt: string;
  readonly svg: string;
}

/** What a benchmark found out. */
export interface Outcome {
  readonly table: Table;
  /** Tables below it. */
  readonly further?: readonly Table[];
  /** Remarks below the table. */
  readonly notes: readonly string[];
  readonly checks: readonly Check[];
  readonly plots?: readonly Plot[];
  /** The rows with all digits, for the CSV and JSON files. */
  readonly records: readonly Readonly<Record<string, string | number | undefined>>[];
  /** What the JSON file holds beside them. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Why the figures should not be believed. */
  readonly warnings?: readonly string[];
}

/** @param ok - the bound holds; NaN never does. */
export function atMost(what: string, value: number, bound: number, format: (value: number) => string): Check {
  return { what, figure: format(value), bound: `≤ ${format(bound)}`, ok: value <= bound };
}

/** See {@link atMost}. */
export function atLeast(what: string, value: number, bound: number, format: (value: number) => string): Check {
  return { what, figure: format(value), bound: `≥ ${format(bound)}`, ok: value >= bound };
}

/** A check that a short run is long enough for. */
export function atAnyLength(check: Check): Check {
  return { ...check, anyLength: true };
}

/** `1.034` → `1.03`. */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(2);
}

/** `9.6` → `9.6 s`. */
export function formatSeconds(seconds: number): string {
  return Number.isFinite(seconds) ? `${Number(seconds.toFixed(1))} s` : 'never';
}
