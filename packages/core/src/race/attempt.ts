import type { AttemptContext, AttemptListener, Steered } from '../call.js';
import type { AttemptOutcome, AttemptView } from '../reporting/events.js';

/** What an aborted attempt tells its listeners, as an AbortSignal would. */
const ABORT = { type: 'abort' } as const;

/** One physical request: what its starter sees, what observers see, and its state in the race. */
export class Attempt implements AttemptContext, AttemptView {
  readonly number: number;
  readonly delayMs: number;
  headers: Readonly<Record<string, string>> | undefined = undefined;
  steered: Steered | undefined = undefined;
  outcome: AttemptOutcome | undefined = undefined;
  durationMs: number | undefined = undefined;
  status: number | undefined = undefined;
  error: unknown = undefined;
  timedOut = false;
  /** Whether its outcome is known to the race. Promises of other people's make may tell it more than once. */
  isTold = false;
  /** Whether a server did not work on it, because it is a hedge: nothing is learnt of it. */
  isShed = false;
  /** Whether it met another copy of its call. */
  hasCollided = false;
  /** Whether a server refused it as it may not have refused the primary. */
  isRefused = false;
  /** Whether its server may know of it. */
  isSent = true;
  aborted = false;
  reason: unknown = undefined;
  /** Which instance answered, if `instanceHeader` says so. */
  instance: string | undefined = undefined;
  private controller: AbortController | undefined = undefined;
  private listener: AttemptListener | undefined = undefined;
  /** Few clients have more than one. */
  private moreListeners: AttemptListener[] | undefined = undefined;

  constructor(number: number, delayMs: number) {
    this.number = number;
    this.delayMs = delayMs;
  }

  get isHedge(): boolean {
    return this.number > 0;
  }

  /** Made on first use: most attempts of most clients are never aborted, and a controller costs more than all else here. */
  get signal(): AbortSignal {
    if (this.controller === undefined) {
      this.controller = new AbortController();
      if (this.aborted) this.controller.abort(this.reason);
    }
    return this.controller.signal;
  }

  onAbort(listener: (reason: unknown) => void): void {
    if (this.aborted) listener(this.reason);
    else this.addEventListener('abort', () => listener(this.reason));
  }

  addEventListener(_type: 'abort', listener: AttemptListener): void {
    if (this.listener === undefined) this.listener = listener;
    else (this.moreListeners ??= []).push(listener);
  }

  removeEventListener(_type: 'abort', listener: AttemptListener): void {
    if (this.listener === listener) this.listener = undefined;
    else this.moreListeners = this.moreListeners?.filter((other) => other !== listener);
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.reason = reason;
    this.controller?.abort(reason);
    const { listener, moreListeners = [] } = this;
    this.listener = this.moreListeners = undefined;
    try {
      listener?.call(this, ABORT);
    } finally {
      for (const each of moreListeners) each.call(this, ABORT);
    }
  }

  notSent(): void {
    this.isSent = false;
  }

  end(outcome: AttemptOutcome, elapsedMs: number): void {
    this.outcome = outcome;
    this.durationMs = elapsedMs - this.delayMs;
  }
}
