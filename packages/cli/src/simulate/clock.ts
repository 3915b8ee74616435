import type { Clock } from '@hedgerow/core';
import type { Random } from './random.js';

/** Something that happens at an instant of virtual time. */
export abstract class Happening {
  atMs = 0;
  /** Of two at the same instant, the one scheduled first happens first. */
  order = 0;
  isCancelled = false;

  abstract happen(): void;
}

class Timer extends Happening {
  private readonly callback: () => void;

  constructor(callback: () => void) {
    super();
    this.callback = callback;
  }

  override happen(): void {
    this.callback();
  }
}

/**
 * Virtual time: jumps from one happening to the next. Timers are exact. What waits for a poll runs when everything of the same
 * instant has happened, as sockets are read before `setImmediate`.
 */
export class VirtualClock implements Clock {
  readonly random: Random;
  /** A binary heap by time, then order; cancelled ones leave when their time comes. */
  private readonly heap: Happening[] = [];
  private polls: (() => void)[] = [];
  private nowMs = 0;
  private scheduled = 0;

  constructor(random: Random) {
    this.random = random;
  }

  readonly now = (): number => this.nowMs;
  readonly epochNow = (): number => this.nowMs;

  readonly setTimeout = (callback: () => void, delayMs: number): unknown => {
    const timer = new Timer(callback);
    this.schedule(timer, this.nowMs + Math.max(0, delayMs));
    return timer;
  };

  readonly clearTimeout = (handle: unknown): void => {
    (handle as Timer).isCancelled = true;
  };

  readonly afterPoll = (callback: () => void): void => {
    this.polls.push(callback);
  };

  /** No contexts here, and no promises. */
  readonly bind = (callback: () => void): (() => void) => callback;

  schedule(happening: Happening, atMs: number): void {
    happening.atMs = atMs;
    happening.order = this.scheduled++;
    const { heap } = this;
    let index = heap.length;
    heap.push(happening);
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || isBefore(parent, happening)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = happening;
  }

  /** Lets the next thing happen; `false` if there is none. */
  step(): boolean {
    const next = this.heap[0];
    if (this.polls.length > 0 && (next === undefined || next.atMs > this.nowMs)) {
      this.poll();
      return true;
    }
    if (next === undefined) return false;
    this.removeFirst();
    if (next.isCancelled) return true;
    this.nowMs = next.atMs;
    next.happen();
    return true;
  }

  private poll(): void {
    const { polls } = this;
    this.polls = [];
    for (const callback of polls) callback();
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop();
    const { length } = heap;
    if (last === undefined || length === 0) return;
    let index = 0;
    for (;;) {
      let childIndex = 2 * index + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && isBefore(right, child)) {
        child = right;
        childIndex++;
      }
      if (isBefore(last, child)) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = last;
  }
}

function isBefore(first: Happening, second: Happening): boolean {
  return first.atMs < second.atMs || (first.atMs === second.atMs && first.order < second.order);
}
