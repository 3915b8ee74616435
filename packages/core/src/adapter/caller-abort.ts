import type { AbortListener, CallerSignal } from '../call.js';

/** How a call is told that its caller has given it up, where the client has methods for that and no signal. It has one listener, and costs less than an AbortController. */
export class CallerAbort implements CallerSignal {
  aborted = false;
  reason: unknown = undefined;
  private listener: AbortListener | undefined = undefined;

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.listener = listener;
  }

  removeEventListener(): void {
    this.listener = undefined;
  }

  /** The first reason counts. */
  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.listener?.handleEvent();
  }
}
