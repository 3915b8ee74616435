import type { VirtualClock } from './clock.js';
import { Happening } from './clock.js';
import { finishMs, type Fault } from './faults.js';

/** What a backend needs to know of its scenario. */
export interface BackendSettings {
  readonly slots: number;
  readonly stopsAborted: boolean;
  readonly faults: readonly Fault[];
}

/** One attempt as the servers see it; happens when its work is done. As a thenable it tells its client at that very instant. */
export class Job extends Happening implements PromiseLike<number> {
  readonly workMs: number;
  /** The HTTP status it will be answered with. */
  readonly status: number;
  readonly backend: Backend;
  startedAtMs = 0;
  isRunning = false;
  private onAnswer: ((status: number) => unknown) | undefined = undefined;

  constructor(backend: Backend, workMs: number, status: number) {
    super();
    this.backend = backend;
    this.workMs = workMs;
    this.status = status;
  }

  override happen(): void {
    this.backend.finish(this);
  }

  /** Not a promise: the answer is told synchronously, once, and nothing comes of what the callback returns. */
  then<R = number>(onAnswer?: ((status: number) => R | PromiseLike<R>) | null): PromiseLike<R> {
    this.onAnswer = onAnswer ?? undefined;
    return NOTHING;
  }

  answer(): void {
    this.onAnswer?.(this.status);
  }
}

const NOTHING: PromiseLike<never> = { then: () => NOTHING };

/** A server: so many requests at a time, the others in a queue, first come first served. */
export class Backend {
  /** Requests that came in. */
  received = 0;
  /** Requests queued or worked on. */
  outstanding = 0;
  /** Milliseconds that slots were taken. */
  busyMs = 0;
  private readonly index: number;
  private readonly clock: VirtualClock;
  private readonly settings: BackendSettings;
  private busy = 0;
  private queue: Job[] = [];
  /** Index of the first in the queue; those before it have left. */
  private head = 0;

  constructor(index: number, clock: VirtualClock, settings: BackendSettings) {
    this.index = index;
    this.clock = clock;
    this.settings = settings;
  }

  accept(job: Job): void {
    this.received++;
    this.outstanding++;
    if (this.busy < this.settings.slots) this.begin(job);
    else this.queue.push(job);
  }

  finish(job: Job): void {
    this.release(job);
    job.answer();
  }

  /** The client is gone. */
  abort(job: Job): void {
    if (!this.settings.stopsAborted || job.isCancelled) return;
    job.isCancelled = true;
    if (job.isRunning) this.release(job);
    else this.outstanding--;
  }

  private begin(job: Job): void {
    const nowMs = this.clock.now();
    this.busy++;
    job.isRunning = true;
    job.startedAtMs = nowMs;
    this.clock.schedule(job, finishMs(this.settings.faults, this.index, nowMs, job.workMs));
  }

  private release(job: Job): void {
    job.isRunning = false;
    this.busyMs += this.clock.now() - job.startedAtMs;
    this.busy--;
    this.outstanding--;
    const next = this.next();
    if (next !== undefined) this.begin(next);
  }

  private next(): Job | undefined {
    while (this.head < this.queue.length) {
      const job = this.queue[this.head++];
      if (this.head > 1_000 && 2 * this.head > this.queue.length) {
        this.queue = this.queue.slice(this.head);
        this.head = 0;
      }
      if (job?.isCancelled === false) return job;
    }
    this.queue = [];
    this.head = 0;
    return undefined;
  }
}
