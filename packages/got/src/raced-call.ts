import type { IncomingMessage } from 'node:http';
import { drainBody, type AttemptContext } from '@hedgerow/core';
import { hangUp, SentAttempt, type Sending } from './attempt.js';
import { HedgedRequest } from './facade.js';
import { noteInfo } from './info.js';

/** What got is given: the one request that stands for all attempts, or a promise while there is none yet. */
export type RacedAnswer = HedgedRequest | Promise<HedgedRequest | IncomingMessage>;

/** Stands between the Hedger, which sees a call of several attempts, and got, which sees one request. */
export class RacedCall {
  readonly #sending: Sending;
  readonly #attempts: SentAttempt[] = [];
  readonly #facade: HedgedRequest = new HedgedRequest((error) => this.#giveUp(error));
  /** Hands got what it waits for; missing while got waits for nothing. */
  #give: ((answer: HedgedRequest | PromiseLike<IncomingMessage>) => void) | undefined;
  #isSettled = false;
  #winner: SentAttempt | undefined;

  constructor(sending: Sending) {
    this.#sending = sending;
    const { callback } = sending.args;
    if (callback !== undefined) this.#facade.once('response', callback);
  }

  /** Sends one attempt; resolves with the head of its response. */
  start(context: AttemptContext): Promise<IncomingMessage> {
    const attempt = new SentAttempt(this.#sending, context, () => this.#onRequest(attempt));
    this.#attempts.push(attempt);
    attempt.start();
    return attempt.outcome;
  }

  /** got's own functions answer with a promise for HTTP/2, the user's may do so, or with a response. */
  answer(outcome: Promise<IncomingMessage>): RacedAnswer {
    const isReady = this.#attempts[0]?.request !== undefined;
    const answer = isReady ? this.#facade : new Promise<HedgedRequest | IncomingMessage>((resolve) => (this.#give = resolve));
    outcome.then(
      (response) => this.#onWon(response, outcome),
      (error: unknown) => this.#onFailed(error, outcome),
    );
    return answer;
  }

  /**
   * Reading a response to its end leaves its connection for the next request; in HTTP/2 it is there anyway.
   *
   * @returns a promise for the end of that.
   */
  discard(response: IncomingMessage): Promise<void> | undefined {
    const attempt = this.#attemptOf(response);
    if (response.httpVersionMajor > 1) attempt?.lose();
    else if (attempt?.isAborted === true) response.destroy();
    else return drainBody(response);
    return undefined;
  }

  #onRequest(attempt: SentAttempt): void {
    this.#facade.follow(attempt);
    this.#give?.(this.#facade);
    this.#give = undefined;
  }

  #onWon(response: IncomingMessage, outcome: Promise<IncomingMessage>): void {
    this.#isSettled = true;
    this.#winner = this.#attemptOf(response);
    noteInfo(response, this.#facade);
    if (this.#give === undefined) this.#facade.settle(this.#winner, response);
    else this.#give(outcome);
  }

  #onFailed(error: unknown, outcome: Promise<IncomingMessage>): void {
    this.#isSettled = true;
    noteInfo(error, this.#facade);
    if (this.#give === undefined) this.#facade.destroy(error as Error);
    else this.#give(outcome);
  }

  #attemptOf(response: IncomingMessage): SentAttempt | undefined {
    return this.#attempts.find((attempt) => attempt.response === response);
  }

  #giveUp(error: Error | undefined): void {
    if (this.#isSettled) this.#winner?.request?.destroy(error);
    else this.#sending.signal.abort(error ?? hangUp());
  }
}
