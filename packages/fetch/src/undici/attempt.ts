import type { AttemptContext, RaceUntil } from '@hedgerow/core';
import type { DispatchController, DispatchHandler, ResponseHeaders } from './types.js';

/** How much of a body is kept before it is known who won; then the connection is paused. Bodies that are raced whole are kept whole. */
const MOST_HELD_BYTES = 65_536;

/** To whom an attempt reports. */
export interface Receiver {
  readonly raceUntil: RaceUntil;
  /** The caller's own. */
  readonly handler: DispatchHandler;
  /** What the caller's handler sees. */
  readonly controller: DispatchController;
  /** An attempt is about to be written to its connection. */
  onStarted(attempt: DispatchedAttempt): void;
  /** Whether it is this attempt's request that the caller's handler has been told of. */
  isShown(attempt: DispatchedAttempt): boolean;
}

type Event = (handler: DispatchHandler, controller: DispatchController) => void;

/**
 * One physical request. What undici tells of it is kept until it has won, then handed on in order, and live from there; of a
 * loser it is dropped.
 */
export class DispatchedAttempt implements DispatchHandler {
  controller: DispatchController | undefined;
  /** What undici and its interceptors tell of the request: redirects, for example. */
  context: unknown;
  statusCode: number | undefined;
  headers: ResponseHeaders = {};
  error: unknown;
  /** Resolves when the response has come as far as it is raced to. */
  readonly outcome: Promise<DispatchedAttempt>;
  readonly #receiver: Receiver;
  readonly #attempt: AttemptContext;
  #resolve!: (attempt: DispatchedAttempt) => void;
  #reject!: (error: unknown) => void;
  #state: 'kept' | 'shown' | 'dropped' = 'kept';
  #events: Event[] = [];
  #bytes = 0;
  #isHandingOn = false;
  /** The dispatcher will not say any more. */
  #hasEnded = false;
  #onEnded: (() => void) | undefined;
  /** The caller's handler knows how it ended. */
  #isOver = false;

  constructor(receiver: Receiver, attempt: AttemptContext) {
    this.#receiver = receiver;
    this.#attempt = attempt;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    attempt.addEventListener('abort', () => this.#abort(attempt.reason));
  }

  // What undici tells

  onRequestStart(controller: DispatchController, context: unknown): void {
    this.controller = controller;
    this.context = context;
    if (this.#attempt.aborted) controller.abort(this.#attempt.reason);
    else this.#receiver.onStarted(this);
  }

  onResponseStarted(): void {
    this.#tell((handler) => handler.onResponseStarted?.());
  }

  onResponseStart(controller: DispatchController, statusCode: number, headers: ResponseHeaders, statusMessage?: string): void {
    this.controller = controller;
    const tell: Event = (handler, own) => handler.onResponseStart?.(own, statusCode, headers, statusMessage);
    if (statusCode < 200 && this.#state === 'kept' && this.#receiver.isShown(this)) {
      return tell(this.#receiver.handler, this.#receiver.controller); // no answer yet, but news that may be of use at once
    }
    this.#tell(tell);
    if (statusCode < 200) return;
    this.statusCode = statusCode;
    this.headers = headers;
    if (this.#receiver.raceUntil === 'headers') this.#resolve(this);
  }

  onResponseData(controller: DispatchController, chunk: Uint8Array): void {
    this.#tell((handler, own) => handler.onResponseData?.(own, chunk));
    if (this.#state !== 'kept') return;
    const { raceUntil } = this.#receiver;
    this.#bytes += chunk.length;
    if (this.#bytes > MOST_HELD_BYTES && raceUntil !== 'body') controller.pause();
    if (raceUntil === 'firstChunk') this.#resolve(this);
  }

  onResponseEnd(_controller: DispatchController, trailers: ResponseHeaders): void {
    this.#end();
    this.#tell((handler, own) => {
      handler.onResponseEnd?.(own, trailers);
      this.#isOver = true; // unless it throws: then undici says so by `onResponseError`
    });
    this.#resolve(this);
  }

  onResponseError(_controller: DispatchController | undefined, error: unknown): void {
    this.#end();
    this.error = error;
    this.#reject(error);
    this.#tell((handler, own) => {
      this.#isOver = true;
      handler.onResponseError?.(own, error);
    });
  }

  // What becomes of it

  /** It has won: the caller's handler gets what has come, and what comes from now on. */
  show(): void {
    this.#state = 'shown';
    this.resume();
  }

  pause(): void {
    if (!this.#hasEnded) this.controller?.pause();
  }

  /** Hands on what is kept, then what the connection has. */
  resume(): void {
    if (this.#isHandingOn) return;
    this.#isHandingOn = true;
    try {
      this.#handOn();
    } catch (error) {
      this.giveUp(error); // as undici does with what a handler throws
    } finally {
      this.#isHandingOn = false;
    }
    if (this.#events.length === 0 && !this.#receiver.controller.paused && !this.#hasEnded) this.controller?.resume();
  }

  /** The caller does not want it any more. */
  giveUp(reason: unknown): void {
    this.#events = [];
    if (!this.#hasEnded) this.controller?.abort(reason);
    if (!this.#isOver) this.onResponseError(undefined, reason ?? abortError());
    this.#state = 'dropped';
  }

  /** Nobody wants it. Resolves when it has been read to its end, if it is. */
  discard(isDraining: boolean): Promise<void> | undefined {
    this.#state = 'dropped';
    this.#events = [];
    if (this.#hasEnded) return undefined;
    if (isDraining) {
      this.controller?.resume();
      return new Promise((resolve) => (this.#onEnded = resolve));
    }
    this.controller?.abort(abortError());
    return undefined;
  }

  /** The race is over for it; its own error is what it comes to. */
  #abort(reason: unknown): void {
    this.#state = 'dropped';
    this.#events = [];
    this.controller?.abort(reason);
  }

  #end(): void {
    this.#hasEnded = true;
    this.#onEnded?.();
  }

  #tell(event: Event): void {
    if (this.#state === 'kept' || this.#events.length > 0) this.#events.push(event);
    else if (this.#state === 'shown') event(this.#receiver.handler, this.#receiver.controller);
  }

  #handOn(): void {
    const { handler, controller } = this.#receiver;
    for (let told = 0; told < this.#events.length; told++) {
      if (controller.paused) return void this.#events.splice(0, told);
      this.#events[told]?.(handler, controller);
    }
    this.#events = [];
  }
}

/** What undici would say. */
export function abortError(): DOMException {
  return new DOMException('This operation was aborted', 'AbortError');
}
