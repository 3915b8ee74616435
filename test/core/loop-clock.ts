import { FakeClock } from './fake-clock.js';

/** What has come in on a socket, or will have. */
interface Arrival {
  readonly atMs: number;
  readonly read: () => void;
}

/**
 * A fake clock whose event loop has sockets: what arrives is read when its time has come or, after the loop was blocked, in the
 * next poll phase, which may be before the timer that was set for it.
 */
export class LoopClock extends FakeClock {
  private arrivals: Arrival[] = [];

  /** Something arrives in `ms`; returns what takes it back. */
  arrive(read: () => void, ms: number): () => void {
    const arrival: Arrival = { atMs: this.now() + ms, read };
    this.arrivals.push(arrival);
    const timer = this.setTimeout(() => this.readOnce(arrival), ms);
    return () => {
      this.clearTimeout(timer);
      this.forget(arrival);
    };
  }

  override readonly afterPoll = (callback: () => void): void => {
    this.polls.push(() => {
      this.readSockets();
      callback();
    });
  };

  private readSockets(): void {
    const nowMs = this.now();
    const due = this.arrivals.filter(({ atMs }) => atMs <= nowMs).sort((a, b) => a.atMs - b.atMs);
    for (const arrival of due) this.readOnce(arrival);
  }

  private readOnce(arrival: Arrival): void {
    if (this.forget(arrival)) arrival.read();
  }

  private forget(arrival: Arrival): boolean {
    const index = this.arrivals.indexOf(arrival);
    if (index >= 0) this.arrivals.splice(index, 1);
    return index >= 0;
  }
}
