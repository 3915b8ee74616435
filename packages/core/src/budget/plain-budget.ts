import type { Reporter } from '../common/reporter.js';
import type { Budget, BudgetUsage } from '../options/hedger-options.js';
import type { Allowance } from './allowance.js';

/** A budget that knows no origin in trouble: the user's own. What is no clear yes is a no. */
export class PlainBudget implements Allowance {
  private readonly budget: Budget;
  private readonly reporter: Reporter;

  constructor(budget: Budget, reporter: Reporter) {
    this.budget = budget;
    this.reporter = reporter;
  }

  deposit(origin: string, nowMs: number): void {
    this.reporter.tell('option `budget.deposit`', () => this.budget.deposit(origin, nowMs));
  }

  /** It gives what it gives. */
  onDue(): boolean {
    return false;
  }

  refusal(origin: string, nowMs: number): 'budget_exhausted' | undefined {
    return this.reporter.ask('option `budget.tryTake`', () => this.budget.tryTake(origin, nowMs)) === true ? undefined : 'budget_exhausted';
  }

  isBraked(): boolean {
    return false;
  }

  usage(nowMs: number): BudgetUsage | undefined {
    return this.reporter.ask('option `budget.usage`', () => this.budget.usage?.(nowMs));
  }
  succeed(): void {
    // What is in it is its owner's business.
  }
}
