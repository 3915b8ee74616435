import type { IncomingMessage } from 'node:http';
import type { AttemptContext, Settled } from '@hedgerow/core';
import { drainBody } from '@hedgerow/core/adapter';
import { hangUp, SentAttempt, type AttemptHost } from './attempt.js';
import { HedgedRequest, type FacadeHost } from './facade.js';
import { hasArrived, HeldResponse, isStream } from './held-response.js';
import { noteInfo } from './info.js';
import { hasRoom } from './room.js';
import type { Sending } from './sending.js';

/** What got is given: the one request that stands for all attempts, or a promise while there is none yet. */
export type RacedAnswer = HedgedRequest | Promise<HedgedRequest | IncomingMessage>;

/** The primary's outcome while hedges are out that may do better. */
interface Kept {
  readonly settled: Settled<IncomingMessage>;
  readonly giveUp: () => void;
  held: HeldResponse | undefined;
}

/** Stands between the Hedger, which sees a call of several attempts, and got, which sees one request. */
export class RacedCall implements AttemptHost, FacadeHost {
  readonly #sending: Sending;
  readonly #attempts: SentAttempt[] = [];
  readonly #facade: HedgedRequest = new HedgedRequest(this);
  /** Hands got what it waits for; missing while got waits for nothing. */
  #give: ((answer: HedgedRequest | PromiseLike<IncomingMessage>) => void) | undefined;
  #isSettled = false;
  #kept: Kept | undefined;
  /** Whose request is got's once the race is decided. */
  #decisive: SentAttempt | undefined;
  #failure: unknown;

  constructor(sending: Sending) {
    this.#sending = sending;
    const { callback } = sending.args.own;
    if (callback !== undefined) this.#facade.once('response', callback);
  }

  get hasRival(): boolean {
    return this.#attempts.some(({ isHedge, isOut }) => isHedge && isOut);
  }

  /** Sends one attempt; resolves with the head of its response. */
  start(context: AttemptContext): Promise<IncomingMessage> {
    const attempt = new SentAttempt(this.#sending, context, this);
    this.#attempts.push(attempt);
    attempt.start();
    return attempt.outcome;
  }

  /** got's own functions answer with a promise for HTTP/2, the user's may do so, or with a response. */
  answer(outcome: Promise<IncomingMessage>): RacedAnswer {
    const isReady = this.#attempts[0]?.request !== undefined;
    const answer = isReady ? this.#facade : new Promise<HedgedRequest | IncomingMessage>((resolve) => (this.#give = resolve));
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
    const kept: Kept = { settled, giveUp, held: undefined };
    this.#kept = kept;
    if (!settled.ok || !isStream(settled.value)) return;
    kept.held = new HeldResponse(settled.value, giveUp);
  }

  /**
   * Closes the response of an attempt that has lost or failed. One that is read to its end leaves its connection for the next
   * request; that costs nothing where all of it is here, and else is for those who have asked for it.
   *
   * @returns a promise for the end of that.
   */
  discard(response: IncomingMessage): Promise<void> | undefined {
    this.#heldOf(response)?.release(false);
    const attempt = this.#attemptOf(response);
    const isDrained = this.#sending.drainLosers && attempt?.isAborted === false;
    if (isStream(response) && (isDrained || hasArrived(response))) return drainBody(response);
    attempt?.lose();
    return undefined;
  }

  // What attempts tell

  onRequest(attempt: SentAttempt): void {
    this.#facade.follow(attempt);
    this.#give?.(this.#facade);
    this.#give = undefined;
  }

  onFailed(attempt: SentAttempt): void {
    if (!attempt.isHedge && this.#kept?.held !== undefined) {
      this.#kept.held.breakOff();
      this.#kept.giveUp();
    }
    if (attempt.isHedge && !this.hasRival) this.#facade.onAlone();
  }

  onRequestError(attempt: SentAttempt, error: Error): void {
    this.#facade.onRequestError(attempt, error);
  }

  onRequestClosed(attempt: SentAttempt): void {
    this.#facade.onRequestClosed(attempt);
  }

  isShared(attempt: SentAttempt): boolean {
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
    if (!this.#isSettled) return this.#sending.signal.abort(error ?? hangUp());
    (this.#decisive ?? this.#attempts[0])?.close(error === this.#failure ? undefined : error);
  }

  // How it ends

  #onDelivered(response: IncomingMessage, outcome: Promise<IncomingMessage>): void {
    this.#isSettled = true;
    this.#decisive = this.#attemptOf(response);
    for (const attempt of this.#attempts) if (attempt.error !== undefined && attempt !== this.#decisive) attempt.cancel();
    noteInfo(response, this.#facade);
    const held = this.#heldOf(response);
    if (held === undefined) return this.#handOut(response, outcome);
    const isBroken = held.isBroken || this.#decisive?.error !== undefined;
    held.release(isBroken);
    // A stream takes a turn to learn that nobody reads it any more.
    process.nextTick(() => this.#handOut(response, outcome, isBroken ? held : undefined));
  }

  #handOut(response: IncomingMessage, outcome: Promise<IncomingMessage>, broken?: HeldResponse): void {
    if (this.#give === undefined) return asEvent(() => this.#facade.settle(this.#decisive, response, broken));
    this.#give(outcome);
    broken?.endAfter(() => undefined);
  }

  #onLost(error: unknown, outcome: Promise<IncomingMessage>): void {
    this.#isSettled = true;
    this.#failure = error;
    noteInfo(error, this.#facade);
    const closedEarly = this.#attempts[0]?.closedEarly;
    if (this.#give !== undefined) this.#give(outcome);
    else if (closedEarly !== undefined && error === closedEarly) asEvent(() => this.#facade.emit('close')); // all that got would have heard
    else asEvent(() => this.#facade.fail(error));
  }

  /** What this response was kept by, if it was. It is no more. */
  #heldOf(response: IncomingMessage): HeldResponse | undefined {
    const kept = this.#kept;
    if (kept?.held === undefined || !kept.settled.ok || kept.settled.value !== response) return undefined;
    this.#kept = undefined;
    return kept.held;
  }

  #attemptOf(response: IncomingMessage): SentAttempt | undefined {
    return this.#attempts.find((attempt) => attempt.response === response);
  }
}

/** What a listener throws is an uncaught exception, as with Node's own requests, and not the rejection of a promise. */
function asEvent(emit: () => void): void {
  try {
    emit();
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
