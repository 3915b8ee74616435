import type { AbortListener, CallerSignal } from '@hedgerow/core';

/** How a call is told that got has given it up: an AbortController is dear, and this one has one listener. */
export class CallerAbort implements CallerSignal {
  aborted = false;
  reason: unknown = undefined;
  #listener: AbortListener | undefined;

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }

  abort(reason: unknown): void {
    this.aborted = true;
    this.reason = reason;
    this.#listener?.handleEvent();
  }
}
