/** Why a call was not eligible for hedging; it was sent once, untouched. */
export type IneligibleReason =
  /** `hedge: false`. */
  | 'disabled'
  /** `mode: 'off'`. */
  | 'off'
  /** Its method is not in `methods`. */
  | 'method'
  /** The user's `describe` says that a second copy may do harm: `safe: false`. */
  | 'operation'
  /** The user's `describe` threw, or gave nothing usable. */
  | 'describe'
  /** Its body is a stream or was consumed. */
  | 'body_not_replayable'
  /** Its body is larger than `maxReplayBytes`. */
  | 'body_too_large'
  /** The user's `when` said no (or threw). */
  | 'when'
  /** `maxHedges` is 0, or an option function gave no usable answer. */
  | 'no_hedges'
  /** The Hedger was disposed. */
  | 'disposed'
  /** The client feature in use cannot be hedged. */
  | 'unsupported';

/** Why a hedge that was due was not sent. */
export type SuppressionReason =
  /** The budget was spent. */
  | 'budget_exhausted'
  /** The budget was spent, and held back because the service is out or overloaded. */
  | 'overload'
  /** Too few samples to know when a hedge is due. */
  | 'warmup'
  /** The service asked to be left alone. */
  | 'pushback'
  /** `maxConcurrentHedges` were under way. */
  | 'concurrency'
  /** It would not save enough for its load, since nothing takes much longer than the rest on this route: `worth`. */
  | 'no_gain'
  /** Copies share the fate of their primaries on this route: `efficacy`. */
  | 'no_benefit'
  /** Servers refuse the copies of this route's requests (4xx) where they answer the originals: nonces, one-time links, locks. */
  | 'refused'
  /** It would have had to wait for a connection that its own primary may hold: all of the client's pool are taken. */
  | 'connections'
  /** It was sent, and its server did not work on it, because it is busy or has the primary: see `markHedges`. */
  | 'shed'
  /** `mode: 'shadow'`: everything else would have let it go. */
  | 'shadow';

/** What happened to one call. Durations in milliseconds. */
export interface HedgeInfo {
  /** Whether the call could have been hedged. */
  readonly eligible: boolean;
  /** Why not, if not. */
  readonly ineligibleReason: IneligibleReason | undefined;
  /** Number of physical requests, the primary included. */
  readonly attempts: number;
  /** The attempt whose outcome was returned, 0 for the primary; `undefined` if none was acceptable. */
  readonly winner: number | undefined;
  /** Whether a hedge won. */
  readonly isHedge: boolean;
  /** When the first hedge was planned, counted from the start of the call; `undefined` if none was. It may be sent a little sooner, so that as many are sent as are planned. */
  readonly delayMs: number | undefined;
  /** From the start of the call to its settlement. */
  readonly durationMs: number;
  /** From each attempt's own start to its end, in order; a loser ends when it is aborted, a drained one counts up to settlement. */
  readonly attemptDurationsMs: readonly number[];
  /** Why a hedge that was due was not sent; the last reason, if there were several. */
  readonly suppressionReason: SuppressionReason | undefined;
  /** Whether two of its attempts are known to have been on one instance. Needs `instanceHeader`. */
  readonly collision?: boolean | undefined;
  /** The base URL that delivered, of those in `targets` or from `route`; `undefined` for any other URL. */
  readonly target?: string | undefined;
  /** What shared a latency distribution with this call. */
  readonly key: string;
}

/** Shared by every copy of the package, so that information attached by one is read by another. */
const INFO: unique symbol = Symbol.for('hedgerow.info') as never;

/**
 * Where clients keep what carries the information: axios and got a response, got its timings, gRPC the call that was intercepted and the metadata
 * that came with its status, undici a context, AWS metadata of an output and the response of an error.
 */
const CARRIERS = ['response', 'cause', 'timings', 'call', 'context', 'metadata', '$metadata', '$response'] as const;

type Carrier = { readonly [INFO]?: HedgeInfo } & Readonly<Partial<Record<(typeof CARRIERS)[number], unknown>>>;

/**
 * Attaches information to a response or an error, under a symbol: keys, JSON and `for … in` do not see it. A plain member,
 * because hiding it any better costs a request more than the rest of the scheduler. Values that cannot carry it are left alone.
 */
export function attachInfo(carrier: unknown, info: HedgeInfo): void {
  try {
    if (isObject(carrier)) (carrier as { [INFO]?: HedgeInfo })[INFO] = info;
  } catch {
    // It is frozen, or a proxy or a setter that does not want it.
  }
}

/**
 * Makes room for information where not even a copy of all symbols or a deep comparison may see it: {@link attachInfo} will leave it hidden.
 * Returns whether there is room now, and nothing in it.
 */
export function reserveInfo(carrier: object): boolean {
  try {
    if (memberOf(carrier, INFO) !== undefined) return false;
    return Reflect.defineProperty(carrier, INFO, { value: undefined, writable: true, configurable: true, enumerable: false });
  } catch {
    return false;
  }
}

/** Whether something carries information itself: that of another call, while its own is not settled. */
export function carriesInfo(carrier: unknown): carrier is object {
  return isObject(carrier) && memberOf(carrier, INFO) !== undefined;
}

/**
 * What hedging did for the call that this response or error came from.
 *
 * @param responseOrError - a response or error of a hedged client; an error's `response` and `cause` are looked at too.
 * @returns `undefined` if it did not pass through hedgerow.
 */
export function hedgeInfo(responseOrError: unknown): HedgeInfo | undefined {
  if (!isObject(responseOrError)) return undefined;
  const own = memberOf(responseOrError, INFO);
  if (own !== undefined) return own;
  for (const name of CARRIERS) {
    const carrier = memberOf(responseOrError, name);
    const info = isObject(carrier) ? memberOf(carrier, INFO) : undefined;
    if (info !== undefined) return info;
  }
  return undefined;
}

/** A member of whatever this is; nothing if it refuses to be asked. */
function memberOf<K extends keyof Carrier>(carrier: Carrier, name: K): Carrier[K] | undefined {
  try {
    return carrier[name];
  } catch {
    return undefined;
  }
}

/** Whether this response or error was delivered by a hedge rather than by the primary. */
export function isHedge(responseOrError: unknown): boolean {
  return hedgeInfo(responseOrError)?.isHedge ?? false;
}

function isObject(value: unknown): value is Carrier {
  return Object(value) === value;
}
