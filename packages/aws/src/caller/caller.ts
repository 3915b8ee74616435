import type { AbortListener, CallerSignal } from '@hedgerow/core';

/** The caller of a request: he gives up by his signal, or by the timeout that he gave to the SDK, which bounds the call. */
export class Caller implements CallerSignal {
  private readonly signal: AbortSignal | undefined;
  private listener: AbortListener | undefined = undefined;
  private deadline: { readonly error: unknown } | undefined = undefined;

  /** @param signal - as {@link isSignal} accepts it. */
  constructor(signal: unknown) {
    this.signal = (signal ?? undefined) as AbortSignal | undefined;
  }

  /** Whether he could, by a signal. */
  get canGiveUp(): boolean {
    return this.signal !== undefined;
  }

  get aborted(): boolean {
    return this.deadline !== undefined || this.signal?.aborted === true;
  }

  get reason(): unknown {
    return this.deadline === undefined ? (this.signal?.reason as unknown) : this.deadline.error;
  }

  addEventListener(type: 'abort', listener: AbortListener): void {
    this.listener = listener;
    this.signal?.addEventListener(type, listener);
  }

  removeEventListener(type: 'abort', listener: AbortListener): void {
    this.listener = undefined;
    this.signal?.removeEventListener(type, listener);
  }

  /** His own timeout has ended the primary: copies do not outlive it. */
  timeOut(error: unknown): void {
    if (this.aborted) return;
    this.deadline = { error };
    this.listener?.handleEvent();
  }
}

/** Whether something can be listened to. The SDK also takes signals that know one listener only, which is the handler's. */
export function isSignal(signal: unknown): boolean {
  return signal === undefined || signal === null || typeof (signal as Partial<AbortSignal>).addEventListener === 'function';
}

/** As handlers call any timeout, of theirs or of the network, and some broken connections as well. */
interface HandlerError {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly syscall?: unknown;
}

/** Whether a handler gave a request up because its user's timeout had passed. */
export function isDeadline(error: unknown): boolean {
  const { name, code, syscall } = (error ?? {}) as HandlerError;
  return name === 'TimeoutError' && syscall === undefined && code !== 'ECONNRESET' && code !== 'EPIPE';
}
