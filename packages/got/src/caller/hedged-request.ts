import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { destroyBody } from '@hedgerow/core/adapter';
import { hangUp, type GotAttempt } from '../attempt/attempt.js';
import type { Timings } from '../attempt/hedge-timings.js';
import type { KeptResponse } from '../response/kept-response.js';
import { ClientRequestView } from './client-request-view.js';
import { Upload, type UploadHost } from './upload.js';

/** What the shown attempt's request emits, the request emits. */
const MIRRORED = ['socket', 'connect', 'continue', 'information', 'upgrade', 'timeout', 'drain', 'abort'] as const;

/** Phases that a hedge has behind it when its response comes; got goes on timing them on the primary's socket. */
const PASSED_PHASES: readonly unknown[] = ['lookup', 'connect', 'secureConnect', 'send', 'response'];

/** What got asks of the state of a stream, which Node does not document. */
interface StreamState {
  readonly errored?: Error | null;
}

/** What a request has to know of its call. */
export interface HedgedRequestHost extends UploadHost {
  /** got has given the request up. */
  onDestroy(error: Error | undefined): void;
  /** A timeout of got's has passed. Returns whether got will get an answer instead, which it would have had by now without hedging. */
  onTimeout(phase: string): boolean;
}

/**
 * The one request that got sees of a call. Until the race is decided it is the primary's: got writes the primary's body, sees
 * its socket and times its phases. From then on it is the winner's.
 */
export class HedgedRequest extends ClientRequestView {
  /** Set by got. */
  timings: Timings | undefined = undefined;
  res: IncomingMessage | null = null;
  aborted = false;
  destroyed = false;
  closed = false;
  errored: Error | null = null;
  /** As Node's requests have it, whatever becomes of them. */
  readonly writable = true;
  protected shown: ClientRequest | undefined = undefined;
  readonly #host: HedgedRequestHost;
  readonly #upload: Upload;
  #idleTimeoutMs: number | undefined;
  /** Where the answer that got is given came from. */
  #address: string | undefined;
  /** Whose request it ends with, once its response is got's. */
  #obeyed: GotAttempt | undefined;
  /** Whether a hedge took over from the primary. */
  #isHandedOver = false;
  #isFinished = false;

  static {
    Reflect.deleteProperty(this.prototype, 'constructor'); // it is a ClientRequest's
  }

  constructor(host: HedgedRequestHost) {
    super();
    this.#host = host;
    this.#upload = new Upload(host, () => this.#finish());
  }

  /** A connection that is closed, as the stream of an HTTP/2 request is by its end, forgets where it went. */
  get socket(): Socket | null {
    const socket = this.shown?.socket ?? null;
    if (socket === null || this.#address === undefined || socket.remoteAddress !== undefined) return socket;
    return Object.create(socket, { remoteAddress: { value: this.#address } }) as Socket;
  }

  /** Requests over HTTP/2 have one. Got asks it whether the end has failed only because the request has. */
  get _writableState(): StreamState | undefined {
    const state = (this.shown as { readonly _writableState?: StreamState } | undefined)?._writableState;
    if (state === undefined || this.errored === null) return state;
    return Object.create(state, { errored: { value: this.errored } }) as StreamState;
  }

  get writableEnded(): boolean {
    return this.#upload.isEnded;
  }

  get writableFinished(): boolean {
    return this.#isHandedOver ? this.#isFinished : (this.shown?.writableFinished ?? false);
  }

  get finished(): boolean {
    return this.writableEnded;
  }

  /** Follows an attempt that has just been sent; only the primary is shown before it has won. */
  follow({ request, isHedge }: GotAttempt): void {
    if (request === undefined || isHedge || this.res !== null) return;
    this.#show(request);
    this.#upload.begin(request);
  }

  onRequestError(attempt: GotAttempt, error: Error): void {
    if (attempt === this.#obeyed) this.destroy(error);
  }

  onRequestClosed(attempt: GotAttempt): void {
    if (attempt === this.#obeyed) this.#closeAfterIt();
  }

  /** No hedge is under way any more. */
  onAlone(): void {
    this.#upload.failWrites();
  }

  /** The race is decided: from now on this is `attempt`'s request. `broken`: its response ended badly before anybody listened. */
  settle(attempt: GotAttempt | undefined, response: IncomingMessage, broken: KeptResponse | undefined): void {
    if (this.destroyed) return destroyBody(response);
    this.res = response;
    this.#address = attempt?.address;
    const request = attempt?.request;
    if (request === undefined || request !== this.shown) {
      this.#handOver(request);
      if (this.timings !== undefined) attempt?.timings?.applyTo(this.timings);
    } else this.#upload.failWrites();
    this.#deliver(response, attempt, broken);
  }

  /** The call has failed. Got does not heed the callback of an end whose request has failed as a stream. */
  fail(error: unknown): void {
    if (this._writableState?.errored || !this.#upload.failEnd(error)) this.destroy(error as Error);
  }

  #show(request: ClientRequest): void {
    ClientRequestView.learn(request);
    for (const event of MIRRORED) {
      request.on(event, (...args: unknown[]) => {
        if (this.shown === request) this.emit(event, ...args);
      });
    }
    request.on('finish', () => {
      if (this.shown === request) this.#finish();
    });
    this.shown = request;
    if (this.#idleTimeoutMs !== undefined) request.setTimeout(this.#idleTimeoutMs);
  }

  #handOver(request: ClientRequest | undefined): void {
    this.#isHandedOver = true;
    if (request !== undefined) this.#show(request);
    this.#upload.replace();
  }

  #deliver(response: IncomingMessage, attempt: GotAttempt | undefined, broken: KeptResponse | undefined): void {
    if (this.destroyed) return;
    if (!this.emit('response', response)) response.resume();
    const end = (): void => {
      // What came with the head may have been no HTTP: the request failed before the race had told of its response.
      if (attempt?.error !== undefined) this.destroy(attempt.error);
      else if (response.destroyed && !response.readableEnded) response.emit('aborted');
      this.#obey(attempt);
    };
    if (broken === undefined) end();
    else broken.endAfter(end);
  }

  /** Ends as the request of `attempt` does, from now on. */
  #obey(attempt: GotAttempt | undefined): void {
    this.#obeyed = attempt;
    if (attempt?.request?.closed === true) this.#closeAfterIt();
  }

  #finish(): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    this.emit('finish');
  }

  write(...args: unknown[]): boolean {
    return this.#upload.write(args);
  }

  end(...args: unknown[]): this {
    this.#upload.end(args);
    return this;
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

  /**
   * An error is told at once: got must see it before it sees what closing the socket does to the response. Without one the
   * request itself says when it is gone.
   */
  destroy(error?: Error | null): this {
    if (this.destroyed || (error != null && this.#outlives(error))) return this;
    this.destroyed = true;
    const { shown } = this;
    if (error != null) this.errored = error;
    if (error != null || shown === undefined || shown.closed) this.#closeSoon();
    else shown.once('close', () => this.#closeSoon());
    this.#host.onDestroy(error ?? undefined);
    return this;
  }

  #outlives(error: Error & { readonly event?: unknown }): boolean {
    const { event } = error;
    if (typeof event !== 'string') return false;
    return (this.#isHandedOver && PASSED_PHASES.includes(event)) || this.#host.onTimeout(event);
  }

  #closeAfterIt(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    this.#closeSoon();
  }

  #closeSoon(): void {
    process.nextTick(() => {
      if (this.closed) return;
      this.closed = true;
      if (this.res === null) this.errored ??= hangUp();
      if (this.errored !== null) this.emit('error', this.errored);
      this.#upload.failAll();
      this.emit('close');
    });
  }
}
