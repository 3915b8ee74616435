import type { HedgeRequest, RaceUntil } from '../call.js';
import type { HedgeInfo } from '../info.js';
import type { Delay } from './delays.js';

/** What `accept` may look at. */
export interface AttemptResult {
  readonly request: HedgeRequest;
  /** 0 is the primary. */
  readonly attempt: number;
  /** HTTP status, if a response came; for gRPC the status code. */
  readonly status: number | undefined;
  /** What the attempt resolved to; for axios the response, for got the incoming message. */
  readonly response: unknown;
  /** What the attempt rejected with. */
  readonly error: unknown;
  /** A response header by its lower-case name. */
  readonly header: (name: string) => string | undefined;
  /** What hedgerow would decide by itself. */
  readonly acceptable: boolean;
}

/** What `onHedge` is told. */
export interface HedgeEvent {
  readonly request: HedgeRequest;
  readonly key: string;
  /** The number of the hedge being launched, from 1. */
  readonly number: number;
  /** Milliseconds since the call started. */
  readonly delayMs: number;
  /** Whether it is not sent, because of `mode: 'shadow'`. */
  readonly isShadow: boolean;
  /** The base URL it goes to, by `targets` or `route`; `undefined`: where its primary went. */
  readonly target: string | undefined;
}

/** What `onComplete` is told. */
export interface CompleteEvent extends HedgeInfo {
  readonly request: HedgeRequest;
  /** HTTP status of the outcome, if any; for gRPC the status code. */
  readonly status: number | undefined;
  /** What the call rejects with, if it does. */
  readonly error: unknown;
}

/** What `route` may look at. */
export interface RouteContext {
  readonly request: HedgeRequest;
  /** The number of the hedge, from 1. */
  readonly number: number;
  /** Base URLs of the attempts so far, the primary's first; `undefined` for one that went to none of the `targets`. */
  readonly tried: readonly (string | undefined)[];
  /** Attempts of this Hedger under way at a base URL. */
  readonly inFlight: (target: string) => number;
}

/** Losers may finish within this time. */
export interface DrainLosers {
  /** From the end of the call, or of the attempt whose body nobody reads, in milliseconds. > 0. */
  readonly drainMs: number;
}

/** What is asked for by a request, by a {@link Describe}. */
export interface RequestDescription {
  /** Its name: requests of one name share a route of their own. No ids: `latency.maxKeys` routes are remembered. 200 characters count. Default: none, the route is that of the URL. */
  readonly operation?: string | undefined;
  /** Whether a second copy does no harm: `true` hedges it whatever its method, `false` never. Default: its method says. */
  readonly safe?: boolean | undefined;
  /** For the spans of its attempts, by the names of a convention. Default: none. */
  readonly attributes?: Readonly<Record<string, string>> | undefined;
}

/** Says what a request asks for; `undefined`: nothing that its method and URL do not say. `request.body.text()` is what will be sent. */
export type Describe = (request: HedgeRequest) => RequestDescription | undefined;

/** Options that a single call may override. */
export interface HedgeOptions {
  /** When to hedge. Default `{ quantile: 1 − 0.9 × budget ratio }`, 0.91. */
  readonly delay?: Delay | undefined;
  /**
   * What a hedge must save to be worth its load, where the delay is a quantile or a goal: of the time that late requests still have left, the share that an
   * independent copy is expected to save, by the route's own latency. Where it saves less, hedges wait for the first later delay where it saves enough; if there is
   * none they are not sent (`no_gain`). 0 to 1, default 0.2; 0 hedges whatever is late.
   */
  readonly worth?: number | undefined;
  /** Hedges per call, the primary not counted. Integer 0 to 10. Default: the number of delays listed, else 1. */
  readonly maxHedges?: number | undefined;
  /** Methods that may be hedged, any case. Default GET, HEAD, OPTIONS, TRACE, QUERY. */
  readonly methods?: readonly string[] | undefined;
  /** Also hedge any method whose request has an `Idempotency-Key` header; a 409 then never wins. Default `false`. */
  readonly idempotencyKey?: boolean | undefined;
  /**
   * Says what a request asks for, where its method and URL do not: a query or a mutation of GraphQL, a procedure. Asked once per call, before `when` and `latency.key`, which see what it
   * said; not asked about what cannot be sent twice by its body. A throw or a bad answer is reported as a warning, and the call is not hedged. See `@hedgerow/core/describe`. Default: none.
   */
  readonly describe?: Describe | undefined;
  /** Limits hedging to requests it returns `true` for. A throw is reported as a warning and counts as `false`. */
  readonly when?: ((request: HedgeRequest) => boolean) | undefined;
  /** Largest body that is sent again, in bytes. Integer ≥ 0. Default 1 MiB. */
  readonly maxReplayBytes?: number | undefined;
  /**
   * Whether an outcome may win. Default: any response below 500 except 408, 425 and 429; of a hedge no 4xx that the route's primaries are
   * not seen to give too. A throw is reported as a warning and hedgerow's own rule decides; a promise is no answer: then no hedge wins.
   */
  readonly accept?: ((result: AttemptResult) => boolean) | undefined;
  /** Launch the next hedge at once when every attempt so far has failed (within the budget). Default `false`. */
  readonly hedgeOnFailure?: boolean | undefined;
  /**
   * What happens to losers: `'abort'` closes them at once; `'drain'` lets them finish, so that their sockets survive, and aborts what has
   * not ended 10 s after the call; `{ drainMs }` sets another limit, > 0. Default `'abort'`.
   */
  readonly losers?: 'abort' | 'drain' | DrainLosers | undefined;
  /** Bounds an eligible call over all its attempts, in milliseconds. > 0. Default: none, the client's own timeout rules. */
  readonly timeoutMs?: number | undefined;
  /** Chance that a planned hedge is launched at all, in (0, 1] (SingleR; Kaler et al., SPAA 2017). Default 1. */
  readonly probability?: number | undefined;
  /**
   * What adapters that can choose race to: `'headers'`, `'firstChunk'` of the body (or its end), the chunk that `{ until }` picks, or the whole `'body'`. Default: the
   * adapter's own, `'headers'` where it can choose.
   */
  readonly raceUntil?: Exclude<RaceUntil, 'until'> | UntilChunk | undefined;
  /**
   * `'shadow'`: everything is decided, counted and reported, and no hedge is sent. `'off'`: calls go through the client's own
   * path, unhedged. Default `'on'`.
   */
  readonly mode?: 'on' | 'shadow' | 'off' | undefined;
  /**
   * Base URLs of servers that answer the same requests. A hedge of a request below one of them goes to another one: of those not
   * tried by its call the one with the fewest attempts under way. The primary goes where the caller says. 1 to 100 different
   * URLs, http or https, without user information and query. Default: hedges go where their primary goes.
   */
  readonly targets?: readonly string[] | undefined;
  /**
   * Chooses the base URL of a hedge; it replaces the target that the request's URL is below, else its origin. `undefined` leaves
   * the choice to `targets`. A throw or an unusable URL is reported as a warning and counts as `undefined`.
   */
  readonly route?: ((attempt: RouteContext) => string | undefined) | undefined;
  /**
   * Whether a hedge to another origin carries the request's credentials: Authorization, Cookie and other headers that hold some by
   * their names, user information in the URL. Without them its 3xx, 401, 403 and 407 never win, and a request whose query holds
   * credentials is hedged where its primary went. Default `false`.
   */
  readonly forwardCredentials?: boolean | undefined;
  /**
   * Leaves the cookies out of hedges by which load balancers send a client back to the same server: `true` for those that are
   * well known, or a list of names, where `*` at the end stands for any ending. Default `false`, because such a cookie may carry
   * the session itself, and the answer may bind the client to the hedge's server.
   */
  readonly stripAffinityCookies?: boolean | readonly string[] | undefined;
  /**
   * Tells servers which requests are hedges, so that they may drop them first. `true`: header `hedge` of every attempt, primaries too, with its number, the call's random id,
   * its delay and what is left of `timeoutMs` (`attempt=1;id=c5d0b…;delay=23;left=900`), which `@hedgerow/server` understands. A name: this header, of hedges alone, with
   * their number. Default `false`.
   */
  readonly markHedges?: boolean | string | undefined;
  /**
   * Response header that names the instance which answered, such as `x-served-by`; any case. Copies answered by one instance,
   * or a route that only one answers, let hedging pause sooner. Default: none.
   */
  readonly instanceHeader?: string | undefined;
  /** Called when a hedge is launched. */
  readonly onHedge?: ((event: HedgeEvent) => void) | undefined;
  /** Called when an eligible call is settled. */
  readonly onComplete?: ((event: CompleteEvent) => void) | undefined;
}

/**
 * Whether the race of an attempt ends with this chunk of its body.
 *
 * @param chunk - as it came: it may begin and end anywhere.
 * @param stream - the same object for all chunks of one body, and for no others: what to remember between chunks belongs to it.
 */
export type ChunkPredicate = (chunk: Uint8Array, stream: object) => boolean;

/** A race up to the chunk that somebody waits for, such as the first token of a model. */
export interface UntilChunk {
  /**
   * Asked of each chunk of a body until it says `true`: `firstToken()` and `firstEvent()` are ready made. The race of an attempt also ends with its body, and after
   * 1 MiB without a `true` (of Node's streams with what they buffer, 64 KiB where nobody says otherwise). All that was read is left in the body of whoever wins. A throw is reported as a warning, and
   * counts as `true`; so does a promise.
   */
  readonly until: ChunkPredicate;
}
