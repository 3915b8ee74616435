import { Hedger, type AttemptContext, type HedgerOptions } from '@hedgerow/core';
import { FakeClock } from './fake-clock.js';
import { referenceLatency, seeded } from './traffic.js';

/** An answer that is told at its very instant: a thenable that keeps its promise synchronously, once. */
export class Instant<T> implements PromiseLike<T> {
  private tell: (() => void) | undefined = undefined;
  private onValue: ((value: T) => unknown) | undefined = undefined;
  private onError: ((error: unknown) => unknown) | undefined = undefined;

  then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): PromiseLike<A | B> {
    this.onValue = onValue ?? undefined;
    this.onError = onError ?? undefined;
    this.tell?.();
    return this as never;
  }

  resolve(value: T): void {
    this.settle(() => this.onValue?.(value));
  }

  reject(error: unknown): void {
    this.settle(() => this.onError?.(error));
  }

  private settle(tell: () => void): void {
    if (this.tell !== undefined) return;
    this.tell = tell;
    tell();
  }
}

export interface WorldOptions {
  readonly seed?: number;
  readonly callsPerSecond?: number;
  readonly hedger?: HedgerOptions;
  /** Probability that a copy shares its primary's fate in the call of this number. */
  readonly correlation?: (call: number) => number;
  /** What an attempt takes in milliseconds, in place of the reference workload. */
  readonly latencyMs?: (isHedge: boolean) => number;
  /** What a latency turns into at this time. */
  readonly change?: (nowMs: number, ms: number) => number;
  /** Which instance answers. */
  readonly instance?: (attempt: number) => string;
}

/** Reference traffic through a real Hedger, synchronously: a hundred thousand calls take a fraction of a second. */
export class World {
  readonly clock = new FakeClock();
  readonly hedger: Hedger;
  calls = 0;
  private readonly options: WorldOptions;
  private readonly gapMs: number;
  private readonly latencyMs: (isHedge: boolean) => number;
  private readonly chance: () => number;

  constructor(options: WorldOptions = {}) {
    const { seed = 1, callsPerSecond = 1_000, hedger = {}, latencyMs = referenceLatency(seeded(seed)) } = options;
    this.options = options;
    this.gapMs = 1_000 / callsPerSecond;
    this.latencyMs = latencyMs;
    this.chance = seeded(seed + 1_000);
    this.hedger = new Hedger({ clock: this.clock, ...hedger });
  }

  get hedges(): number {
    return this.hedger.stats().attempts.hedge;
  }

  get isPaused(): boolean {
    return this.hedger.routes()[0]?.pauseReason === 'no_benefit';
  }

  /** Makes calls until `until`, asked every ten of them, says so, at most `most`; returns how many. */
  run(most: number, until: () => boolean = () => false): number {
    for (let call = 0; call < most; call++) {
      if (call % 10 === 0 && until()) return call;
      this.call();
      this.clock.jump(-Math.log(1 - this.chance()) * this.gapMs);
    }
    return most;
  }

  /** Hedges per call of the next so many milliseconds. */
  hedgeRate(ms: number): number {
    const [calls, hedges, endMs] = [this.calls, this.hedges, this.clock.now() + ms];
    this.run(Infinity, () => this.clock.now() >= endMs);
    return (this.hedges - hedges) / (this.calls - calls);
  }

  private call(): void {
    const call = this.calls++;
    const isShared = this.chance() < (this.options.correlation?.(call) ?? 0);
    const primaryMs = this.latencyMs(false);
    void this.hedger.run({
      request: { method: 'GET', url: 'http://service.test/items' },
      start: (attempt) => this.start(attempt, attempt.isHedge && !isShared ? this.latencyMs(true) : primaryMs),
      headerOf: (settled, name) => (settled.ok && name === 'x-served-by' ? settled.value : undefined),
    });
  }

  private start(attempt: AttemptContext, ms: number): PromiseLike<string> {
    const { change, instance } = this.options;
    const answer = new Instant<string>();
    const timer = this.clock.setTimeout(() => answer.resolve(instance?.(attempt.number) ?? ''), change?.(this.clock.now(), ms) ?? ms);
    attempt.onAbort(() => this.clock.clearTimeout(timer));
    return answer;
  }
}
