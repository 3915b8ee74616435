/** The house style of option errors: which option, what was expected, what came. */
export function complaint(option: string, expected: string, value: unknown): string {
  return `hedgerow: ${ARGUMENT.test(option) ? '' : 'option '}\`${option}\` must be ${expected}, got ${displayed(value)}`;
}

/** What is checked as options are, and is none. */
const ARGUMENT = /^(?:snapshot|key$|start$)/;

/** A value in an error: short, whatever it is. */
export function displayed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 10).map(displayItem).join(', ')}${value.length > 10 ? ', …' : ''}]`;
  return displayItem(value);
}

/** Lists in lists are not followed: they may be as deep as whoever wrote them likes. */
function displayItem(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(cut(value));
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  return String(value);
}

function cut(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** Which numbers an option takes. */
export interface NumberRange {
  /** The range in words, for the error. */
  readonly expected: string;
  readonly test: (value: number) => boolean;
}

/** @throws TypeError unless it is a number, RangeError unless it is in range. */
export function checkNumber(option: string, value: unknown, range: NumberRange): number {
  if (typeof value !== 'number') throw new TypeError(complaint(option, range.expected, value));
  if (!range.test(value)) throw new RangeError(complaint(option, range.expected, value));
  return value;
}

/** A list (or one number) of ascending numbers. */
export function checkAscending(option: string, value: unknown, range: NumberRange): readonly number[] {
  if (!Array.isArray(value)) return [checkNumber(option, value, range)];
  if (value.length === 0 || value.length > MOST_HEDGES) {
    throw new RangeError(complaint(option, `a list of 1 to ${MOST_HEDGES} numbers`, value));
  }
  const numbers = value.map((item, index) => checkNumber(`${option}[${index}]`, item, range));
  if (numbers.some((number, index) => index > 0 && number < (numbers[index - 1] ?? 0))) {
    throw new RangeError(complaint(option, 'in ascending order', value));
  }
  return numbers;
}

/** @throws TypeError unless it is a function. */
export function checkFunction<F>(option: string, value: F): F {
  if (typeof value !== 'function') throw new TypeError(complaint(option, 'a function', value));
  return value;
}

/** @throws TypeError unless it is true or false. */
export function checkBoolean(option: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw new TypeError(complaint(option, 'true or false', value));
  return value;
}

/** @throws TypeError unless it is one of the words. */
export function checkWord<W extends string>(option: string, value: unknown, words: readonly W[]): W {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new TypeError(complaint(option, words.map((item) => `"${item}"`).join(' or '), value));
  return word;
}

/** @throws TypeError unless it is a list of strings. */
export function checkStrings(option: string, value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string' && item !== '')) {
    throw new TypeError(complaint(option, 'a list of non-empty strings', value));
  }
  return value as readonly string[];
}

/** @throws TypeError unless it is a string with something in it. */
export function checkName(option: string, value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError(complaint(option, 'a non-empty string', value));
  return value;
}

/** What became of options that were. */
const RENAMED: Readonly<Record<string, string>> = { markerHeader: 'it is `markHedges` now' };

/** @throws TypeError unless it is an object whose keys are all known. */
export function checkObject(option: string, value: unknown, known: readonly string[]): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(complaint(option, 'an object', value));
  }
  for (const key of Object.keys(value)) {
    if (!known.includes(key)) {
      const name = option === 'options' ? cut(key) : `${option}.${cut(key)}`;
      throw new TypeError(`hedgerow: unknown option \`${name}\`; ${RENAMED[name] ?? `known are ${known.join(', ')}`}`);
    }
  }
}

/** @throws TypeError with what was expected. */
export function refuse(option: string, expected: string, value: unknown): never {
  throw new TypeError(complaint(option, expected, value));
}

/** @throws RangeError with what was expected. */
export function refuseRange(option: string, expected: string, value: unknown): never {
  throw new RangeError(complaint(option, expected, value));
}

type RangeName =
  | 'milliseconds'
  | 'positiveMilliseconds'
  | 'quantile'
  | 'fraction'
  | 'share'
  | 'hedges'
  | 'bytes'
  | 'count'
  | 'subWindows'
  | 'atLeastOne'
  | 'correlation'
  | 'positive'
  | 'aboveZero';

/** More copies than this of one request are a mistake. */
export const MOST_HEDGES = 10;

export const ranges: Readonly<Record<RangeName, NumberRange>> = {
  milliseconds: { expected: 'a finite number of milliseconds ≥ 0', test: (n) => n >= 0 && n <= MAX_TIMER_MS },
  positiveMilliseconds: { expected: 'a finite number of milliseconds > 0', test: (n) => n > 0 && n <= MAX_TIMER_MS },
  quantile: { expected: 'a number between 0 and 1, both excluded', test: (n) => n > 0 && n < 1 },
  fraction: { expected: 'a number from 0 up to, not including, 1', test: (n) => n >= 0 && n < 1 },
  share: { expected: 'a number above 0, at most 1', test: (n) => n > 0 && n <= 1 },
  hedges: {
    expected: `a whole number from 0 to ${MOST_HEDGES}`,
    test: (n) => Number.isInteger(n) && n >= 0 && n <= MOST_HEDGES,
  },
  bytes: { expected: 'a whole number of bytes ≥ 0', test: (n) => n >= 0 && Number.isSafeInteger(n) },
  count: { expected: 'a whole number ≥ 1', test: (n) => n >= 1 && Number.isSafeInteger(n) },
  subWindows: { expected: 'a whole number from 2 to 60', test: (n) => Number.isInteger(n) && n >= 2 && n <= 60 },
  atLeastOne: { expected: 'a finite number ≥ 1', test: (n) => n >= 1 && Number.isFinite(n) },
  correlation: { expected: 'a number from 0.5 up to, not including, 1', test: (n) => n >= 0.5 && n < 1 },
  positive: { expected: 'a finite number > 0', test: (n) => n > 0 && Number.isFinite(n) },
  aboveZero: { expected: 'a number > 0', test: (n) => n > 0 },
};

/** Timers of every platform overflow beyond this. */
const MAX_TIMER_MS = 2 ** 31 - 1;
