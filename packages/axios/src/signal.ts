import type { AxiosAdapter, GenericAbortSignal } from 'axios';
import type { AttemptContext } from '@hedgerow/core';

type Listener = (this: QuietSignal, event: { readonly type: 'abort' }) => void;

/** Whether this is one of axios' own adapters, which take any signal that axios documents. Others may insist on the platform's. */
export function takesAnySignal(adapter: AxiosAdapter): boolean {
  return 'adapterName' in adapter;
}

/**
 * A signal for the first attempt of a call. The platform's AbortSignal costs a request some 5 % of its time, and most calls
 * never abort anything; this one stays apart from the attempt's real signal until something might.
 */
export class QuietSignal implements GenericAbortSignal {
  aborted = false;
  reason: unknown = undefined;
  private readonly attempt: AttemptContext;
  private listeners: readonly Listener[] = [];
  private isFollowing = false;

  constructor(attempt: AttemptContext) {
    this.attempt = attempt;
  }

  addEventListener(_type: 'abort', listener: Listener): void {
    this.listeners = [...this.listeners, listener];
  }

  removeEventListener(_type: 'abort', listener: Listener): void {
    this.listeners = this.listeners.filter((other) => other !== listener);
  }

  /** From now on the attempt may be aborted: a hedge starts, or the call's time is up. */
  follow(): void {
    if (this.isFollowing) return;
    this.isFollowing = true;
    const { signal } = this.attempt;
    if (signal.aborted) this.abort(signal.reason);
    else signal.addEventListener('abort', () => this.abort(signal.reason), { once: true });
  }

  private abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    const { listeners } = this;
    this.listeners = [];
    for (const listener of listeners) listener.call(this, { type: 'abort' });
  }
}
