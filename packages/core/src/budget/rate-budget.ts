import type { Budget, BudgetUsage } from '../options/hedger-options.js';
import { ROUNDING } from './allowance.js';

/** A bucket filled by time, as other libraries have it; starts full. */
export class FixedRateBudget implements Budget {
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

  tryTake(_origin: string, nowMs: number): boolean {
    const elapsedMs = nowMs - (this.filledAtMs ?? nowMs);
    this.filledAtMs = nowMs;
    this.tokens = Math.min(this.limit, this.tokens + elapsedMs * this.tokensPerMs);
    if (this.tokens < 1 - ROUNDING) return false;
    this.tokens -= 1;
    return true;
  }

  usage(): BudgetUsage {
    return { used: this.limit - this.tokens, limit: this.limit };
  }
}
