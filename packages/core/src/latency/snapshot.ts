import type { RaceUntil } from '../call.js';
import { complaint } from '../options/validate.js';
import type { BucketCounts } from './kaplan-meier.js';
import { MOST_BUCKET, LEAST_BUCKET, toPairs } from './window.js';

/** What is raced to, as it stands in a snapshot. */
const RACES: readonly RaceUntil[] = ['headers', 'firstChunk', 'until', 'body'];
/** Names of routes and origins are no longer than this. */
export const MOST_KEY_LENGTH = 4_096;
/** Numbers in all lists of a snapshot together: some megabytes of JSON. */
export const MOST_NUMBERS = 500_000;
const MOST_COUNT = 2 ** 32 - 1;
/** Quantiles that a distribution remembers. */
const MOST_ESTIMATES = 16;
const MOST_MS = 1e10;
/** The last day that a Date can hold. */
const MOST_EPOCH_MS = 8.64e15;

/**
 * The latency memory of a Hedger, to carry over a restart: made by `snapshot()`, taken by `restore()`. Plain data, for
 * `JSON.stringify`. Take it as opaque; its version says which shape it has.
 */
export interface LatencySnapshot {
  readonly version: 1;
  /** When it was made, in milliseconds since the epoch. */
  readonly savedAtMs: number;
  readonly origins: readonly SavedOrigin[];
  /** The least recently used first. */
  readonly routes: readonly SavedRoute[];
}

/** What the routes of an origin have in common. */
export interface SavedOrigin extends SavedLatency {
  readonly origin: string;
  readonly raceUntil: RaceUntil;
}

/** One route. */
export interface SavedRoute extends SavedLatency {
  readonly key: string;
  /** Index of its origin. */
  readonly origin: number;
}

/** A distribution, as lists of pairs. */
export interface SavedLatency {
  /** Logarithmic bucket and number of primaries that settled in it, by bucket. */
  readonly events: readonly number[];
  /** Bucket and number of primaries that were cut short in it. */
  readonly censored: readonly number[];
  /** Quantile and its last estimate in milliseconds. */
  readonly estimates: readonly number[];
}

/**
 * Checks what may come from anywhere. Only own members are looked at, nothing is copied by name, and lists are measured before
 * they are read.
 *
 * @throws TypeError or RangeError that names what is wrong.
 */
export function checkSnapshot(value: unknown, maxKeys: number, mostNumbers: number = MOST_NUMBERS): LatencySnapshot {
  const snapshot = members('snapshot', value, ['version', 'savedAtMs', 'origins', 'routes']);
  if (snapshot.version !== 1) fail('snapshot.version', '1', snapshot.version);
  checkRange('snapshot.savedAtMs', snapshot.savedAtMs, 'milliseconds since the epoch', 0, MOST_EPOCH_MS);
  const origins = list('snapshot.origins', snapshot.origins, maxKeys);
  const routes = list('snapshot.routes', snapshot.routes, maxKeys);
  const count = { numbers: 0, most: mostNumbers };
  for (const [index, item] of origins.entries()) {
    const path = `snapshot.origins[${index}]`;
    const { origin, raceUntil, ...latency } = members(path, item, ['origin', 'raceUntil', 'events', 'censored', 'estimates']);
    checkKey(`${path}.origin`, origin);
    if (!RACES.some((race) => race === raceUntil)) fail(`${path}.raceUntil`, RACES.map((race) => `"${race}"`).join(' or '), raceUntil);
    checkLatency(path, latency, count);
  }
  for (const [index, item] of routes.entries()) {
    const path = `snapshot.routes[${index}]`;
    const { key, origin, ...latency } = members(path, item, ['key', 'origin', 'events', 'censored', 'estimates']);
    checkKey(`${path}.key`, key);
    checkInteger(`${path}.origin`, origin, 'the index of an origin', 0, origins.length - 1);
    checkLatency(path, latency, count);
  }
  checkDistinct('snapshot.routes', routes, ({ key }) => String(key));
  checkDistinct('snapshot.origins', origins, ({ origin, raceUntil }) => `${String(origin)} ${String(raceUntil)}`);
  return snapshot as unknown as LatencySnapshot;
}

type Members = Readonly<Record<string, unknown>>;

function checkLatency(path: string, { events, censored, estimates }: Members, count: { numbers: number; readonly most: number }): void {
  const lists = { events, censored, estimates };
  for (const [name, value] of Object.entries(lists)) {
    const most = name === 'estimates' ? MOST_ESTIMATES : MOST_BUCKET - LEAST_BUCKET + 1;
    const pairs = list(`${path}.${name}`, value, 2 * most);
    if (pairs.length % 2 !== 0) failRange(`${path}.${name}`, 'a list of pairs', `${pairs.length} items`);
    count.numbers += pairs.length;
    if (count.numbers > count.most) failRange('snapshot', `no more than ${count.most} numbers`, count.numbers);
    if (name === 'estimates') checkEstimates(`${path}.${name}`, pairs);
    else checkBuckets(`${path}.${name}`, pairs);
  }
}

function checkBuckets(path: string, pairs: readonly unknown[]): void {
  let least = LEAST_BUCKET;
  for (let index = 0; index < pairs.length; index += 2) {
    const bucket = checkInteger(`${path}[${index}]`, pairs[index], 'a bucket above the one before', least, MOST_BUCKET);
    checkInteger(`${path}[${index + 1}]`, pairs[index + 1], 'a count', 1, MOST_COUNT);
    least = bucket + 1;
  }
}

function checkEstimates(path: string, pairs: readonly unknown[]): void {
  let last = 0;
  for (let index = 0; index < pairs.length; index += 2) {
    const quantile = checkRange(`${path}[${index}]`, pairs[index], 'a quantile above the one before', last, 1);
    if (quantile === last || quantile === 1) failRange(`${path}[${index}]`, 'a quantile above the one before, below 1', quantile);
    checkRange(`${path}[${index + 1}]`, pairs[index + 1], 'milliseconds', 0, MOST_MS);
    last = quantile;
  }
}

function checkDistinct(path: string, items: readonly unknown[], nameOf: (item: Members) => string): void {
  const names = new Set(items.map((item) => nameOf(item as Members)));
  if (names.size < items.length) failRange(path, 'a list without repetition', `${items.length - names.size} repeated`);
}

function checkKey(path: string, value: unknown): void {
  if (typeof value !== 'string') fail(path, 'a string', value);
  else if (value.length > MOST_KEY_LENGTH) failRange(path, `a string of at most ${MOST_KEY_LENGTH} characters`, value);
}

function checkRange(path: string, value: unknown, expected: string, least: number, most: number): number {
  const range = `${expected}, ${least} to ${most}`;
  if (typeof value !== 'number') return fail(path, range, value);
  return value >= least && value <= most ? value : failRange(path, range, value);
}

function checkInteger(path: string, value: unknown, expected: string, least: number, most: number): number {
  const number = checkRange(path, value, expected, least, most);
  return Number.isInteger(number) ? number : failRange(path, `${expected}, a whole number`, value);
}

function list(path: string, value: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(value)) return fail(path, 'a list', value);
  return value.length <= most ? (value as readonly unknown[]) : failRange(path, `a list of at most ${most} items`, `${value.length} items`);
}

/** The own members of an object that has these and no others. */
function members(path: string, value: unknown, names: readonly string[]): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return fail(path, 'an object', value);
  const unknown = Object.keys(value).find((key) => !names.includes(key));
  if (unknown !== undefined) fail(path, `an object of ${names.join(', ')}`, `a member "${unknown}"`);
  const missing = names.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) fail(`${path}.${missing}`, 'there', undefined);
  return value as Members;
}

function fail(path: string, expected: string, value: unknown): never {
  throw new TypeError(complaint(path, expected, Array.isArray(value) ? {} : value));
}

function failRange(path: string, expected: string, value: unknown): never {
  throw new RangeError(complaint(path, expected, value));
}

/** What a snapshot keeps of counts and of the last known quantiles; `undefined` if that is nothing. */
export function savedLatency({ firstBucket, events, censored }: BucketCounts, estimates: ReadonlyMap<number, number | undefined>): SavedLatency | undefined {
  const known = [...estimates].flatMap(([quantile, ms]) => (ms === undefined ? [] : [[quantile, ms] as const]));
  const saved: SavedLatency = {
    events: toPairs(firstBucket, events),
    censored: toPairs(firstBucket, censored),
    estimates: known.sort(([a], [b]) => a - b).flat(),
  };
  return saved.events.length + saved.censored.length + saved.estimates.length === 0 ? undefined : saved;
}
