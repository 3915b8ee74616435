import { printable } from '../../printable.js';
import { MOST_MS } from '../histogram.js';

const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** So many digits are exact in a number. */
const MOST_DIGITS = 15;
const POWERS_OF_TEN = Float64Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => 10 ** digits);

/** Reads a decimal number; NaN for anything else. Bytes that are plain digits need no string. */
export function parseDecimal(bytes: Buffer, from: number, to: number): number {
  let start = from;
  let end = to;
  while (start < end && isBlank(bytes[start])) start++;
  while (end > start && isBlank(bytes[end - 1])) end--;
  let mantissa = 0;
  let digits = 0;
  let point = -1;
  for (let index = start; index < end; index++) {
    const code = bytes[index] ?? 0;
    if (code >= ZERO && code <= NINE) {
      mantissa = mantissa * 10 + (code - ZERO);
      digits++;
    } else if (code === POINT && point === -1) point = index;
    else return parseSlowly(bytes.toString('latin1', start, end));
  }
  if (digits === 0) return NaN;
  if (digits > MOST_DIGITS) return parseSlowly(bytes.toString('latin1', start, end));
  return point === -1 ? mantissa : mantissa / (POWERS_OF_TEN[end - 1 - point] ?? 1);
}

/** As {@link parseDecimal}, for text that is a string already. */
export function parseSlowly(text: string): number {
  const trimmed = text.trim();
  return DECIMAL.test(trimmed) ? Number(trimmed) : NaN;
}

/** Whether a number of milliseconds can be a latency. */
export function isLatency(ms: number): boolean {
  return ms >= 0 && ms <= MOST_MS;
}

/** What is wrong with a latency that is none. */
export function complaint(ms: number, text: string): string {
  const shown = excerpt(text);
  if (Number.isNaN(ms)) return shown === '' ? 'expected a latency, got nothing' : `expected a latency, got ${JSON.stringify(shown)}`;
  if (ms < 0) return `expected a latency of 0 or more, got ${shown}`;
  return `expected a latency of less than a day, got ${shown} (is the unit right?)`;
}

/** Enough of a text to recognise it. */
export function excerpt(text: string): string {
  const trimmed = text.trim();
  return printable(trimmed.length > 60 ? `${trimmed.slice(0, 57)}…` : trimmed);
}

function isBlank(code: number | undefined): boolean {
  return code === SPACE || code === TAB || code === RETURN;
}

const TAB = 0x09;
const RETURN = 0x0d;
const SPACE = 0x20;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
