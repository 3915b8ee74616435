import { isAcceptable } from './acceptance.js';
import { Attempt } from './attempt.js';
import type { HedgeCall, Settled } from './call.js';
import type { Clock } from './clock.js';
import type { Counters } from './counters.js';
import { HedgeTimeoutError } from './errors.js';
import type { AttemptOutcome, CallEnd } from './events.js';
import { attachInfo, type HedgeInfo, type SuppressionReason } from './info.js';
import type { Place } from './latency/memory.js';
import type { Plan } from './plan.js';
import type { ResolvedHedgeOptions } from './resolve.js';
import type { Watch } from './watch.js';

/** What a race needs of its Hedger. */
export interface RaceHost {
  readonly clock: Clock;
  readonly counters: Counters;
  /** Takes permission to send one hedge now, or says why not. */
  permit(origin: string, nowMs: number): SuppressionReason | undefined;
  /** Reads what a server says about being left alone. */
  heed(origin: string, status: number, retryAfter: string | undefined, nowMs: number): void;
}

/** One call, ready to run. */
export interface RaceSetup<T> {
  readonly call: HedgeCall<T>;
  readonly options: ResolvedHedgeOptions;
  readonly place: Place;
  readonly plan: Plan;
  readonly watch: Watch | undefined;
}

/**
 * The race of one call's attempts: starts the primary, launches hedges when they are due and permitted, settles with the
 * first acceptable outcome and aborts the others; if none is acceptable, with the primary's own outcome.
 */
export class Race<T> {
  private readonly host: RaceHost;
  private readonly setup: RaceSetup<T>;
  private readonly delaysMs: readonly number[];
  private readonly attempts: Attempt[] = [];
  private readonly startedAtMs: number;
  private resolve!: (value: T) => void;
  private reject!: (error: unknown) => void;
  /** Index of the next planned delay. */
  private due = 0;
  private open = 0;
  private settled = false;
  private cancelled = false;
  /** The primary's unacceptable outcome, kept while a hedge may still do better. */
  private primaryOutcome: Settled<T> | undefined = undefined;
  private suppression: SuppressionReason | undefined = undefined;
  private hedgeTimer: unknown = undefined;
  private timeoutTimer: unknown = undefined;
  private winner: Attempt | undefined = undefined;

  constructor(host: RaceHost, setup: RaceSetup<T>) {
    this.host = host;
    this.setup = setup;
    this.delaysMs = setup.plan === 'warmup' ? [] : setup.plan;
    this.startedAtMs = host.clock.now();
  }

  run(): Promise<T> {
    const { call, options, plan } = this.setup;
    const promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.launch();
    if (call.signal !== undefined) this.follow(call.signal);
    if (options.timeoutMs !== undefined) this.timeoutTimer = this.after(options.timeoutMs, () => this.timeOut(options.timeoutMs ?? 0));
    if (plan === 'warmup') this.suppress('warmup');
    this.launchDue();
    return promise;
  }

  // Launching

  private launch(): void {
    const { call, watch } = this.setup;
    const attempt = new Attempt(this.attempts.length, this.attempts.length === 0 ? 0 : this.elapsedMs());
    this.attempts.push(attempt);
    this.open++;
    if (call.signal?.aborted === true) attempt.abort(call.signal.reason);
    const scope = watch?.attempt(attempt);
    attempt.headers = scope?.headers;
    let outcome: PromiseLike<T>;
    try {
      outcome = scope?.run === undefined ? call.start(attempt) : scope.run(() => call.start(attempt));
    } catch (error) {
      outcome = Promise.reject(error);
    }
    outcome.then(
      (value) => this.onOutcome(attempt, { ok: true, value }),
      (error: unknown) => this.onOutcome(attempt, { ok: false, error }),
    );
  }

  /** Launches every hedge whose time has come and sets the timer for the next. */
  private launchDue(): void {
    let delayMs = this.delaysMs[this.due];
    while (delayMs !== undefined && !this.isOver() && (delayMs === 0 || delayMs <= this.elapsedMs())) {
      this.due++;
      this.tryHedge();
      delayMs = this.delaysMs[this.due];
    }
    if (delayMs !== undefined && !this.isOver()) {
      this.hedgeTimer = this.host.clock.setTimeout(this.onHedgeTimer, delayMs - this.elapsedMs());
    }
  }

  /**
   * A timer that was held up by a busy event loop would duplicate requests whose answers already wait in their sockets: let
   * the loop read them first.
   */
  private readonly onHedgeTimer = (): void => {
    this.host.clock.afterPoll(() => {
      if (!this.isOver()) this.launchDue();
    });
  };

  private tryHedge(): boolean {
    const { call, options, place } = this.setup;
    const nowMs = this.host.clock.now();
    const refusal = this.host.permit(place.origin, nowMs);
    if (refusal !== undefined) {
      this.suppress(refusal);
      return false;
    }
    const number = this.attempts.length;
    this.host.counters.launch(number, nowMs);
    options.onHedge?.({ request: call.request, key: place.key, number, delayMs: nowMs - this.startedAtMs });
    this.launch();
    return true;
  }

  private suppress(reason: SuppressionReason): void {
    this.suppression = reason;
    this.host.counters.suppressions[reason]++;
    this.setup.watch?.suppressed(reason);
  }

  // Outcomes

  private onOutcome(attempt: Attempt, settled: Settled<T>): void {
    if (attempt.outcome !== undefined) return this.discard(settled);
    const { call, options, place } = this.setup;
    attempt.status = call.statusOf?.(settled);
    if (!settled.ok) attempt.error = settled.error;
    if (this.settled) return this.onDrained(attempt, settled);
    if (this.cancelled) return this.finish('cancelled', settled, attempt, 'cancelled');

    const elapsedMs = this.elapsedMs();
    if (attempt.status !== undefined && attempt.status >= 400) this.heed(attempt.status, settled);
    const acceptable = isAcceptable(call, options, attempt.number, settled, attempt.status);
    if (!attempt.isHedge && (acceptable || this.isSlow(elapsedMs))) place.record(elapsedMs, false, this.host.clock.now());
    if (acceptable) this.win(attempt, settled);
    else this.fail(attempt, settled, elapsedMs);
  }

  private win(attempt: Attempt, settled: Settled<T>): void {
    this.winner = attempt;
    const held = this.primaryOutcome;
    this.finish('won', settled, attempt, 'won');
    if (held !== undefined) this.discard(held);
  }

  private fail(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.endAttempt(attempt, 'failed', elapsedMs);
    if (attempt.isHedge) this.discard(settled);
    else this.primaryOutcome = settled;
    if (this.open > 0) return;
    if (this.setup.options.hedgeOnFailure && this.attempts.length <= this.setup.options.maxHedges) {
      this.due++;
      if (this.tryHedge()) return;
    }
    this.finish('failed', this.primaryOutcome ?? settled);
  }

  /** A loser that was let to finish. Its time is known after all. */
  private onDrained(attempt: Attempt, settled: Settled<T>): void {
    const elapsedMs = this.elapsedMs();
    this.endAttempt(attempt, 'discarded', elapsedMs);
    if (!attempt.isHedge) this.setup.place.record(elapsedMs, false, this.host.clock.now());
    this.discard(settled);
  }

  /** Failures faster than the delay would drag it towards zero and hedge everything: they are not samples. */
  private isSlow(elapsedMs: number): boolean {
    const [delayMs] = this.delaysMs;
    return delayMs !== undefined && elapsedMs >= delayMs;
  }

  private heed(status: number, settled: Settled<T>): void {
    const retryAfter = this.setup.call.headerOf?.(settled, 'retry-after');
    this.host.heed(this.setup.place.origin, status, retryAfter, this.host.clock.now());
  }

  private discard(settled: Settled<T>): void {
    this.setup.call.discard?.(settled);
  }

  // Giving up

  /** Passes the caller's abort on to every attempt; the client's own error of the first of them settles the call. */
  private follow(signal: AbortSignal): void {
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener('abort', this);
  }

  /** The caller's signal aborted: during the race, or while the winner's body is still being read. */
  handleEvent(): void {
    const reason: unknown = this.setup.call.signal?.reason;
    this.cancelled = true;
    this.setup.call.signal?.removeEventListener('abort', this);
    if (this.settled) return this.winner?.abort(reason);
    this.clearTimers();
    for (const attempt of this.attempts) if (attempt.outcome === undefined) attempt.abort(reason);
    this.host.clock.afterPoll(() => {
      if (!this.settled) this.finish('cancelled', { ok: false, error: reason });
    });
  }

  private timeOut(timeoutMs: number): void {
    if (this.isOver()) return;
    for (const attempt of this.attempts) attempt.timedOut = attempt.outcome === undefined;
    if (this.primaryOutcome !== undefined) return this.finish('failed', this.primaryOutcome);
    const error = this.setup.call.timeoutError?.(timeoutMs) ?? new HedgeTimeoutError(timeoutMs);
    this.finish('timeout', { ok: false, error });
  }

  // Settling

  private finish(kind: CallEnd['kind'], settled: Settled<T>, decisive?: Attempt, outcome: AttemptOutcome = 'failed'): void {
    const elapsedMs = this.elapsedMs();
    this.settled = true;
    this.clearTimers();
    if (decisive !== undefined) this.endAttempt(decisive, outcome, elapsedMs);
    this.endLosers(kind, elapsedMs);
    this.unfollow(kind, settled);
    this.publish(kind, settled, elapsedMs);
    if (settled.ok) this.resolve(settled.value);
    else this.reject(settled.error);
  }

  private endLosers(kind: CallEnd['kind'], elapsedMs: number): void {
    if (this.open === 0 || (kind === 'won' && this.setup.options.drainLosers)) return;
    const reason: unknown = kind === 'cancelled' ? this.setup.call.signal?.reason : lost(kind);
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      this.endAttempt(attempt, attempt.timedOut ? 'failed' : 'cancelled', elapsedMs);
      if (!attempt.isHedge) this.setup.place.record(elapsedMs, true, this.host.clock.now());
      attempt.abort(reason);
    }
  }

  private endAttempt(attempt: Attempt, outcome: AttemptOutcome, elapsedMs: number): void {
    attempt.end(outcome, elapsedMs);
    this.open--;
    if (attempt.isHedge) this.host.counters.activeHedges--;
    this.setup.watch?.attemptEnd(attempt);
  }

  /** The caller's signal stays in force until the winner's body has ended. */
  private unfollow(kind: CallEnd['kind'], settled: Settled<T>): void {
    const { signal, whenReleased } = this.setup.call;
    if (signal === undefined || signal.aborted) return;
    const release = (): void => signal.removeEventListener('abort', this);
    if (kind === 'won' && settled.ok && whenReleased !== undefined) whenReleased(settled.value, release);
    else release();
  }

  private publish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number): void {
    const { call, options, watch } = this.setup;
    const info = this.info(elapsedMs);
    const error = settled.ok ? undefined : settled.error;
    this.host.counters.end(kind, info.winner);
    attachInfo(settled.ok ? settled.value : error, info);
    if (watch === undefined && options.onComplete === undefined) return;
    const status = call.statusOf?.(settled);
    watch?.end(info, { kind, status, error });
    options.onComplete?.({ ...info, request: call.request, status, error });
  }

  private info(elapsedMs: number): HedgeInfo {
    return {
      eligible: true,
      ineligibleReason: undefined,
      attempts: this.attempts.length,
      winner: this.winner?.number,
      isHedge: this.winner?.isHedge ?? false,
      delayMs: this.delaysMs[0],
      durationMs: elapsedMs,
      attemptDurationsMs: this.attempts.map((attempt) => attempt.durationMs ?? elapsedMs - attempt.delayMs),
      suppressionReason: this.suppression,
      key: this.setup.place.key,
    };
  }

  // Time

  private elapsedMs(): number {
    return this.host.clock.now() - this.startedAtMs;
  }

  private isOver(): boolean {
    return this.settled || this.cancelled;
  }

  private after(delayMs: number, callback: () => void): unknown {
    return this.host.clock.setTimeout(() => this.host.clock.afterPoll(callback), delayMs);
  }

  private clearTimers(): void {
    if (this.hedgeTimer !== undefined) this.host.clock.clearTimeout(this.hedgeTimer);
    if (this.timeoutTimer !== undefined) this.host.clock.clearTimeout(this.timeoutTimer);
  }
}

function lost(kind: CallEnd['kind']): DOMException {
  return kind === 'won'
    ? new DOMException('another attempt won', 'AbortError')
    : new DOMException('the call was given up', kind === 'timeout' ? 'TimeoutError' : 'AbortError');
}
