import type { AttemptContext } from './call.js';
import type { AttemptOutcome, AttemptView } from './events.js';

/** One physical request: what its starter sees, what observers see, and its state in the race. */
export class Attempt implements AttemptContext, AttemptView {
  readonly number: number;
  readonly delayMs: number;
  headers: Readonly<Record<string, string>> | undefined = undefined;
  outcome: AttemptOutcome | undefined = undefined;
  durationMs: number | undefined = undefined;
  status: number | undefined = undefined;
  error: unknown = undefined;
  timedOut = false;
  private controller: AbortController | undefined = undefined;
  private aborted = false;
  private abortReason: unknown = undefined;
  private abortListener: ((reason: unknown) => void) | undefined = undefined;

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
      if (this.aborted) this.controller.abort(this.abortReason);
    }
    return this.controller.signal;
  }

  onAbort(listener: (reason: unknown) => void): void {
    if (this.aborted) listener(this.abortReason);
    else this.abortListener = listener;
  }

  abort(reason: unknown): void {
    if (this.aborted) return;
    this.aborted = true;
    this.abortReason = reason;
    this.controller?.abort(reason);
    this.abortListener?.(reason);
  }

  end(outcome: AttemptOutcome, elapsedMs: number): void {
    this.outcome = outcome;
    this.durationMs = elapsedMs - this.delayMs;
  }
}
