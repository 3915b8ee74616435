import type { Message } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import type { AttemptContext } from '@hedgerow/core';
import type { Resets, UnwantedStream } from '@hedgerow/core/adapter';
import type { ConnectResponse, Next, StreamResponse } from '../request/describe.js';
import type { Template } from '../request/template.js';
import { Answer, codeOf, isPlain } from '../response/answer.js';
import { BegunStream } from '../response/begun-stream.js';

/** What the attempts of one call have in common. */
export interface AttemptSetup {
  readonly next: Next;
  readonly template: Template;
  readonly nonFatal: ReadonlySet<number>;
  readonly resets: Resets;
  /** Whether losers are let to finish. */
  readonly drains: boolean;
  readonly url: string;
  /** The signal of the call: it aborts when its caller gives up, or its time is over. */
  readonly signal: AbortSignal;
  /** What those came to that failed, by their errors. */
  readonly failed: Map<unknown, Answer>;
  /** Whether a server has answered by HTTP/1.1. */
  isPlain: boolean;
}

/** One physical call. */
export class ConnectAttempt implements UnwantedStream {
  hasEnded = false;
  readonly #setup: AttemptSetup;
  readonly #attempt: AttemptContext;
  readonly #controller = new AbortController();
  /** What it is aborted with, now or when its connection bears it. */
  #reason: unknown;
  #stream: BegunStream | undefined;
  #onEnd: (() => void) | undefined;
  #isLost = false;

  constructor(setup: AttemptSetup, attempt: AttemptContext) {
    this.#setup = setup;
    this.#attempt = attempt;
    attempt.onAbort((reason) => this.#onAbort(reason));
  }

  /** Resolves with what decides the call: a good answer, the first message of a stream, or an error that is fatal. Rejects with any other. */
  async send(): Promise<Answer> {
    const { next, template, nonFatal, failed } = this.#setup;
    let response: ConnectResponse | undefined;
    try {
      response = await next(template.for(this.#attempt, this.#controller.signal));
      this.#setup.isPlain ||= isPlain(response.header);
      if (response.stream) return await this.#begin(response);
      this.#end();
      return Answer.of(response, response.message);
    } catch (error) {
      this.#end();
      const answer = Answer.failed(error, response?.stream === true ? response : undefined);
      if (!nonFatal.has(codeOf(error))) return answer;
      failed.set(error, answer);
      throw error;
    }
  }

  async #begin(response: StreamResponse): Promise<Answer> {
    const stream = await BegunStream.begin(response.message as AsyncIterable<Message>, () => this.#onStreamEnd());
    this.#stream = stream;
    const { first } = stream;
    return Answer.of({ ...response, message: stream }, first);
  }

  /** Calls `release` when nothing is left of it that could be cancelled. */
  whenEnded(release: () => void): void {
    if (this.hasEnded) release();
    else this.#onEnd = release;
  }

  /** Nobody wants the stream that it has begun. One that waits to be cancelled is read meanwhile: so it may end by itself. */
  discard(): Promise<void> | undefined {
    if (this.hasEnded) return undefined;
    const drained = this.#stream?.readOn();
    if (this.#setup.drains && !this.#attempt.aborted) return drained;
    this.#lose();
    return undefined;
  }

  cancel(): void {
    this.#controller.abort(this.#reason);
  }

  /** From Connect 2.3 on every stream of a call looks ended once the call is over, whatever is still open on the wire. */
  #onStreamEnd(): void {
    if (this.#setup.signal.aborted && this.#onEnd === undefined) this.#lose();
    else this.#end();
  }

  #end(): void {
    this.hasEnded = true;
    this.#onEnd?.();
    this.#onEnd = undefined;
  }

  #onAbort(reason: unknown): void {
    if (this.hasEnded) return;
    const { signal } = this.#setup;
    this.#reason = signal.aborted ? signal.reason : new ConnectError('another attempt won', Code.Canceled, undefined, undefined, reason);
    // His own request ends at once when the caller gives up, as it would without copies; these are not worth the connection.
    const isOwn = signal.aborted && (!this.#attempt.isHedge || this.#onEnd !== undefined);
    if (!isOwn) return this.#lose();
    if (!this.#setup.isPlain) this.#setup.resets.spend(originOf(this.#setup.url));
    this.cancel();
  }

  #lose(): void {
    if (this.#isLost) return;
    this.#isLost = true;
    if (this.#setup.isPlain) this.cancel();
    else this.#setup.resets.cancel(originOf(this.#setup.url), this);
  }
}

/** Whose streams are counted together. */
function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : '';
}
