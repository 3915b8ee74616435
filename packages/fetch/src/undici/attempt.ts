import type { AttemptContext } from '@hedgerow/core';
import type { UnwantedStream, Until } from '@hedgerow/core/adapter';
import type { Connection, ExpectedRequest } from '../attempt/connections.js';
import type { DispatchController, DispatchHandler, DispatchOptions, ResponseHeaders } from './types.js';

/** How much of a body is read on while its response waits for its rival. A connection is never paused for that: undici ends the process if such a one breaks off. */
const MOST_KEPT_BYTES = 1_048_576;

/** To whom an attempt reports. */
export interface AttemptHost {
  /** How far a body is read before its attempt is judged; `undefined`: not at all. */
  readonly until: Until | undefined;
  /** The caller's own. */
  readonly handler: DispatchHandler;
  /** What the caller's handler sees. */
  readonly controller: DispatchController;
  /** An attempt is about to be written to its connection. */
  onStarted(attempt: DispatchAttempt): void;
  /** Whether it is this attempt's request that the caller's handler has been told of. */
  isShown(attempt: DispatchAttempt): boolean;
  /** The race is over for an attempt that is under way. */
  onLost(attempt: DispatchAttempt): void;
}

type Event = (handler: DispatchHandler, controller: DispatchController) => void;

/**
 * One physical request. What undici tells of it is kept until it has won, then handed on in order, and live from there; of a
 * loser it is dropped.
 */
export class DispatchAttempt implements DispatchHandler, ExpectedRequest, UnwantedStream {
  readonly isHedge: boolean;
  readonly method: string;
  readonly path: string;
  /** Of the base URL that it was steered to. */
  readonly origin: string | undefined;
  connection: Connection | undefined = undefined;
  /** The dispatcher will not say any more. */
  hasEnded = false;
  controller: DispatchController | undefined;
  /** What undici and its interceptors tell of the request: redirects, for example. */
  context: unknown;
  statusCode: number | undefined;
  headers: ResponseHeaders = {};
  error: unknown;
  /** Resolves when the response has come as far as it is raced to. */
  readonly outcome: Promise<DispatchAttempt>;
  readonly #host: AttemptHost;
  readonly #attempt: AttemptContext;
  #resolve!: (attempt: DispatchAttempt) => void;
  #reject!: (error: unknown) => void;
  #state: 'kept' | 'shown' | 'dropped' = 'kept';
  #events: Event[] = [];
  #bytes = 0;
  #isHandingOn = false;
  /** Whether it has waited for its rivals. Then its connection is read up to the bound, whoever pauses: it may have little left to say but its end. */
  #isReadOn = false;
  /** What is called when it cannot be kept any longer. */
  #giveUpKeeping: (() => void) | undefined;
  #onEnded: (() => void) | undefined;
  /** The caller's handler knows how it ended. */
  #isOver = false;

  constructor(host: AttemptHost, attempt: AttemptContext, { method, path }: DispatchOptions) {
    this.#host = host;
    this.#attempt = attempt;
    this.isHedge = attempt.isHedge;
    this.method = method;
    this.path = path;
    this.origin = attempt.steered?.origin;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    attempt.addEventListener('abort', () => this.#onLost());
  }

  // What undici tells

  onRequestStart(controller: DispatchController, context: unknown): void {
    if (this.#attempt.aborted) {
      this.#reject(this.#attempt.reason ?? abortError());
      throw abortError(); // not by its controller: that would destroy a connection on which nothing has been sent
    }
    this.controller = controller;
    this.context = context;
    this.connection = undefined;
    this.#host.onStarted(this);
  }

  onResponseStarted(): void {
    this.#tell((handler) => handler.onResponseStarted?.());
  }

  onResponseStart(controller: DispatchController, statusCode: number, headers: ResponseHeaders, statusMessage?: string): void {
    this.controller = controller;
    const tell: Event = (handler, own) => handler.onResponseStart?.(own, statusCode, headers, statusMessage);
    if (statusCode < 200 && this.#state === 'kept' && this.#host.isShown(this)) {
      return tell(this.#host.handler, this.#host.controller); // no answer yet, but news that may be of use at once
    }
    this.#tell(tell);
    if (statusCode < 200) return;
    this.statusCode = statusCode;
    this.headers = headers;
    if (this.#host.until === undefined) this.#resolve(this);
  }

  onResponseData(_controller: DispatchController, chunk: Uint8Array): void {
    this.#tell((handler, own) => handler.onResponseData?.(own, chunk));
    this.#bytes += chunk.length;
    if (this.#state === 'shown' && this.#host.controller.paused) this.pause();
    if (this.#state !== 'kept') return;
    if (this.#bytes > MOST_KEPT_BYTES) this.#giveUpKeeping?.();
    const { until } = this.#host;
    if (until === 'firstChunk' || (typeof until === 'function' && (until(chunk, this) || this.#bytes > MOST_KEPT_BYTES))) this.#resolve(this);
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
    this.#giveUpKeeping?.();
  }

  // What becomes of it

  /** Its outcome may not win, and waits for its rivals; `giveUp` says that it cannot any longer. */
  keep(giveUp: () => void): void {
    this.#isReadOn = true;
    if (this.error === undefined && (this.hasEnded || this.#bytes <= MOST_KEPT_BYTES)) this.#giveUpKeeping = giveUp;
    else giveUp();
  }

  /** It is what the caller gets: his handler is told what has come, and what comes from now on. */
  show(): void {
    this.#state = 'shown';
    this.#giveUpKeeping = undefined;
    if (this.#host.controller.paused) this.pause();
    this.resume();
  }

  pause(): void {
    const isReadOn = this.#isReadOn && this.#bytes <= MOST_KEPT_BYTES;
    if (!this.hasEnded && !isReadOn) this.controller?.pause();
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
    if (this.#events.length === 0 && !this.#host.controller.paused && !this.hasEnded) this.controller?.resume();
  }

  /** The caller does not want it any more, or cannot be told of it. */
  giveUp(reason: unknown): void {
    this.#state = 'shown';
    this.#events = [];
    if (!this.hasEnded) this.controller?.abort(reason);
    if (!this.#isOver) this.onResponseError(undefined, reason ?? abortError());
    this.drop();
  }

  /** Nobody will be told of it. */
  drop(): void {
    this.#state = 'dropped';
    this.#events = [];
    this.#giveUpKeeping = undefined;
  }

  /** Resolves when it has been read to its end; `undefined` if it has been already. */
  drain(): Promise<void> | undefined {
    if (this.hasEnded) return undefined;
    this.controller?.resume();
    return new Promise((resolve) => (this.#onEnded = resolve));
  }

  cancel(): void {
    if (!this.hasEnded) this.controller?.abort(this.#reason());
  }

  #reason(): unknown {
    const { controller } = this.#host;
    if (controller.aborted) return controller.reason;
    return this.#attempt.aborted ? this.#attempt.reason : abortError();
  }

  #onLost(): void {
    this.drop();
    if (this.controller !== undefined && !this.hasEnded) this.#host.onLost(this);
  }

  #end(): void {
    this.hasEnded = true;
    this.#onEnded?.();
  }

  #tell(event: Event): void {
    const { handler, controller } = this.#host;
    if (this.#state === 'dropped') return;
    if (this.#state === 'kept' || this.#events.length > 0 || (this.#isReadOn && controller.paused)) this.#events.push(event);
    else event(handler, controller);
  }

  #handOn(): void {
    const { handler, controller } = this.#host;
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
