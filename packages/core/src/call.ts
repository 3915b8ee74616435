import type { HedgeInfo, IneligibleReason } from './info.js';

/** What is raced: it is part of the latency key, because headers and whole bodies arrive at different times. `'until'`: up to a chunk that a function picks. */
export type RaceUntil = 'headers' | 'firstChunk' | 'until' | 'body';

/** A plain description of a request: all that decisions look at. */
export interface HedgeRequest {
  /** HTTP method, any case; empty in a call by {@link Hedger.hedge}. */
  readonly method: string;
  /** Absolute URL, query included; empty in a call by {@link Hedger.hedge}. */
  readonly url: string;
  /** What a call by {@link Hedger.hedge} is called: its route, and its origin too. Such a call is no request, and its caller says that a copy does no harm. */
  readonly key?: string | undefined;
  /** Looks a request header up by its lower-case name. */
  readonly header?: (name: string) => string | undefined;
  /** The body, if there is one. */
  readonly body?: RequestBody | undefined;
  /** What is asked for: part of the route. By option `describe`, or an adapter that knows; every other option function sees it. */
  readonly operation?: string | undefined;
  /** Whether a second copy does no harm, whatever the method says. By option `describe`, or an adapter that knows. */
  readonly safe?: boolean | undefined;
  /** What spans of its attempts say beside the usual. By option `describe`, or an adapter that knows. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
  /** The remote procedure, if it is a call of one: it names the route, instead of the path of `url`. */
  readonly rpc?: RemoteProcedure | undefined;
  /** Names the route instead of the path of `url`: begins with `/`, and holds no ids. */
  readonly routeName?: string | undefined;
  /** What shares a budget instead of the origin of `url`: a cluster of which any node answers. Scheme, host and port of one of them. */
  readonly origin?: string | undefined;
}

/** A remote procedure by name. */
export interface RemoteProcedure {
  /** What carries the call, in the words of OpenTelemetry's `rpc.system`. */
  readonly system: 'grpc' | 'connect_rpc';
  /** Full name of the service, package included. */
  readonly service: string;
  readonly method: string;
}

/** What a decision needs to know of a request body. */
export interface RequestBody {
  /** Whether it can be sent again byte for byte (a string or a buffer; not a stream). */
  readonly replayable: boolean;
  /** Its length in bytes; `undefined` if unknown. */
  readonly bytes?: number | undefined;
  /** What is sent, as text in UTF-8; `undefined` if it is not known, or none. Made whenever it is asked for. */
  readonly text?: (() => string | undefined) | undefined;
}

/** How an attempt ended: what its promise did. */
export type Settled<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown };

/** One physical request, as the function that starts it sees it. */
export interface AttemptContext {
  /** 0 is the primary, 1 and up are hedges. */
  readonly number: number;
  /** Whether this is a backup copy. */
  readonly isHedge: boolean;
  /** Milliseconds between the start of the call and the start of this attempt. */
  readonly delayMs: number;
  /** Aborts when this attempt has lost, or the caller gave up. Made on first use: a signal costs more than the rest of a call. */
  readonly signal: AbortSignal;
  /** Calls `listener` with the reason when this attempt is aborted, at once if it has been. Cheaper than `signal`. */
  onAbort(listener: (reason: unknown) => void): void;
  /**
   * With the members below an attempt is itself the least that clients ask of a signal, at no further cost. Whether it has been aborted.
   */
  readonly aborted: boolean;
  /** What it was aborted with. */
  readonly reason: unknown;
  /** Calls `listener` when this attempt is aborted; never, if it has been already. */
  addEventListener(type: 'abort', listener: AttemptListener): void;
  removeEventListener(type: 'abort', listener: AttemptListener): void;
  /** Says, when it is aborted, that nothing of it had gone out: its connection was still being made. Then its server knows nothing of it. */
  notSent(): void;
  /** Headers to send beside the request's own: what tracing wants, and what sets this hedge apart. Lower-case names. */
  readonly headers: Readonly<Record<string, string>> | undefined;
  /** How this attempt differs from what the caller asked for; `undefined`: by `headers` alone. */
  readonly steered?: Steered | undefined;
}

/**
 * Where a hedge goes and what it must not carry. An adapter sends the attempt to `url` (instead of its own URL, base URL, query
 * and socket path), takes away the headers that it `omits`, and only then adds the attempt's `headers`.
 */
export interface Steered {
  /** Absolute URL with its query; `undefined`: the request's own. */
  readonly url: string | undefined;
  /** The base URL that was chosen; of a primary the one that its URL is below. */
  readonly target: string | undefined;
  /** Scheme, host and port of `target`. */
  readonly origin: string | undefined;
  /** Whether it goes to another origin than the primary. Cookies that it answers are not the primary's. */
  readonly isForeign: boolean;
  /** Whether it must carry no credentials by any other way either, such as a client's `auth` option. */
  readonly withoutCredentials: boolean;
  /** Whether it must not carry a header of this name, in any case. Ask for every header of the request, also for those that the client adds. */
  readonly omits: (header: string) => boolean;
  /** Already among the attempt's own `headers`. */
  readonly headers: Readonly<Record<string, string>> | undefined;
}

/** Told that an attempt is aborted, as a signal's listener is: `this` is the attempt. */
export type AttemptListener = (this: AttemptContext, event: { readonly type: 'abort' }) => void;

/** The part of an AbortSignal that is used of a caller's: adapters whose clients have none can do with less. */
export interface CallerSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(type: 'abort', listener: AbortListener): void;
  removeEventListener(type: 'abort', listener: AbortListener): void;
}

/** Told that a {@link CallerSignal} has aborted. */
export interface AbortListener {
  handleEvent(): void;
}

/**
 * One logical request of the user, as an adapter hands it to {@link Hedger.run}. What its members throw is said once, as a process warning, and the call
 * settles all the same.
 *
 * @typeParam T - what an attempt resolves to.
 */
export interface HedgeCall<T> {
  /** What is asked for. */
  readonly request: HedgeRequest;
  /**
   * Starts one attempt. Called at once for the primary, later for each hedge, always in the async context in which the call was made. Must
   * stop when `attempt.signal` aborts. A throw counts as a rejection.
   */
  readonly start: (attempt: AttemptContext) => PromiseLike<T>;
  /** Runs a call that is not eligible, through the client's own path. Default: `start` with a plain primary. */
  readonly bypass?: ((reason: IneligibleReason) => PromiseLike<T>) | undefined;
  /** The caller's own signal. Its listener is removed when the body of what was returned has ended (see `whenReleased`). */
  readonly signal?: CallerSignal | undefined;
  /** What `start` resolves on. Default `'body'`. */
  readonly raceUntil?: RaceUntil | undefined;
  /** Whether a value may win, before option `accept` is asked. Default: by its status, if it has one, else every value. */
  readonly isAcceptable?: ((value: T) => boolean) | undefined;
  /** HTTP status of an outcome, be it a value or an error that carries a response; of a remote procedure the code of its status. */
  readonly statusOf?: ((settled: Settled<T>) => number | undefined) | undefined;
  /** A response header (lower-case name) of an outcome. */
  readonly headerOf?: ((settled: Settled<T>, name: string) => string | undefined) | undefined;
  /**
   * What a failed attempt's server says about further copies, where that is not a `Retry-After` header: milliseconds to wait
   * before the next, `Infinity` for none of this call. `undefined`: nothing.
   */
  readonly pushbackMsOf?: ((settled: Settled<T>) => number | undefined) | undefined;
  /**
   * Frees what a loser that settled anyway holds: destroys its body, or drains it. A promise that it returns is for the end of that:
   * if it takes longer than option `losers` allows, the attempt is aborted. Never asked for the very object that the caller gets, if two attempts share it.
   */
  readonly discard?: ((settled: Settled<T>) => unknown) | undefined;
  /**
   * The primary's outcome may not win, and is kept because a hedge may still do better. Reads what it holds within a bound, so that its
   * connection does not stand still, and the caller misses nothing of it later. Calls `giveUp` when it cannot be kept any longer:
   * it is larger than that, or breaks off. Then the call settles with it at once.
   */
  readonly keep?: ((settled: Settled<T>, giveUp: () => void) => void) | undefined;
  /**
   * Whether a hedge could be sent now, to where it is steered, instead of waiting in the client's own pool for a connection that its primary may
   * hold. `false` suppresses the hedge. Default: it could.
   */
  readonly hasRoom?: ((steered: Steered | undefined) => boolean) | undefined;
  /**
   * Calls `release` once the body of what the call resolved with, whether or not it won, has ended, failed or been closed: until then it
   * obeys the caller's signal. Default: at once.
   */
  readonly whenReleased?: ((value: T, release: () => void) => void) | undefined;
  /** Told what happened, just before the call settles: then nothing is attached to the value that it resolves with. */
  readonly onInfo?: ((info: HedgeInfo) => void) | undefined;
  /** The client's own error for an exceeded `timeoutMs`. Default: {@link HedgeTimeoutError}. */
  readonly timeoutError?: ((timeoutMs: number) => unknown) | undefined;
}
