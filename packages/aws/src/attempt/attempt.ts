import type { AttemptContext, Hedger } from '@hedgerow/core';
import { destroyBody, drainBody, isNodeStream, isWebStream, type UnwantedStream } from '@hedgerow/core/adapter';

/** What the attempts of one call have in common. */
export interface AttemptHost {
  readonly hedger: Hedger;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Whether each has a connection for itself. */
  readonly isExclusive: boolean;
  /** Whether a connection is being made. */
  readonly isConnecting: boolean;
  readonly drainsLosers: boolean;
  /** Whether the caller has given up. */
  readonly isGivenUp: boolean;
}

/** One physical request. */
export class HandlerAttempt implements UnwantedStream {
  hasEnded = false;
  /** What is being read ahead: nobody else holds it. */
  readAhead: unknown = undefined;
  private readonly controller = new AbortController();
  private readonly host: AttemptHost;
  private readonly attempt: AttemptContext;
  private reason: unknown = undefined;

  constructor(host: AttemptHost, attempt: AttemptContext) {
    this.host = host;
    this.attempt = attempt;
    attempt.onAbort((reason) => this.onAbort(reason));
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Rejects when it is aborted, as handlers do while they wait for a head: a body may take its time to fail. */
  whenAborted(): Promise<never> {
    return new Promise((_resolve, reject) => {
      this.attempt.onAbort((cause) => reject(Object.assign(new Error('Request aborted', { cause }), { name: 'AbortError' })));
    });
  }

  cancel(): void {
    this.controller.abort(this.reason);
    const { host, readAhead } = this;
    // A handler may have done with its signal when it answered. One that has not destroys the body by then, with an error of its own.
    if (readAhead !== undefined && !host.isGivenUp) host.hedger.clock.afterPoll(() => destroyBody(readAhead));
  }

  /**
   * Nobody wants its answer.
   *
   * @param isBeingRead - whether somebody has begun to, so that it cannot be drained.
   * @returns a promise for the end of that, where it is read to its end.
   */
  discard(body: unknown, isBeingRead: boolean): Promise<void> | undefined {
    if (!isNodeStream(body) && !isWebStream(body)) return undefined;
    if (!isBeingRead && (this.host.drainsLosers || isComplete(body))) return this.drain(body);
    if (this.host.isExclusive) destroyBody(body);
    else this.lose();
    return undefined;
  }

  private async drain(body: unknown): Promise<void> {
    await drainBody(body, this.signal);
    this.hasEnded = true;
  }

  /** Over HTTP/2 it is cancelled when its connection bears it; the caller's own is cancelled at once. */
  private onAbort(reason: unknown): void {
    this.reason = reason;
    const { hedger, origin, isExclusive, isGivenUp } = this.host;
    if (this.hasEnded) return;
    if (isExclusive) {
      if (this.attempt.isHedge && this.host.isConnecting) this.attempt.notSent();
      return this.cancel();
    }
    if (!isGivenUp || this.attempt.isHedge) return this.lose();
    hedger.resets.spend(origin);
    this.cancel();
  }

  private lose(): void {
    const { hedger, origin } = this.host;
    hedger.resets.cancel(origin, this);
  }
}

/** Whether all of an HTTP/1.1 response has arrived: then its connection can be used again. */
function isComplete(body: object): boolean {
  return (body as { readonly complete?: unknown }).complete === true;
}
