/**
 * What becomes of each attempt, and the bytes of each answer: functions of a call's number alone, known to the servers, which act
 * on them, and to the client, which holds every outcome against them.
 */
export type Fate =
  | 'good'
  /** Answers after a while. */
  | 'late'
  | 'slow body'
  | 'reset'
  /** Takes the request, never answers. */
  | 'half-open'
  /** Begins a body and never ends it. */
  | 'stall'
  | 'truncated'
  | '503'
  | '429'
  | 'oversized'
  | 'circle';

/** Shares in thousandths; the rest is good. */
const SHARES: readonly (readonly [Fate, number])[] = [
  ['late', 40],
  ['slow body', 8],
  ['reset', 6],
  ['half-open', 3],
  ['stall', 2],
  ['truncated', 6],
  ['503', 8],
  ['429', 4],
  ['oversized', 3],
  ['circle', 1],
];

/** Attempts of one call that have a fate of their own. */
export const MOST_ATTEMPTS = 3;

/** A number in [0, 1) for each call and purpose (the finaliser of MurmurHash3). */
export function chance(call: number, purpose: number): number {
  let mixed = Math.imul(call + 1, 0x9e3779b1) ^ Math.imul(purpose + 1, 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
}

export function fateOf(call: number, attempt: number): Fate {
  let left = chance(call, attempt) * 1_000;
  for (const [fate, share] of SHARES) {
    if (left < share) return fate;
    left -= share;
  }
  return 'good';
}

/** How long a late answer takes. */
export function lateMs(call: number, attempt: number): number {
  return 20 + 130 * chance(call, 10 + attempt);
}

/** When the caller gives up; `undefined`: never. */
export function givesUpAfterMs(call: number): number | undefined {
  return chance(call, 20) < 0.03 ? 40 * chance(call, 21) : undefined;
}

/** Whether it goes to the servers that ask to be left alone: their 429s have a `Retry-After`. */
export function isThrottled(call: number): boolean {
  return chance(call, 22) < 0.04;
}

const PATTERN = Buffer.from(Array.from({ length: 40_000 }, (_, index) => Math.floor(chance(index, 30) * 256)));

/** The bytes of every good answer to a call, whichever attempt brings it: a few, sometimes many. */
export function bodyOf(call: number): Buffer {
  const bytes = chance(call, 23) < 0.05 ? 30_000 * chance(call, 24) : 600 * chance(call, 24);
  const from = Math.floor(chance(call, 25) * (PATTERN.length - bytes));
  return Buffer.concat([Buffer.from(`${call}:`), PATTERN.subarray(from, from + bytes)]);
}

/** What a bad status says: of which attempt it is. */
export function complaintOf(call: number, attempt: number): string {
  return `call ${call}, attempt ${attempt}`;
}

/**
 * When servers end a silence that nobody else has ended: late enough for one that is forgotten to be found, but soon where losers
 * are let to finish.
 */
export function silenceMs(isDrained: boolean): number {
  return isDrained ? 1_000 : 60_000;
}

/** A request with this header comes from a client that lets losers finish. */
export const DRAINED = 'x-drained';
