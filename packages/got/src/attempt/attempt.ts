import { ClientRequest, type IncomingMessage } from 'node:http';
import type { AttemptContext } from '@hedgerow/core';
import { destroyBody, type UnwantedStream } from '@hedgerow/core/adapter';
import { isPromise, isRequest } from '../request/request-function.js';
import type { RequestOrResponse, ResponseCallback } from '../request/request-function.js';
import { readAhead } from '../response/read-ahead.js';
import { hasArrived, isStream } from '../response/stream.js';
import { argumentsOf } from './arguments.js';
import { HedgeTimings } from './hedge-timings.js';
import type { AttemptSetup } from './setup.js';
import { dropForeignCookies, senderTo } from './steered.js';
import type { NormalizedOptions } from 'got';

/** What an attempt tells its call, and asks of it. */
export interface AttemptHost {
  /** There is a request. */
  onRequest(attempt: GotAttempt): void;
  /** It has failed, be it after its response has begun. */
  onFailed(attempt: GotAttempt): void;
  /** Its request has told of an error. */
  onRequestError(attempt: GotAttempt, error: Error): void;
  /** Its request is gone. */
  onRequestClosed(attempt: GotAttempt): void;
  /** Whether its request or its response is another attempt's too: a request function may give one out twice. */
  isShared(attempt: GotAttempt): boolean;
}

/** One physical request of a call. */
export class GotAttempt implements UnwantedStream {
  readonly isHedge: boolean;
  hasEnded = false;
  /** Whether it may still come to an outcome. */
  isOut = true;
  /** Missing until it has been made, and for ever if the user's function gave a response straight away. */
  request: ClientRequest | undefined = undefined;
  response: IncomingMessage | undefined = undefined;
  /** Where its answer came from: connections forget that when they are closed. */
  address: string | undefined = undefined;
  /** What happened to the request, be it after the response has begun. */
  error: Error | undefined = undefined;
  /** What it failed with if its request was closed, and nothing else was said of it. */
  closedEarly: Error | undefined = undefined;
  /** Only of hedges. */
  timings: HedgeTimings | undefined = undefined;
  /** Resolves with the response's head, rejects with the request's own error, or with the abort's reason. */
  readonly outcome: Promise<IncomingMessage>;
  readonly #setup: AttemptSetup;
  readonly #context: AttemptContext;
  readonly #host: AttemptHost;
  #isCancelled = false;
  #resolve!: (response: IncomingMessage) => void;
  #reject!: (error: unknown) => void;

  constructor(setup: AttemptSetup, context: AttemptContext, host: AttemptHost) {
    this.isHedge = context.isHedge;
    this.#setup = setup;
    this.#context = context;
    this.#host = host;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    context.onAbort((reason) => this.#abort(reason));
  }

  get isAborted(): boolean {
    return this.#context.aborted;
  }

  /** What the request function throws, for example for a header that HTTP does not allow, is how the attempt ends. */
  start(): void {
    const { send, options } = this.#setup;
    const url = this.#context.steered?.url;
    const to = url === undefined ? undefined : new URL(url);
    const sender = to === undefined ? send : senderTo(to, options, send);
    try {
      const sent = sender(...argumentsOf(this.#setup, this.#context, to, this.#onResponse));
      if (isPromise(sent)) sent.then((made) => this.#adopt(made)).then(undefined, this.fail);
      else this.#adopt(sent);
    } catch (error) {
      this.fail(error);
    }
  }

  /** It will come to nothing. What it has left open is closed, for the primary by got. */
  readonly fail = (error: unknown): void => {
    const wasOut = this.isOut;
    this.isOut = false;
    this.#reject(error);
    if (wasOut && this.isHedge) this.cancel();
    this.#host.onFailed(this);
  };

  /** Closes what it holds. */
  cancel(): void {
    if (this.#isCancelled) return;
    this.#isCancelled = true;
    if (this.#host.isShared(this)) return;
    this.close();
    if (this.response?.destroyed === false) destroyBody(this.response);
  }

  /** Closes its request. A function of the user's may give out one that cannot be closed. */
  close(error?: Error): void {
    try {
      this.request?.destroy(error);
    } catch {
      // Nobody waits for it any more.
    }
  }

  /** Gives up what has lost. In HTTP/2 its connection lives on, and may have to wait for that: until then the answer goes to nobody. */
  lose(): void {
    const { options, resets, signal } = this.#setup;
    if (!options.http2 || this.request === undefined || this.request instanceof ClientRequest) return this.cancel();
    const { origin } = this.#context.steered ?? {};
    const connection = origin ?? new URL(options.url ?? '').origin;
    // As got would have closed it; copies of it are not worth the connection.
    if (signal.aborted && !this.isHedge) {
      resets.spend(connection);
      return this.cancel();
    }
    this.response?.resume();
    resets.cancel(connection, this);
  }

  /** Rejects first: whoever waits need not wait for the socket to close. */
  #abort(reason: unknown): void {
    if (isConnecting(this.request)) this.#context.notSent();
    this.isOut = false;
    this.#reject(reason);
    this.lose();
  }

  #adopt(made: RequestOrResponse): void {
    if (isRequest(made)) this.#watch(made);
    // One that was sent before is the primary's, and answers that: to take it for a response, as got does, would win with nothing.
    else if (this.isHedge && made instanceof ClientRequest) this.fail(hangUp());
    else this.#onResponse(made);
  }

  #watch(request: ClientRequest): void {
    this.request = request;
    request.on('response', this.#onResponse);
    // Stays: what happens to a request that has lost must not go unhandled.
    request.on('error', (error) => {
      if (!isAfterwards(error, this.response)) {
        this.error ??= error;
        this.fail(error);
      }
      this.#host.onRequestError(this, error);
    });
    request.on('close', () => {
      this.hasEnded = true;
      // Requests over HTTP/2 close before they tell of their error.
      if (this.response === undefined && this.isOut) this.fail(request.errored ?? (this.closedEarly = hangUp()));
      this.#host.onRequestClosed(this);
    });
    if (this.#context.aborted) return this.cancel();
    if (this.isHedge) this.timings = new HedgeTimings(request);
    this.#host.onRequest(this);
    if (this.isHedge) this.#sendBody(request);
  }

  #sendBody(request: ClientRequest): void {
    const { body } = this.#setup;
    const onDone = (error?: Error | null): void => {
      if (error) this.fail(error);
    };
    // In the form in which got does it: the user's requests may know no other.
    if (body !== undefined) request.write(body, undefined as never, onDone);
    request.end(onDone);
  }

  readonly #onResponse: ResponseCallback = (response) => {
    if (this.response !== undefined) return;
    dropForeignCookies(response, this.#context.steered, this.#setup.options);
    this.response = response;
    this.address = this.request?.socket?.remoteAddress;
    const { until } = this.#setup;
    if (this.#context.aborted) this.#throwAway(response);
    else if (until === undefined || isFollowed(response, this.#setup.options)) this.#win(response);
    else readAhead(response, until).then(() => this.#win(response), this.fail);
  };

  #win(response: IncomingMessage): void {
    this.isOut = false;
    this.#resolve(response);
  }

  /** It came after the abort: a stream of HTTP/2 may wait for being reset. */
  #throwAway(response: IncomingMessage): void {
    if (this.#host.isShared(this)) return;
    if (this.request === undefined) destroyBody(response);
    else if (isStream(response)) response.on('error', () => undefined).resume();
  }
}

/** What Node says of a request that was destroyed before its response came. */
export function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

/** Whether a connection was reset that had done its work: the response is here to its last byte. */
function isAfterwards({ code }: NodeJS.ErrnoException, response: IncomingMessage | undefined): boolean {
  return (code === 'ECONNRESET' || code === 'EPIPE') && isStream(response) && hasArrived(response);
}

/** Whether nothing of a request has gone out: it has no connection yet. Those of HTTP/2 have one before they are made. */
function isConnecting(request: ClientRequest | undefined): boolean {
  return request instanceof ClientRequest && (request.socket === null || request.socket.connecting);
}

/** got looks at nothing but the head of what redirects it. */
function isFollowed(response: unknown, { followRedirect }: NormalizedOptions): boolean {
  const { statusCode = 0, headers } = (response ?? {}) as Partial<IncomingMessage>;
  return followRedirect !== false && REDIRECTS.has(statusCode) && typeof headers?.location === 'string';
}

const REDIRECTS: ReadonlySet<number> = new Set([300, 301, 302, 303, 304, 307, 308]);
