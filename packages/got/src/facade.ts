import type { ClientRequest, IncomingMessage } from 'node:http';
import { hangUp, type SentAttempt } from './attempt.js';
import { ClientRequestView } from './client-request.js';
import type { Timings } from './stopwatch.js';

/** What the shown attempt's request emits, the facade emits. */
const MIRRORED = ['socket', 'connect', 'continue', 'information', 'upgrade', 'timeout'] as const;

/** Phases that a hedge has behind it when its response comes; got goes on timing them on the primary's socket. */
const PASSED_PHASES: readonly unknown[] = ['lookup', 'connect', 'secureConnect', 'send', 'response'];

type Callback = (error?: Error | null) => void;

/**
 * The one request that got sees of a call. Until the race is decided it is the primary's: got writes the primary's body, sees
 * its socket and times its phases. From then on it is the winner's.
 */
export class HedgedRequest extends ClientRequestView {
  /** Set by got. */
  timings: Timings | undefined;
  res: IncomingMessage | null = null;
  aborted = false;
  protected shown: ClientRequest | undefined;
  readonly #onDestroy: (error: Error | undefined) => void;
  #idleTimeoutMs: number | undefined;
  /** Whether a hedge took over from the primary. */
  #isHandedOver = false;
  /** The step of writing the body that waits for the primary. */
  #step: { readonly run: (request: ClientRequest) => void; readonly release: () => void } | undefined;

  constructor(onDestroy: (error: Error | undefined) => void) {
    // As with Node's own: 'close' comes when the response has ended, and strings go out as they are.
    super({ autoDestroy: false, decodeStrings: false });
    this.#onDestroy = onDestroy;
  }

  /** Follows an attempt that has just been sent; only the primary is shown before it has won. */
  follow({ request, isHedge }: SentAttempt): void {
    if (request === undefined) return;
    for (const event of MIRRORED) {
      request.on(event, (...args: unknown[]) => {
        if (this.shown === request) this.emit(event, ...args);
      });
    }
    if (isHedge || this.res !== null) return;
    this.shown = request;
    if (this.#idleTimeoutMs !== undefined) request.setTimeout(this.#idleTimeoutMs);
    this.#step?.run(request);
  }

  /** The race is decided: from now on this is `attempt`'s request. */
  settle(attempt: SentAttempt | undefined, response: IncomingMessage): void {
    if (this.destroyed) return void response.destroy();
    this.res = response;
    const request = attempt?.request;
    if (attempt === undefined || request === undefined) return this.#deliver(response);
    request.on('error', (error) => this.destroy(error));
    request.once('close', () => this.destroy());
    if (request === this.shown) return this.#deliver(response, attempt);
    this.#handOver(request);
    const deliver = (): void => {
      if (this.timings !== undefined) attempt.stopwatch?.applyTo(this.timings);
      this.#deliver(response, attempt);
    };
    if (this.writableEnded && !this.writableFinished) this.once('finish', deliver);
    else deliver();
  }

  #handOver(request: ClientRequest): void {
    this.#isHandedOver = true;
    this.shown = request;
    if (this.#idleTimeoutMs !== undefined) request.setTimeout(this.#idleTimeoutMs);
    this.#step?.release(); // the winner has the whole body
  }

  #deliver(response: IncomingMessage, attempt?: SentAttempt): void {
    if (this.destroyed) return;
    if (!this.emit('response', response)) response.resume();
    // What came with the head may have been no HTTP: the request failed before the race had told of its response.
    if (attempt?.error !== undefined) return void this.destroy(attempt.error);
    // It may have been kept, as the primary's failure, until its server gave up waiting to be read.
    if (response.destroyed && !response.readableEnded) response.emit('aborted');
  }

  override _write(chunk: unknown, encoding: BufferEncoding, callback: Callback): void {
    this.#forward((request, done) => void request.write(chunk, encoding, done), callback);
  }

  override _final(callback: Callback): void {
    this.#forward((request, done) => void request.end(done), callback);
  }

  /** Takes one step with the primary. If that fails, a hedge may still win: the race will tell. */
  #forward(step: (request: ClientRequest, done: Callback) => void, callback: Callback): void {
    if (this.#isHandedOver) return callback();
    const release = (): void => {
      if (this.#step !== waiting) return;
      this.#step = undefined;
      callback();
    };
    const run = (request: ClientRequest): void => {
      if (!request.destroyed) step(request, (error) => (error ? undefined : release()));
    };
    const waiting = { run, release };
    this.#step = waiting;
    if (this.shown !== undefined) run(this.shown);
  }

  setTimeout(ms: number, callback?: () => void): this {
    this.#idleTimeoutMs = ms;
    if (callback !== undefined) this.once('timeout', callback);
    this.shown?.setTimeout(ms);
    return this;
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    process.nextTick(() => this.emit('abort'));
    this.destroy();
  }

  override destroy(error?: Error): this {
    if (this.#isHandedOver && error !== undefined && PASSED_PHASES.includes((error as { event?: unknown }).event)) return this;
    return super.destroy(error);
  }

  /**
   * An error is told at once: got must see it before it sees what closing the socket does to the response. Without one the
   * request itself says when it is gone.
   */
  override _destroy(error: Error | null, callback: Callback): void {
    const { shown } = this;
    if (error !== null || shown === undefined || shown.closed) this.#onClosed(error, callback);
    else shown.once('close', () => this.#onClosed(null, callback));
    this.#onDestroy(error ?? undefined);
  }

  #onClosed(error: Error | null, callback: Callback): void {
    callback(error ?? (this.res === null ? hangUp() : null));
  }
}
