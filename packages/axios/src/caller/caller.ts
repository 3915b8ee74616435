import axios, { type CancelToken, type GenericAbortSignal, type InternalAxiosRequestConfig } from 'axios';
import { safeGet } from '../safe-access.js';

/** What every CancelToken of axios has, though its types do not say so. */
interface Subscribable {
  readonly reason?: unknown;
  subscribe(listener: (reason: unknown) => void): void;
  unsubscribe(listener: (reason: unknown) => void): void;
}

/**
 * The caller's ways to give up, as one signal: `config.signal` itself where that is all there is, else a signal that follows it
 * and `config.cancelToken`, and lets go of both when the call is over.
 */
export class Caller {
  /** Most requests have no way to be given up. */
  static readonly nobody: Caller = new Caller(undefined);
  readonly signal: AbortSignal | undefined;
  private readonly release: (() => void) | undefined;
  private followsBody = false;

  private constructor(signal: AbortSignal | undefined, release?: () => void) {
    this.signal = signal;
    this.release = release;
  }

  /** `undefined` if what was given is no signal or no token: clients refuse that before they send anything. What is falsy they ignore. */
  static of({ signal, cancelToken }: InternalAxiosRequestConfig): Caller | undefined {
    if (!cancelToken) {
      if (!signal) return Caller.nobody;
      if (signal instanceof AbortSignal) return new Caller(signal);
    }
    if (signal && typeof safeGet(signal, 'addEventListener') !== 'function') return undefined;
    if (cancelToken && typeof safeGet(cancelToken, 'subscribe') !== 'function') return undefined;
    return Caller.following(isGiven(signal) ? signal : undefined, isGiven(cancelToken) ? (cancelToken as CancelToken & Subscribable) : undefined);
  }

  /** Keeps following until the body of what was delivered has ended. Returns what ends that. */
  followBody(): () => void {
    this.followsBody = true;
    return () => this.release?.();
  }

  /** Lets go when the call is settled, unless a body is still being read. */
  during<T>(call: Promise<T>): Promise<T> {
    const { release } = this;
    if (release === undefined) return call;
    return call.finally(() => {
      if (!this.followsBody) release();
    });
  }

  private static following(signal: GenericAbortSignal | undefined, token: (CancelToken & Subscribable) | undefined): Caller {
    const controller = new AbortController();
    const onSignal = (): void => controller.abort((signal as Partial<AbortSignal> | undefined)?.reason);
    const onToken = (reason: unknown): void => controller.abort(reason);
    if (signal?.aborted) onSignal();
    else signal?.addEventListener?.('abort', onSignal);
    // Before any attempt subscribes: a token calls its newest listener first, so an attempt sees the token's own error.
    token?.subscribe(onToken);
    return new Caller(controller.signal, () => {
      // A token that is cancelled walks its list of listeners, and forgets them by itself.
      if (token?.reason === undefined) token?.unsubscribe(onToken);
      signal?.removeEventListener?.('abort', onSignal);
    });
  }
}

/**
 * What Node's client of axios says of something that is no signal or no token. It is not left to say it: axios 1.7 trips over its own
 * complaint, and the call never settles.
 */
export function refusal(config: InternalAxiosRequestConfig): Error {
  const { signal, cancelToken } = config;
  if (isGiven(cancelToken) && typeof safeGet(cancelToken, 'subscribe') !== 'function') return new TypeError('config.cancelToken.subscribe is not a function');
  return safeGet(signal, 'aborted') ? new axios.CanceledError(undefined, undefined, config) : new TypeError('config.signal.addEventListener is not a function');
}

/** Clients ignore what is falsy. */
function isGiven<T>(value: T | undefined): value is T & object {
  return Boolean(value);
}
