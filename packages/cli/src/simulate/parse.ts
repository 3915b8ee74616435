import { InvalidArgumentError } from 'commander';
import { checkNumber } from '../check.js';
import type { Fault } from './faults.js';
import { constantTime, exponentialTime, lognormalTime, type ServiceTime } from './service-time.js';

/** Parsers of options' values; commander puts the option's name before what they complain of. */

export function decimal(min: number, max: number): (text: string) => number {
  return complaining((text) => checkNumber('the value', numberFrom(text), { min, max }));
}

/** A repeatable option: what was given before, and one more. */
export function several<T>(parse: (text: string) => T): (text: string, given: readonly T[] | undefined) => T[] {
  const parseOne = complaining(parse);
  return (text, given = []) => [...given, parseOne(text)];
}

/** `reference`, `constant:20`, `exponential:5`, `lognormal:5,2` or `lognormal:5,2,0.05,10`. */
export const serviceTime: (text: string) => ServiceTime = complaining((text) => {
  const [kind, list = ''] = text.split(':');
  const numbers = list === '' ? [] : list.split(',').map((number) => numberFrom(number));
  const [first = NaN, sdMs, stragglers = 0, slowdown = 1] = numbers;
  if (kind === 'reference' && numbers.length === 0) return lognormalTime();
  if (kind === 'constant' && numbers.length === 1) return constantTime(first);
  if (kind === 'exponential' && numbers.length === 1) return exponentialTime(first);
  if (kind === 'lognormal' && numbers.length >= 2 && numbers.length <= 4) return lognormalTime({ meanMs: first, sdMs, stragglers, slowdown });
  throw new RangeError(
    `expected reference, constant:<ms>, exponential:<mean ms> or lognormal:<mean ms>,<sd ms>[,<share of stragglers>,<times slower>], got ${text}`,
  );
});

/** `60-80`, in seconds. */
export const outage: (text: string) => Fault = complaining((text) => ({ kind: 'outage', ...period(text, text) }));

/** `60-80:3`: three times as slow from second 60 to 80; with `@0` only the first server. */
export const slow: (text: string) => Fault = complaining((text) => {
  const [spec = '', server] = text.split('@');
  const { span, value } = timed(spec, text);
  return { kind: 'slow', factor: value, ...span, ...(server === undefined ? {} : { backend: numberFrom(server) }) };
});

/** `60-65:3`: three times as many calls from second 60 to 65. */
export const burst: (text: string) => Fault = complaining((text) => {
  const { span, value } = timed(text, text);
  return { kind: 'burst', factor: value, ...span };
});

/** `60-80:1`: copies share their primary's fate with this probability from second 60 to 80. */
export const sharedFate: (text: string) => Fault = complaining((text) => {
  const { span, value } = timed(text, text);
  return { kind: 'sharedFate', correlation: value, ...span };
});

function timed(spec: string, whole: string): { span: { fromMs: number; toMs: number }; value: number } {
  const [span = '', value = ''] = spec.split(':');
  return { span: period(span, whole), value: numberFrom(value, `a value after the colon, as in 60-80:3, got ${whole}`) };
}

function period(span: string, whole: string): { fromMs: number; toMs: number } {
  const expected = `two times in seconds, as in 60-80, got ${whole}`;
  const [from = '', to = '', ...rest] = span.split('-');
  if (rest.length > 0) throw new RangeError(`expected ${expected}`);
  return { fromMs: numberFrom(from, expected) * 1_000, toMs: numberFrom(to, expected) * 1_000 };
}

function numberFrom(text: string, expected = `a number, got ${text === '' ? 'nothing' : text}`): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (Number.isNaN(value)) throw new RangeError(`expected ${expected}`);
  return value;
}

/** Makes an ordinary complaint one that commander shows with the option's name and without a stack. */
export function complaining<T>(parse: (text: string) => T): (text: string) => T {
  return (text) => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(`${error instanceof Error ? error.message : String(error)}.`);
    }
  };
}
