import type { IncomingMessage } from 'node:http';
import type { AttemptContext, Settled } from '@hedgerow/core';
import { drainBody } from '@hedgerow/core/adapter';
import { hasRoom } from '../attempt/agent-pool.js';
import { hangUp, GotAttempt, type AttemptHost } from '../attempt/attempt.js';
import type { AttemptSetup } from '../attempt/setup.js';
import { HedgedRequest, type HedgedRequestHost } from '../caller/hedged-request.js';
import { KeptResponse } from '../response/kept-response.js';
import { hasArrived, isStream } from '../response/stream.js';
import { noteInfo } from './info.js';

/** What got is given: the one request that stands for all attempts, or a promise while there is none yet. */
export type HedgedAnswer = HedgedRequest | Promise<HedgedRequest | IncomingMessage>;

/** The primary's outcome while hedges are out that may do better. */
interface KeptOutcome {
  readonly settled: Settled<IncomingMessage>;
  readonly giveUp: () => void;
  response: KeptResponse | undefined;
}

/** Stands between the Hedger, which sees a call of several attempts, and got, which sees one request. */
export class Attempts implements AttemptHost, HedgedRequestHost {
  readonly #setup: AttemptSetup;
  readonly #attempts: GotAttempt[] = [];
  readonly #hedgedRequest: HedgedRequest = new HedgedRequest(this);
  /** Hands got what it waits for; missing while got waits for nothing. */
  #give: ((answer: HedgedRequest | PromiseLike<IncomingMessage>) => void) | undefined;
  #isSettled = false;
  #kept: KeptOutcome | undefined;
  /** Whose request is got's once the race is decided. */
  #decisive: GotAttempt | undefined;
  #failure: unknown;

  constructor(setup: AttemptSetup) {
    this.#setup = setup;
    const { callback } = setup.template.own;
    if (callback !== undefined) this.#hedgedRequest.once('response', callback);
  }

  get hasRival(): boolean {
    return this.#attempts.some(({ isHedge, isOut }) => isHedge && isOut);
  }

  /** Sends one attempt; resolves with the head of its response. */
  start(context: AttemptContext): Promise<IncomingMessage> {
    const attempt = new GotAttempt(this.#setup, context, this);
    this.#attempts.push(attempt);
    attempt.start();
    return attempt.outcome;
  }

  /** got's own functions answer with a promise for HTTP/2, the user's may do so, or with a response. */
  answer(outcome: Promise<IncomingMessage>): HedgedAnswer {
    const isReady = this.#attempts[0]?.request !== undefined;
    const answer = isReady ? this.#hedgedRequest : new Promise<HedgedRequest | IncomingMessage>((resolve) => (this.#give = resolve));
    outcome.then(
      (response) => this.#onDelivered(response, outcome),
      (error: unknown) => this.#onLost(error, outcome),
    );
    return answer;
  }

  /** Whether a hedge would find a connection now, rather than wait for the primary's. */
  hasRoom(): boolean {
    return hasRoom(this.#attempts[0]?.request);
  }

  /** The primary has failed, and got may still learn of it. `giveUp` settles the call with that. */
  keep(settled: Settled<IncomingMessage>, giveUp: () => void): void {
    const kept: KeptOutcome = { settled, giveUp, response: undefined };
    this.#kept = kept;
    if (!settled.ok || !isStream(settled.value)) return;
    kept.response = new KeptResponse(settled.value, giveUp);
  }

  /**
   * Closes the response of an attempt that has lost or failed. One that is read to its end leaves its connection for the next
   * request; that costs nothing where all of it is here, and else is for those who have asked for it.
   *
   * @returns a promise for the end of that.
   */
  discard(response: IncomingMessage): Promise<void> | undefined {
    this.#keptOf(response)?.release(false);
    const attempt = this.#attemptOf(response);
    const isDrained = this.#setup.drainLosers && attempt?.isAborted === false;
    if (isStream(response) && (isDrained || hasArrived(response))) return drainBody(response);
    attempt?.lose();
    return undefined;
  }

  // What attempts tell

  onRequest(attempt: GotAttempt): void {
    this.#hedgedRequest.follow(attempt);
    this.#give?.(this.#hedgedRequest);
    this.#give = undefined;
  }

  onFailed(attempt: GotAttempt): void {
    if (!attempt.isHedge && this.#kept?.response !== undefined) {
      this.#kept.response.breakOff();
      this.#kept.giveUp();
    }
    if (attempt.isHedge && !this.hasRival) this.#hedgedRequest.onAlone();
  }

  onRequestError(attempt: GotAttempt, error: Error): void {
    this.#hedgedRequest.onRequestError(attempt, error);
  }

  onRequestClosed(attempt: GotAttempt): void {
    this.#hedgedRequest.onRequestClosed(attempt);
  }

  isShared(attempt: GotAttempt): boolean {
    const { request, response } = attempt;
    return this.#attempts.some(
      (other) =>
        other !== attempt &&
        !other.isAborted &&
        ((request !== undefined && other.request === request) || (response !== undefined && other.response === response)),
    );
  }

  // What got does to its request

  onEndFailed(error: Error): boolean {
    if (this.#isSettled) return false;
    const [primary] = this.#attempts;
    primary?.fail(primary.request?.errored ?? error);
    return true;
  }

  /** Without hedging a kept outcome would have been got's own long ago; it would only wait for the rest of a body. */
  onTimeout(phase: string): boolean {
    if (this.#kept === undefined || this.#isSettled) return false;
    const { settled, giveUp } = this.#kept;
    if (settled.ok && phase !== 'response' && !hasArrived(settled.value)) return false;
    giveUp();
    return true;
  }

  onDestroy(error: Error | undefined): void {
    if (!this.#isSettled) return this.#setup.signal.abort(error ?? hangUp());
    (this.#decisive ?? this.#attempts[0])?.close(error === this.#failure ? undefined : error);
  }

  // How it ends

  #onDelivered(response: IncomingMessage, outcome: Promise<IncomingMessage>): void {
    this.#isSettled = true;
    this.#decisive = this.#attemptOf(response);
    for (const attempt of this.#attempts) if (attempt.error !== undefined && attempt !== this.#decisive) attempt.cancel();
    noteInfo(response, this.#hedgedRequest);
    const keptResponse = this.#keptOf(response);
    if (keptResponse === undefined) return this.#handOut(response, outcome);
    const isBroken = keptResponse.isBroken || this.#decisive?.error !== undefined;
    keptResponse.release(isBroken);
    // A stream takes a turn to learn that nobody reads it any more.
    process.nextTick(() => this.#handOut(response, outcome, isBroken ? keptResponse : undefined));
  }

  #handOut(response: IncomingMessage, outcome: Promise<IncomingMessage>, broken?: KeptResponse): void {
    if (this.#give === undefined) return tell(() => this.#hedgedRequest.settle(this.#decisive, response, broken));
    this.#give(outcome);
    broken?.endAfter(() => undefined);
  }

  #onLost(error: unknown, outcome: Promise<IncomingMessage>): void {
    this.#isSettled = true;
    this.#failure = error;
    noteInfo(error, this.#hedgedRequest);
    const closedEarly = this.#attempts[0]?.closedEarly;
    if (this.#give !== undefined) this.#give(outcome);
    else if (closedEarly !== undefined && error === closedEarly) tell(() => this.#hedgedRequest.emit('close')); // all that got would have heard
    else tell(() => this.#hedgedRequest.fail(error));
  }

  /** What this response was kept by, if it was. It is no more. */
  #keptOf(response: IncomingMessage): KeptResponse | undefined {
    const kept = this.#kept;
    if (kept?.response === undefined || !kept.settled.ok || kept.settled.value !== response) return undefined;
    this.#kept = undefined;
    return kept.response;
  }

  #attemptOf(response: IncomingMessage): GotAttempt | undefined {
    return this.#attempts.find((attempt) => attempt.response === response);
  }
}

/** What a listener throws is an uncaught exception, as with Node's own requests, and not the rejection of a promise. */
function tell(emit: () => void): void {
  try {
    emit();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
