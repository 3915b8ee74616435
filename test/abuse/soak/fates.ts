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
  /** With more to say than clients keep of it. */
  | 'large 503'
  /** Breaks off while it says so. */
  | 'broken 503'
  /** A 503 whose body never ends, though it always goes on. Copies alone meet it. */
  | 'endless'
  | '429'
  /** A 4xx or a fatal status: often for copies, as by servers that do nothing twice; seldom for primaries, and then it is their answer. */
  | 'refused'
  | 'oversized'
  | 'circle';

/** Shares in thousandths of primaries and of copies; the rest is good. */
const SHARES: readonly (readonly [Fate, number, number])[] = [
  ['late', 40, 40],
  ['slow body', 8, 8],
  ['reset', 6, 6],
  ['half-open', 3, 3],
  ['stall', 2, 2],
  ['truncated', 6, 6],
  ['503', 8, 8],
  ['large 503', 3, 3],
  ['broken 503', 8, 8],
  ['endless', 0, 30],
  ['429', 4, 4],
  ['refused', 4, 80],
  ['oversized', 3, 3],
  ['circle', 1, 1],
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
  for (const [fate, ofPrimaries, ofCopies] of SHARES) {
    const share = attempt === 0 ? ofPrimaries : ofCopies;
    if (left < share) return fate;
    left -= share;
  }
  return 'good';
}

/** How long a late answer takes. */
export function lateMs(call: number, attempt: number): number {
  return 20 + 130 * chance(call, 10 + attempt);
}

/** How long a server thinks before it refuses or breaks off: half of the time so long that a copy is out by then. */
export function thinksMs(call: number, attempt: number): number {
  return chance(call, 40 + attempt) < 0.5 ? 0 : lateMs(call, attempt) / 2;
}

const REFUSALS = { http: [400, 401, 403, 404, 409, 410, 412, 423], grpc: [3, 5, 6, 7, 9, 16] } as const;

/** What it is refused with. */
export function refusalOf(call: number, attempt: number, protocol: keyof typeof REFUSALS): number {
  const statuses = REFUSALS[protocol];
  return statuses[Math.floor(chance(call, 50 + attempt) * statuses.length)] ?? statuses[0];
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

/** The same at length, of a large or broken 503: mostly within what clients keep of a body, or a little more than some do; now and then more than any. */
export function tiradeOf(call: number, attempt: number): Buffer {
  const size = chance(call, 60 + attempt);
  return Buffer.alloc(chance(call, 70 + attempt) < 0.1 ? 1_100_000 + 400_000 * size : 200 + 200_000 * size ** 2, `${complaintOf(call, attempt)}. `);
}

/** How the body of a broken 503 is framed. Unframed ones end with their connection: then clients take what has come for all of it, however that ended. */
export function framingOf(call: number, attempt: number): 'unframed' | 'by length' | 'in chunks' {
  const framing = chance(call, 80 + attempt);
  return framing < 0.4 ? 'unframed' : framing < 0.7 ? 'by length' : 'in chunks';
}

/** Of what never ends. */
export const PIECE: Buffer = Buffer.alloc(4_096, 'and so on, ');

/**
 * When servers end a silence that nobody else has ended: late enough for one that is forgotten to be found, but soon where losers
 * are let to finish.
 */
export function silenceMs(isDrained: boolean): number {
  return isDrained ? 1_000 : 60_000;
}

/** A request with this header comes from a client that lets losers finish. */
export const DRAINED = 'x-drained';
