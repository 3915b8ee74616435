import type { AbortListener, CallerSignal } from '@hedgerow/core';

/** How a call is told that its caller has given it up: grpc-js has methods for that and no signal. */
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

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.listener?.handleEvent();
  }
}
