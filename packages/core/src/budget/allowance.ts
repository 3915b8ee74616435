import type { SuppressionReason } from '../info.js';
import type { BudgetUsage } from '../options/hedger-options.js';

/** Ten deposits of 0.1 add up to a little less than one. */
export const ROUNDING = 1e-9;

/** A budget as the scheduler asks it. */
export interface Allowance {
  deposit(origin: string, nowMs: number): void;
  /** A hedge is due, whether or not it may be sent. `easing` is the share of the budget that the origin bears. */
  onDue(origin: string, nowMs: number, easing: number): void;
  /** Takes a token, or says why not. */
  refusal(origin: string, nowMs: number): Extract<SuppressionReason, 'budget_exhausted' | 'overload'> | undefined;
  /** Whether the origin seems to be out. */
  isBraked(origin: string): boolean;
  usage(nowMs: number): BudgetUsage | undefined;
}
