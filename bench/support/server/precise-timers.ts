/** Node's timers know whole milliseconds only; what is due sooner than this is waited for turn by turn of the event loop. */
const SPIN_MS = 2;

interface Entry {
  readonly dueMs: number;
  readonly callback: () => void;
}

/**
 * Timers that are right to some microseconds, for latencies of a few milliseconds. While one is due soon the event loop
 * never sleeps, so they cost a processor.
 */
export class PreciseTimers {
  /** The next one comes last. */
  private readonly entries: Entry[] = [];
  private frozenUntilMs = -Infinity;
  private cancelWait: () => void = () => undefined;

  /** Calls back after `delayMs`; returns what cancels it. */
  after(delayMs: number, callback: () => void): () => void {
    const entry: Entry = { dueMs: performance.now() + delayMs, callback };
    const index = this.placeOf(entry.dueMs);
    this.entries.splice(index, 0, entry);
    if (index === this.entries.length - 1) this.wait();
    return () => {
      const place = this.entries.indexOf(entry);
      if (place >= 0) this.entries.splice(place, 1);
    };
  }

  /** Calls nothing back for so long; what was due meanwhile comes then, at once. */
  freeze(ms: number): void {
    this.frozenUntilMs = performance.now() + ms;
  }

  /** Where an entry belongs: behind all that are due later. */
  private placeOf(dueMs: number): number {
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.entries[middle]?.dueMs ?? 0) > dueMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private wait(): void {
    this.cancelWait();
    const next = this.entries.at(-1);
    if (next === undefined) return;
    const leftMs = Math.max(next.dueMs, this.frozenUntilMs) - performance.now();
    if (leftMs > SPIN_MS) {
      const timer = setTimeout(() => this.turn(), Math.floor(leftMs) - 1);
      this.cancelWait = () => clearTimeout(timer);
    } else {
      const immediate = setImmediate(() => this.turn());
      this.cancelWait = () => clearImmediate(immediate);
    }
  }

  private turn(): void {
    const nowMs = performance.now();
    while (nowMs >= this.frozenUntilMs && (this.entries.at(-1)?.dueMs ?? Infinity) <= nowMs) this.entries.pop()?.callback();
    this.wait();
  }
}
