import type { CompleteEvent } from '@hedgerow/core';

/** Counts calls, and those that still ran when their hedge was due by the plan. */
export class Ledger {
  private calls = 0;
  private due = 0;

  see({ delayMs, durationMs, attempts }: CompleteEvent): void {
    this.calls++;
    if (attempts > 1 || (delayMs !== undefined && durationMs >= delayMs)) this.due++;
  }

  clear(): void {
    this.calls = this.due = 0;
  }

  get dueShare(): number {
    return this.calls === 0 ? 0 : this.due / this.calls;
  }
}
