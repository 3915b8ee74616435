import type { Clock } from '@hedgerow/core';

interface Timer {
  readonly atMs: number;
  readonly order: number;
  callback: () => void;
  cancelled: boolean;
}

/** Virtual time: nothing happens but what `advance` lets happen, in order, with promises settled between two events. */
export class FakeClock implements Clock {
  private readonly heap: Timer[] = [];
  protected polls: (() => void)[] = [];
  private nowMs = 1_000;
  private order = 0;
  /** What `random` returns; replace it for chance. */
  random: () => number = () => 0.5;

  readonly now = (): number => this.nowMs;
  readonly epochNow = (): number => 1_700_000_000_000 + this.nowMs;

  readonly setTimeout: Clock['setTimeout'] = (callback: () => void, delayMs: number): unknown => {
    const timer: Timer = { atMs: this.nowMs + Math.max(0, delayMs), order: this.order++, callback, cancelled: false };
    this.push(timer);
    return timer;
  };

  readonly clearTimeout = (handle: unknown): void => {
    const timer = handle as Timer;
    timer.cancelled = true;
    timer.callback = nothing; // which may keep much alive
  };

  readonly afterPoll: (callback: () => void) => void = (callback) => {
    this.polls.push(callback);
  };

  /** There is one context here, and callers that let time pass at once want no promise in between. */
  readonly bind: Clock['bind'] = (callback) => callback;

  /** Timers that would still fire. */
  get pending(): number {
    return this.heap.filter((timer) => !timer.cancelled).length + this.polls.length;
  }

  /** A promise that resolves after `delayMs` of virtual time. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.setTimeout(resolve, delayMs));
  }

  /** Lets `ms` pass. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await this.settle();
    for (let timer = this.heap[0]; timer !== undefined && timer.atMs <= untilMs; timer = this.heap[0]) {
      this.pop();
      if (timer.cancelled) continue;
      this.nowMs = timer.atMs;
      timer.callback();
      await this.settle();
    }
    this.nowMs = untilMs;
  }

  /** Lets `ms` pass at once, for attempts that answer synchronously: promises are not waited for. */
  jump(ms: number): void {
    const untilMs = this.nowMs + ms;
    this.poll();
    for (let timer = this.heap[0]; timer !== undefined && timer.atMs <= untilMs; timer = this.heap[0]) {
      this.pop();
      if (timer.cancelled) continue;
      this.nowMs = Math.max(this.nowMs, timer.atMs);
      timer.callback();
      this.poll();
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
  }

  /** The event loop is busy for `ms`: time passes, timers wait. */
  block(ms: number): void {
    this.nowMs += ms;
  }

  private poll(): void {
    while (this.polls.length > 0) {
      const polls = this.polls;
      this.polls = [];
      for (const poll of polls) poll();
    }
  }

  /** Runs what waits for a poll, and every promise reaction. */
  private async settle(): Promise<void> {
    await reactions();
    while (this.polls.length > 0) {
      const polls = this.polls;
      this.polls = [];
      for (const poll of polls) poll();
      await reactions();
    }
  }

  private push(timer: Timer): void {
    const { heap } = this;
    let index = heap.push(timer) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.swapIfLater(parent, index)) return;
      index = parent;
    }
  }

  private pop(): void {
    const { heap } = this;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const child = left + 1 < heap.length && this.isLater(left, left + 1) ? left + 1 : left;
      if (child >= heap.length || !this.swapIfLater(index, child)) return;
      index = child;
    }
  }

  private swapIfLater(first: number, second: number): boolean {
    if (!this.isLater(first, second)) return false;
    const { heap } = this;
    const [a, b] = [heap[first], heap[second]];
    if (a && b) [heap[first], heap[second]] = [b, a];
    return true;
  }

  private isLater(first: number, second: number): boolean {
    const a = this.heap[first];
    const b = this.heap[second];
    return a !== undefined && b !== undefined && (a.atMs > b.atMs || (a.atMs === b.atMs && a.order > b.order));
  }
}

function nothing(): void {
  // It was cancelled.
}

/** Long enough for any chain of promise reactions. */
function reactions(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
