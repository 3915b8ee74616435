import type { AttemptContext } from '@hedgerow/core';
import { drainBody, type UnwantedStream } from '@hedgerow/core/adapter';
import { UnwantedBody } from '../response/unwanted-body.js';
import type { Connections } from './connections.js';

/**
 * One attempt over a connection that others may use at the same time (HTTP/2): the signal that its client gets, which does not abort before the
 * connection bears it. A server that sees many streams reset closes the connection, with every call on it. A caller who gives up need not wait.
 */
export class MultiplexedAttempt implements UnwantedStream {
  readonly signal: AbortSignal;
  private readonly controller = new AbortController();
  private readonly attempt: AttemptContext;
  private readonly connections: Connections;
  private readonly origin: string;
  private readonly callerSignal: AbortSignal | undefined;
  /** Whether the client has answered or failed. */
  private isSettled = false;
  private unwanted: UnwantedBody | undefined = undefined;

  constructor(attempt: AttemptContext, connections: Connections, origin: string, callerSignal: AbortSignal | undefined) {
    this.signal = this.controller.signal;
    this.attempt = attempt;
    this.connections = connections;
    this.origin = origin;
    this.callerSignal = callerSignal;
    if (attempt.aborted) this.controller.abort(attempt.reason);
    else attempt.onAbort(() => this.onAbort());
  }

  get hasEnded(): boolean {
    return this.unwanted === undefined ? this.isSettled : this.unwanted.hasEnded;
  }

  /** What is left of the attempt is closed. By its signal, too: to cancel a stream that waits for its next chunk does nothing in axios. */
  cancel(): void {
    this.unwanted?.close();
    this.controller.abort(this.attempt.aborted ? this.attempt.reason : new DOMException('the attempt has failed', 'AbortError'));
  }

  /** The client has answered; there may be a body to come. */
  answered(statusText: unknown, hasBody: boolean): void {
    this.isSettled = !hasBody;
    this.connections.note(this.origin, statusText);
  }

  /** There is nothing left of it. */
  ended(): void {
    this.isSettled = true;
  }

  /** Gives up the body of an attempt that has lost; one that comes after its attempt was cancelled, at once. */
  drop(body: unknown, afterPoll: (callback: () => void) => void): void {
    const unwanted = (this.unwanted = new UnwantedBody(body));
    if (this.signal.aborted) return unwanted.close();
    // An attempt that was aborted is in the queue already, and what it has to close is known now.
    if (this.attempt.aborted || unwanted.hasEnded) return;
    afterPoll(() => {
      if (unwanted.hasEnded || this.signal.aborted) return;
      if (this.connections.isMultiplexed(this.origin)) this.connections.resets.cancel(this.origin, this);
      else this.cancel();
    });
  }

  /** Reads the body of an attempt that has lost to its end. @returns a promise for that, if it takes time. */
  drain(body: unknown): Promise<void> | undefined {
    const drained = drainBody(body, this.signal);
    if (drained === undefined) this.ended();
    else void drained.then(() => this.ended());
    return drained;
  }

  private onAbort(): void {
    const { callerSignal, connections, origin } = this;
    const isMultiplexed = connections.isMultiplexed(origin);
    if (isMultiplexed && callerSignal?.aborted !== true) return connections.resets.cancel(origin, this);
    if (isMultiplexed && !this.isSettled) connections.resets.spend(origin);
    this.cancel();
  }
}
