import type { SuppressionReason } from '../info.js';
import type { BudgetUsage } from '../options/hedger-options.js';

/** Ten deposits of 0.1 add up to a little less than one. */
export const ROUNDING = 1e-9;

/** A budget as the scheduler asks it. */
export interface Allowance {
  deposit(origin: string, nowMs: number): void;
  /** A hedge is due, whether or not it may be sent. `easing` is the share of the budget that the origin bears. Returns whether what the origin bears counts at all. */
  onDue(origin: string, nowMs: number, easing: number): boolean;
  /** Takes a token, or says why not. */
  refusal(origin: string, nowMs: number): Extract<SuppressionReason, 'budget_exhausted' | 'overload'> | undefined;
  /** Whether the origin seems to be out. */
  isBraked(origin: string): boolean;
  usage(nowMs: number): BudgetUsage | undefined;
  /** Takes the place of another: what that has spent stays spent. */
  succeed(previous: Allowance | undefined, nowMs: number): void;
}

/** Tokens that are there now; none, where nobody can tell. */
export function tokensLeft(allowance: Allowance | undefined, nowMs: number): number {
  const usage = allowance?.usage(nowMs);
  const left = usage === undefined ? 0 : usage.limit - usage.used;
  return left > 0 ? left : 0;
}
