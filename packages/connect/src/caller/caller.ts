import { Code, ConnectError } from '@connectrpc/connect';
import type { AbortListener, CallerSignal } from '@hedgerow/core';

/** The signal of a call as the core takes it. Connect aborts it when the time of the call is over, and says so by a code, where others have a name. */
export class Caller implements CallerSignal {
  readonly #signal: AbortSignal;
  #timedOut: { readonly name: string } | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  get aborted(): boolean {
    return this.#signal.aborted;
  }

  get reason(): unknown {
    const reason: unknown = this.#signal.reason;
    if (!(reason instanceof ConnectError) || reason.code !== Code.DeadlineExceeded) return reason;
    return (this.#timedOut ??= { name: 'TimeoutError' });
  }

  addEventListener(type: 'abort', listener: AbortListener): void {
    this.#signal.addEventListener(type, listener);
  }

  removeEventListener(type: 'abort', listener: AbortListener): void {
    this.#signal.removeEventListener(type, listener);
  }

  /** What the caller sees of an error: where no attempt has said in its own words that the call is over, what its signal says. */
  errorOf(error: unknown): unknown {
    const { aborted, reason } = this.#signal as { readonly aborted: boolean; readonly reason: unknown };
    if (error === this.#timedOut) return reason;
    return aborted && error === reason ? inOwnWords(reason) : error;
  }
}

/** Why the caller gave up, as Connect's transports for Node tell it. */
function inOwnWords(reason: unknown): ConnectError {
  const { name, message } = (reason ?? {}) as Partial<Error>;
  if (name === 'AbortError') return new ConnectError(message ?? '', Code.Canceled, undefined, undefined, reason);
  return ConnectError.from(reason, Code.Internal);
}
