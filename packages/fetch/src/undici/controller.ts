import type { AbortListener, CallerSignal } from '@hedgerow/core';
import type { DispatchController } from './types.js';

/** What a controller acts on. */
export interface ControllerHost {
  /** The controller of the attempt that the caller's handler has been told of. */
  readonly shown: DispatchController | undefined;
  abort(reason: unknown): void;
  pause(): void;
  resume(): void;
}

/**
 * The one controller that the caller's handler sees, whichever attempt stands behind it. To the race it is the caller's signal. What
 * is paused before the winner is known stays paused.
 */
export class CallController implements DispatchController, CallerSignal {
  aborted = false;
  paused = false;
  reason: unknown = null;
  readonly #host: ControllerHost;
  #listener: AbortListener | undefined;

  constructor(host: ControllerHost) {
    this.#host = host;
  }

  get rawHeaders(): unknown {
    return this.#host.shown?.rawHeaders ?? null;
  }

  set rawHeaders(headers: unknown) {
    if (this.#host.shown !== undefined) this.#host.shown.rawHeaders = headers;
  }

  get rawTrailers(): unknown {
    return this.#host.shown?.rawTrailers ?? null;
  }

  set rawTrailers(trailers: unknown) {
    if (this.#host.shown !== undefined) this.#host.shown.rawTrailers = trailers;
  }

  abort(reason?: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason ?? null;
    this.#host.abort(reason);
    this.#listener?.handleEvent();
  }

  pause(): void {
    this.paused = true;
    this.#host.pause();
  }

  resume(): void {
    this.paused = false;
    this.#host.resume();
  }

  addEventListener(_type: 'abort', listener: AbortListener): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }
}
