import { ClientRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AttemptContext, RaceUntil, Resets, UnwantedStream } from '@hedgerow/core';
import type { GiveUp } from './give-up.js';
import { readAhead } from './read-ahead.js';
import type { NormalizedOptions } from 'got';
import { isPromise, isRequest } from './request-function.js';
import type { NamedArguments, RequestArguments, RequestOrResponse, ResponseCallback, SendRequest } from './request-function.js';
import { dropForeignCookies, redirectOptions, senderTo, withoutOmitted } from './steered.js';
import { Stopwatch } from './stopwatch.js';

/** How to send one physical request. */
export interface Sending {
  readonly send: SendRequest;
  /** got's final options. */
  readonly options: NormalizedOptions;
  readonly args: NamedArguments;
  /** What a hedge sends; the primary's body is written by got. */
  readonly body: string | Uint8Array | undefined;
  readonly raceUntil: RaceUntil;
  /** Aborts when got gives the call up, whatever its reason. */
  readonly signal: GiveUp;
  readonly resets: Resets;
}

/** One physical request of a call. */
export class SentAttempt implements UnwantedStream {
  readonly isHedge: boolean;
  hasEnded = false;
  /** Missing until it has been made, and for ever if the user's function gave a response straight away. */
  request: ClientRequest | undefined = undefined;
  response: IncomingMessage | undefined = undefined;
  /** What happened to the request, be it after the response has begun. */
  error: Error | undefined = undefined;
  /** Only of hedges. */
  stopwatch: Stopwatch | undefined = undefined;
  /** Resolves with the response's head, rejects with the request's own error, or with the abort's reason. */
  readonly outcome: Promise<IncomingMessage>;
  readonly #sending: Sending;
  readonly #context: AttemptContext;
  readonly #onRequest: () => void;
  #resolve!: (response: IncomingMessage) => void;
  #reject!: (error: unknown) => void;

  /** `onRequest` is told once there is a request. */
  constructor(sending: Sending, context: AttemptContext, onRequest: () => void) {
    this.isHedge = context.isHedge;
    this.#sending = sending;
    this.#context = context;
    this.#onRequest = onRequest;
    this.outcome = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    context.onAbort((reason) => this.#abort(reason));
  }

  get isAborted(): boolean {
    return this.#context.aborted;
  }

  /** @throws what the request function throws, for example for a header that HTTP does not allow. */
  start(): void {
    const { send, options } = this.#sending;
    const url = this.#context.steered?.url;
    const to = url === undefined ? undefined : new URL(url);
    const sender = to === undefined ? send : senderTo(to, options, send);
    const sent = sender(...argumentsOf(this.#sending, this.#context, to, this.#onResponse));
    if (isPromise(sent)) sent.then((made) => this.#adopt(made), this.#reject);
    else this.#adopt(sent);
  }

  cancel(): void {
    this.request?.destroy();
  }

  /** Gives up what has lost. In HTTP/2 its connection lives on, and may have to wait for that: until then the answer goes to nobody. */
  lose(): void {
    const { options, resets, signal } = this.#sending;
    if (!options.http2 || this.request === undefined || this.request instanceof ClientRequest) return this.cancel();
    const { origin } = this.#context.steered ?? {};
    const connection = origin ?? new URL(options.url ?? '').origin;
    if (signal.aborted) {
      resets.spend(connection);
      return this.cancel();
    }
    this.response?.resume();
    resets.cancel(connection, this);
  }

  /** Rejects first: whoever waits need not wait for the socket to close. */
  #abort(reason: unknown): void {
    this.#reject(reason);
    this.lose();
  }

  #adopt(made: RequestOrResponse): void {
    if (isRequest(made)) this.#watch(made);
    else this.#onResponse(made);
  }

  #watch(request: ClientRequest): void {
    this.request = request;
    request.once('response', this.#onResponse);
    // Stays: what happens to a request that has lost must not go unhandled.
    request.on('error', (error) => {
      this.error ??= error;
      this.#reject(error);
    });
    request.once('close', () => {
      this.hasEnded = true;
      if (this.response === undefined) this.#reject(hangUp()); // which the error that came before has done in most cases
    });
    if (this.#context.aborted) return void request.destroy();
    if (this.isHedge) this.stopwatch = new Stopwatch(request);
    this.#onRequest();
    if (this.isHedge) this.#sendBody(request);
  }

  #sendBody(request: ClientRequest): void {
    const { body } = this.#sending;
    if (body !== undefined) request.write(body);
    request.end();
  }

  readonly #onResponse: ResponseCallback = (response) => {
    dropForeignCookies(response, this.#context.steered, this.#sending.options);
    this.response = response;
    const { raceUntil } = this.#sending;
    if (this.#context.aborted) response.on('error', () => undefined).resume();
    else if (raceUntil === 'headers') this.#resolve(response);
    else readAhead(response, raceUntil).then(() => this.#resolve(response), this.#reject);
  };
}

/** What Node says of a request that was destroyed before its response came. */
export function hangUp(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

/**
 * The arguments of one attempt, in the form that they came in. Copying all of got's options is worth it for hedges only; of the
 * original, which the primary has, nothing but what sends it reads the headers.
 */
function argumentsOf(
  sending: Sending,
  { isHedge, headers: added, steered }: AttemptContext,
  to: URL | undefined,
  onResponse: ResponseCallback,
): RequestArguments {
  const { url, options, headers, callback } = sending.args;
  const own = isHedge ? { ...options } : options;
  const asked = headers as OutgoingHttpHeaders | undefined;
  if (isHedge || added !== undefined) own.headers = { ...(steered ? withoutOmitted(asked, steered) : asked), ...added };
  if (to !== undefined) redirectOptions(own, to, sending.options, url !== undefined);
  const callbacks = callback === undefined ? [] : [onResponse];
  return (url === undefined ? [own, ...callbacks] : [to ?? url, own, ...callbacks]) as unknown as RequestArguments;
}
