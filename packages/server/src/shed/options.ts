import type { HedgeMark } from '../request/mark.js';
import { systemClock, type ServerClock } from '../load/clock.js';
import type { ShedReason } from './decide.js';

/** What a hedge was shed for, and whose it is. */
export interface ShedEvent {
  readonly reason: ShedReason;
  readonly mark: HedgeMark;
}

/** Options of {@link shedHedges}. */
export interface ShedOptions {
  /** The share of its time that the event loop may be busy before hedges are shed: above 0, at most 1, or `false` for any. Default 0.9. */
  readonly maxUtilization?: number | false | undefined;
  /**
   * How many requests may be under way before hedges are shed: a whole number ≥ 1, `'learnt'` from how long answers take, or `false` for any number. What a request waits for counts: leave
   * long polls and streams that never end out of a learnt limit, by mounting the middleware on the other routes. Default `'learnt'`.
   */
  readonly maxInFlight?: number | 'learnt' | false | undefined;
  /** Whether the server is busy, by whatever else you know: `undefined` leaves it to the two above. A throw is reported as a warning and counts as `undefined`. Default: nothing else. */
  readonly isBusy?: ((hedge: HedgeMark) => boolean | undefined) | undefined;
  /** Whether a hedge is shed that finds another copy of its call under way in this process. Default `true`. */
  readonly collisions?: boolean | undefined;
  /**
   * Whether a request, original or hedge, is answered with 504 and without work if nobody waits for it any more when it comes to the middleware: its deadline has passed while it waited behind
   * what stands between. Mount the middleware first of all, which counts the time, and once more behind whatever makes requests wait. Default `false`.
   */
  readonly expired?: boolean | undefined;
  /** For how long a client that was told of a busy server sends it no more hedges, in milliseconds, a whole number ≥ 0. Default 200. */
  readonly pushbackMs?: number | undefined;
  /** How many calls are remembered at a time for collisions, a whole number ≥ 1; of more the oldest are forgotten. Default 10,000. */
  readonly maxCalls?: number | undefined;
  /** Told of every hedge that is shed. A throw is reported as a warning. Default: nobody. */
  readonly onShed?: ((event: ShedEvent) => void) | undefined;
  /** Time, for tests. Default: the system's. */
  readonly clock?: ServerClock | undefined;
}

/** {@link ShedOptions}, checked and completed. */
export interface ResolvedShedOptions {
  readonly maxUtilization: number;
  readonly maxInFlight: number | 'learnt';
  readonly isBusy: ShedOptions['isBusy'];
  readonly collisions: boolean;
  readonly expired: boolean;
  readonly pushbackMs: number;
  readonly maxCalls: number;
  readonly onShed: ShedOptions['onShed'];
  readonly clock: ServerClock;
}

const KNOWN: readonly string[] = [
  'maxUtilization',
  'maxInFlight',
  'isBusy',
  'collisions',
  'expired',
  'pushbackMs',
  'maxCalls',
  'onShed',
  'clock',
] satisfies (keyof ShedOptions)[];

/** @throws TypeError or RangeError that names the option, what was expected and what came. */
export function resolveOptions(options: ShedOptions): ResolvedShedOptions {
  if (typeof options !== 'object' || (options as unknown) === null || Array.isArray(options)) throw complaint(TypeError, 'options', 'an object', options);
  const unknown = Object.keys(options).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) throw new TypeError(`hedgerow: unknown option \`${unknown.slice(0, 60)}\`; known are ${KNOWN.join(', ')}`);
  const { maxUtilization = 0.9, maxInFlight = 'learnt', clock = systemClock } = options;
  return {
    maxUtilization: maxUtilization === false ? Infinity : number('maxUtilization', maxUtilization, 'a number above 0, at most 1, or false', (value) => value > 0 && value <= 1),
    maxInFlight: maxInFlight === 'learnt' ? maxInFlight : maxInFlight === false ? Infinity : whole('maxInFlight', maxInFlight, 1, ", 'learnt' or false"),
    isBusy: fn('isBusy', options.isBusy),
    collisions: flag('collisions', options.collisions ?? true),
    expired: flag('expired', options.expired ?? false),
    pushbackMs: whole('pushbackMs', options.pushbackMs ?? 200, 0),
    maxCalls: whole('maxCalls', options.maxCalls ?? 10_000, 1),
    onShed: fn('onShed', options.onShed),
    clock,
  };
}

function whole(name: string, value: unknown, least: number, others = ''): number {
  return number(name, value, `a whole number ≥ ${least}${others}`, (given) => Number.isSafeInteger(given) && given >= least);
}

function number(name: string, value: unknown, expected: string, test: (value: number) => boolean): number {
  if (typeof value !== 'number') throw complaint(TypeError, name, expected, value);
  if (!test(value)) throw complaint(RangeError, name, expected, value);
  return value;
}

function flag(name: string, value: unknown): boolean {
  if (typeof value !== 'boolean') throw complaint(TypeError, name, 'true or false', value);
  return value;
}

function fn<F>(name: string, value: F): F {
  if (value !== undefined && typeof value !== 'function') throw complaint(TypeError, name, 'a function', value);
  return value;
}

function complaint(Kind: typeof TypeError | typeof RangeError, name: string, expected: string, value: unknown): Error {
  const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : typeof value === 'object' && value !== null ? 'an object' : String(value);
  return new Kind(`hedgerow: option \`${name}\` must be ${expected}, got ${shown}`);
}
