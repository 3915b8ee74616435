import { hasPollPhase, type Clock } from '../common/clock.js';

/** A turn of the event loop that begins so soon after the one before it did not wait for anything: its answers were there already. */
const STRAIGHT_ON_MS = 0.2;

/**
 * How long answers wait in their sockets until they are read. The event loop takes all that has come in one turn and hands out one after another: all of them had come
 * when the first was. What came during a turn waits for the next; half of a turn, on average. That is the client's time, not the server's.
 */
export class Reading {
  private readonly clock: Clock;
  private isUnderWay = false;
  private beganAtMs = -Infinity;
  private endedAtMs = -Infinity;
  /** What the first answer of the turn waited, on average. */
  private firstMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** For how many milliseconds an answer has waited that is read now. */
  lagMs(nowMs: number): number {
    if (!this.isUnderWay) this.begin(nowMs);
    return this.firstMs + nowMs - this.beganAtMs;
  }

  private begin(nowMs: number): void {
    this.firstMs = nowMs - this.endedAtMs < STRAIGHT_ON_MS ? (this.endedAtMs - this.beganAtMs) / 2 : 0;
    this.beganAtMs = nowMs;
    if (!hasPollPhase(this.clock)) return;
    this.isUnderWay = true;
    this.clock.afterPoll(this.end);
  }

  private readonly end = (): void => {
    this.isUnderWay = false;
    this.endedAtMs = this.clock.now();
  };
}
