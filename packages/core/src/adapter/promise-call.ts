import type { AttemptContext, CallerSignal, HedgeCall, HedgeRequest, Settled } from '../call.js';
import { detached } from '../common/detached.js';
import type { Reporter } from '../common/reporter.js';
import { attachInfo, type HedgeInfo } from '../info.js';
import type { HedgeOptions } from '../options/options.js';
import * as check from '../options/validate.js';

/** Longer keys are cut. */
const MOST_KEY_LENGTH = 1_000;

/** What only HTTP has. */
const HTTP_ONLY = [
  'methods',
  'idempotencyKey',
  'describe',
  'maxReplayBytes',
  'raceUntil',
  'targets',
  'route',
  'forwardCredentials',
  'stripAffinityCookies',
  'markHedges',
  'instanceHeader',
] as const;

const NAMES: readonly (keyof PromiseHedgeOptions<unknown>)[] = ['signal', 'isAcceptable', 'release', 'hedge'];

/** Starts one attempt of {@link Hedger.hedge}. */
export type StartPromise<T> = (attempt: AttemptContext) => PromiseLike<T> | T;

/** Options of a call by {@link Hedger.hedge}. */
export interface PromiseHedgeOptions<T> {
  /** The caller's own: when it aborts every attempt is aborted, and the call rejects as they do, or with its reason. Default: none. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Whether a result may win; one that may not is returned only if it is the primary's and no hedge has a better one. Default: every result. A rejection never may. A throw
   * is reported as a warning and counts as `false`; so does a promise.
   */
  readonly isAcceptable?: ((value: T) => boolean) | undefined;
  /**
   * Given every result that the caller does not get, to give back what it holds: a connection to its pool, a cursor, a file. It may return a promise, which nobody waits for.
   * A throw or rejection is reported as a warning. Default: nothing, results are left to the garbage collector.
   */
  readonly release?: ((value: T) => unknown) | undefined;
  /** How this call is hedged, over the options of the Hedger; `false`: not at all. One object for many calls is checked once. */
  readonly hedge?: Omit<HedgeOptions, (typeof HTTP_ONLY)[number]> | false | undefined;
}

/** A call by {@link Hedger.hedge}. The promise that its caller has carries what happened, since values of any kind cannot. */
class PromiseCall<T> implements HedgeCall<T> {
  readonly request: HedgeRequest;
  readonly start: HedgeCall<T>['start'];
  readonly signal: CallerSignal | undefined;
  readonly isAcceptable: HedgeCall<T>['isAcceptable'];
  readonly discard: HedgeCall<T>['discard'];
  private info: HedgeInfo | undefined = undefined;
  private promise: Promise<T> | undefined = undefined;

  constructor(key: string, start: StartPromise<T>, options: PromiseHedgeOptions<T> | undefined, reporter: Reporter) {
    this.request = { method: '', url: '', key };
    this.start = start as HedgeCall<T>['start']; // what is no promise is taken for an answer
    this.signal = options?.signal;
    this.isAcceptable = options?.isAcceptable;
    const release = options?.release;
    this.discard =
      release &&
      ((settled: Settled<T>): void => {
        if (settled.ok) reporter.tell('option `release`', () => release(settled.value));
      });
  }

  onInfo(info: HedgeInfo): void {
    this.info = info;
    if (this.promise !== undefined) attachInfo(this.promise, info);
  }

  /** @returns the promise, which will have the information when it settles; a thenable may have settled it by now. */
  follow(promise: Promise<T>): Promise<T> {
    this.promise = promise;
    if (this.info !== undefined) attachInfo(promise, this.info);
    return promise;
  }
}

/**
 * Checks the arguments of {@link Hedger.hedge}.
 *
 * @throws TypeError that names what is bad, and the reason of a signal that has been aborted.
 */
export function promiseCall<T>(key: string, start: StartPromise<T>, options: PromiseHedgeOptions<T> | undefined, reporter: Reporter): PromiseCall<T> {
  check.checkName('key', key);
  check.checkFunction('start', start);
  if (options !== undefined) checkOptions(options);
  return new PromiseCall(detached(key.slice(0, MOST_KEY_LENGTH), key), start, options, reporter);
}

function checkOptions(options: PromiseHedgeOptions<never>): void {
  check.checkObject('options', options, NAMES);
  const { signal, isAcceptable, release, hedge } = options;
  if (isAcceptable !== undefined) check.checkFunction('isAcceptable', isAcceptable);
  if (release !== undefined) check.checkFunction('release', release);
  if (typeof hedge === 'object') refuseHttpOnly(hedge);
  if (signal === undefined) return;
  if (typeof (signal as Partial<AbortSignal> | null)?.addEventListener !== 'function') check.refuse('signal', 'an AbortSignal', signal);
  signal.throwIfAborted();
}

function refuseHttpOnly(hedge: HedgeOptions): void {
  const misplaced = HTTP_ONLY.find((name) => hedge[name] !== undefined);
  if (misplaced !== undefined) throw new TypeError(`hedgerow: option \`${misplaced}\` is about HTTP, a call by \`hedge()\` has no use for it`);
}
