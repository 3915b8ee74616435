import type { ServerClock } from './clock.js';

/** Long enough to be no accident, short enough to follow. */
const WINDOW_MS = 100;

/** The share of its time that the event loop was busy, by the last window that a request has ended. No timer: an idle server does nothing. */
export class Utilization {
  /** 0 to 1; `undefined` before the first window is over. */
  value: number | undefined = undefined;
  private readonly clock: ServerClock;
  private beganAtMs: number;
  private idleMs: number;
  private activeMs: number;

  constructor(clock: ServerClock) {
    this.clock = clock;
    this.beganAtMs = clock.now();
    const { idle, active } = clock.eventLoop();
    this.idleMs = idle;
    this.activeMs = active;
  }

  /** A request has come. */
  look(nowMs: number): void {
    if (nowMs - this.beganAtMs < WINDOW_MS) return;
    const { idle, active } = this.clock.eventLoop();
    const [idleMs, activeMs] = [idle - this.idleMs, active - this.activeMs];
    if (idleMs + activeMs > 0) this.value = activeMs / (idleMs + activeMs);
    this.beganAtMs = nowMs;
    this.idleMs = idle;
    this.activeMs = active;
  }
}
