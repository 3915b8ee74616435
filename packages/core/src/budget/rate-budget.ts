import type { BudgetUsage } from '../options/hedger-options.js';
import { ROUNDING, tokensLeft, type Allowance } from './allowance.js';

/** A bucket filled by time, as other libraries have it; starts full. It knows no origin in trouble. */
export class FixedRateBudget implements Allowance {
  private readonly tokensPerMs: number;
  private readonly limit: number;
  private tokens: number;
  private filledAtMs: number | undefined;

  constructor(tokensPerSecond: number, burstSeconds: number) {
    this.tokensPerMs = tokensPerSecond / 1_000;
    this.limit = Math.max(1, tokensPerSecond * burstSeconds);
    this.tokens = this.limit;
  }

  deposit(): void {
    // Time fills this bucket, calls do not.
  }

  /** It gives what it gives. */
  onDue(): boolean {
    return false;
  }

  refusal(_origin: string, nowMs: number): 'budget_exhausted' | undefined {
    const elapsedMs = nowMs - (this.filledAtMs ?? nowMs);
    this.filledAtMs = nowMs;
    this.tokens = Math.min(this.limit, this.tokens + elapsedMs * this.tokensPerMs);
    if (this.tokens < 1 - ROUNDING) return 'budget_exhausted';
    this.tokens -= 1;
    return undefined;
  }

  isBraked(): boolean {
    return false;
  }

  usage(): BudgetUsage {
    return { used: this.limit - this.tokens, limit: this.limit };
  }

  succeed(previous: Allowance | undefined, nowMs: number): void {
    this.tokens = Math.min(this.limit, tokensLeft(previous, nowMs));
    this.filledAtMs = nowMs;
  }
}
