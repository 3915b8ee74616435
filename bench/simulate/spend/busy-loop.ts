import type { Clock } from '@hedgerow/core';
import type { VirtualClock } from '#cli/simulate/clock.js';

/**
 * An event loop in virtual time, as Node's is: a turn runs the timers that are due, reads the answers that have come, one after another, each of which takes its
 * time, then runs what waits for a poll. What comes meanwhile waits for the next turn.
 */
export class BusyLoop {
  private readonly virtual: VirtualClock;
  private readonly costMs: number;
  private timers: (() => void)[] = [];
  private answers: (() => void)[] = [];
  private polls: (() => void)[] = [];
  private isRunning = false;

  /** @param costMs - what the client takes for an answer, and the call that follows. */
  constructor(virtual: VirtualClock, costMs: number) {
    this.virtual = virtual;
    this.costMs = costMs;
  }

  /** For a Hedger that runs on it; a timer is late by what `lateMs` says, beside the loop's own delay. */
  clock(lateMs: () => number): Clock {
    const { virtual } = this;
    return {
      now: virtual.now,
      epochNow: virtual.epochNow,
      random: virtual.random,
      bind: virtual.bind,
      clearTimeout: virtual.clearTimeout,
      setTimeout: (callback, delayMs) => {
        const timer = virtual.setTimeout(() => {
          this.timers.push(() => {
            if (!isCleared(timer)) callback();
          });
          this.wake();
        }, delayMs + lateMs());
        return timer;
      },
      afterPoll: (callback) => {
        this.polls.push(callback);
        this.wake();
      },
    };
  }

  /** Something comes in on a socket after `afterMs`; the function returned takes it back as long as it was not read. */
  arrive(read: () => void, afterMs: number): () => void {
    let isUnwanted = false;
    this.virtual.setTimeout(() => {
      if (isUnwanted) return;
      this.answers.push(() => {
        if (!isUnwanted) read();
      });
      this.wake();
    }, afterMs);
    return () => void (isUnwanted = true);
  }

  private wake(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    this.virtual.setTimeout(() => this.turn(), 0);
  }

  private turn(): void {
    const { timers, answers } = this;
    this.timers = [];
    this.answers = [];
    for (const timer of timers) timer();
    this.read(answers, 0);
  }

  private read(answers: readonly (() => void)[], index: number): void {
    const answer = answers[index];
    if (answer === undefined) return this.endTurn();
    this.virtual.setTimeout(() => {
      answer();
      this.read(answers, index + 1);
    }, this.costMs);
  }

  private endTurn(): void {
    const { polls } = this;
    this.polls = [];
    for (const poll of polls) poll();
    this.isRunning = false;
    if (this.timers.length + this.answers.length + this.polls.length > 0) this.wake();
  }
}

function isCleared(timer: unknown): boolean {
  return (timer as { readonly isCancelled: boolean }).isCancelled;
}
