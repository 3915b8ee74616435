import type { Hedger } from '@hedgerow/core';

/** What observers told of one call. A call that follows redirects by itself has several entries in one. */
export interface Entry {
  calls: number;
  ends: number;
  started: number;
  /** When the attempts were started, in milliseconds after the call. */
  readonly delaysMs: number[];
  ended: number;
  /** When they ended, in milliseconds since 1970. */
  readonly endedAtMs: number[];
  winner: number | undefined;
}

/** Keeps what every Hedger says of every call under way, and the bound of every budget at every moment. */
export class Ledger {
  private readonly entries = new Map<number, Entry>();
  /** Of all calls and attempts so far: how many began, how many ended. */
  readonly totals: Entry = newEntry();
  /** Hedgers whose budget was overdrawn, with by how much. */
  readonly overdrawn: string[] = [];
  hedges = 0;
  /** The most that any second took of what the budget allowed it, from 0 to 1. */
  worstSecond = 0;
  seconds = 0;
  private readonly accounts: Account[] = [];

  watch(name: string, hedger: Hedger, budget: BudgetBound): void {
    const account = new Account(name, budget);
    this.accounts.push(account);
    hedger.observe({
      onCall: ({ request }) => {
        account.deposit();
        const entry = this.entryOf(Number(request.header?.('call')));
        const both = [entry, this.totals];
        for (const each of both) each.calls++;
        return {
          onAttempt: ({ isHedge, delayMs }) => {
            for (const each of both) each.started++;
            entry.delaysMs.push(delayMs);
            if (isHedge) {
              this.hedges++;
              account.take();
            }
            return undefined;
          },
          onAttemptEnd: ({ number }) => {
            for (const each of both) each.ended++;
            entry.endedAtMs[number] = Date.now();
          },
          onEnd: ({ winner }) => {
            for (const each of both) each.ends++;
            entry.winner = winner;
          },
        };
      },
    });
  }

  /** What is known of a call that has ended; forgets it. */
  take(call: number): Entry | undefined {
    const entry = this.entries.get(call);
    this.entries.delete(call);
    return entry;
  }

  /** A second is over. */
  closeSecond(): void {
    this.seconds++;
    for (const account of this.accounts) {
      this.worstSecond = Math.max(this.worstSecond, account.closeSecond());
      if (account.overdraft > 0) this.overdrawn.push(`${account.name}: ${account.overdraft.toFixed(1)} hedges more than burst + ratio × calls`);
    }
  }

  private entryOf(call: number): Entry {
    let entry = this.entries.get(call);
    if (entry === undefined) this.entries.set(call, (entry = newEntry()));
    return entry;
  }
}

function newEntry(): Entry {
  return { calls: 0, ends: 0, started: 0, delaysMs: [], ended: 0, endedAtMs: [], winner: undefined };
}

export interface BudgetBound {
  readonly ratio: number;
  readonly burst: number;
}

/** Rounding of many small numbers. */
const ROUNDING = 1e-6;

/** In any window of N calls at most burst + ratio × N hedges: hedges − ratio × calls never rises by more than the burst. */
class Account {
  readonly name: string;
  private readonly bound: BudgetBound;
  private debt = 0;
  private leastDebt = 0;
  private worst = 0;
  private calls = 0;
  private hedges = 0;

  constructor(name: string, bound: BudgetBound) {
    this.name = name;
    this.bound = bound;
  }

  get overdraft(): number {
    return Math.max(0, this.worst - this.bound.burst - ROUNDING);
  }

  deposit(): void {
    this.calls++;
    this.debt -= this.bound.ratio;
    this.leastDebt = Math.min(this.leastDebt, this.debt);
  }

  take(): void {
    this.hedges++;
    this.debt++;
    this.worst = Math.max(this.worst, this.debt - this.leastDebt);
  }

  /** @returns which share of its allowance the second that is over took. */
  closeSecond(): number {
    const share = this.hedges / (this.bound.burst + this.bound.ratio * this.calls);
    this.calls = this.hedges = 0;
    return share;
  }
}
