import { isAcceptable } from './acceptance.js';
import { Attempt } from './attempt.js';
import type { CallerSignal, Settled, Steered } from './call.js';
import { setWeakTimeout } from './clock.js';
import { HedgeTimeoutError } from './errors.js';
import type { AttemptOutcome, CallEnd } from './events.js';
import { attachInfo, type SuppressionReason } from './info.js';
import type { RaceHost, RaceSetup } from './host.js';
import { haveCollided, heed, identify, judge, judgeDrained, settleShadows } from './lessons.js';
import { abortUnless, isPromise, isTimeout, lossReason, lostOutcome } from './losing.js';
import { NO_HEDGES } from './plan.js';
import { HedgeSchedule } from './schedule.js';
import type { Situation } from './steering/steering.js';
import { completion, summarise } from './summary.js';

/**
 * The race of one call's attempts: starts the primary, launches hedges when they are due and permitted, settles with the
 * first acceptable outcome and aborts the others; if none is acceptable, with the primary's own outcome.
 */
export class Race<T> extends HedgeSchedule {
  private readonly host: RaceHost;
  private readonly setup: RaceSetup<T>;
  private readonly attempts: Attempt[] = [];
  private resolve!: (value: T) => void;
  private reject!: (error: unknown) => void;
  private open = 0;
  private settled = false;
  /** Set once the caller has given up. */
  private givenUp: 'cancelled' | 'timeout' | undefined = undefined;
  /** The primary's unacceptable outcome, kept while a hedge may still do better. */
  private primaryOutcome: Settled<T> | undefined = undefined;
  private suppression: SuppressionReason | undefined = undefined;
  /** When hedges were due that shadow mode did not send. */
  private shadowsMs: number[] | undefined = undefined;
  private timeoutTimer: unknown = undefined;
  /** Bounds what losers may take to finish. */
  private drainTimer: unknown = undefined;
  private winner: Attempt | undefined = undefined;

  constructor(host: RaceHost, setup: RaceSetup<T>, nowMs: number) {
    super(host.timers, setup.plan === 'warmup' ? NO_HEDGES : setup.plan, nowMs);
    this.host = host;
    this.setup = setup;
  }

  run(): Promise<T> {
    const { call, options, plan } = this.setup;
    const promise = new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.launch(0, options.steering?.primary(call.request));
    if (call.signal !== undefined) this.follow(call.signal);
    if (options.timeoutMs !== undefined) this.limit(options.timeoutMs);
    if (plan === 'warmup') this.suppress('warmup');
    else if (this.delaysMs.length > 0) this.beginSchedule();
    return promise;
  }

  // Launching

  private launch(elapsedMs: number, steered: Steered | undefined): void {
    const { call, watch } = this.setup;
    const attempt = new Attempt(this.attempts.length, elapsedMs);
    this.attempts.push(attempt);
    this.open++;
    if (call.signal?.aborted === true) attempt.abort(call.signal.reason);
    if (steered !== undefined) this.steer(attempt, steered);
    const scope = watch?.attempt(attempt);
    if (steered?.headers === undefined) attempt.headers = scope?.headers;
    else attempt.headers = { ...steered.headers, ...scope?.headers };
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

  private steer(attempt: Attempt, steered: Steered): void {
    attempt.steered = steered;
    if (steered.target !== undefined) this.host.loads.begin(steered.target);
  }

  protected override onHedgeDue(elapsedMs: number): void {
    const isSent = this.tryHedge(elapsedMs);
    // The failed attempts before it had to wait for it: the server had asked for that.
    if (!isSent && this.open === 0 && this.primaryOutcome !== undefined) this.finish('failed', this.primaryOutcome, elapsedMs);
  }

  /** Whether it was permitted. */
  private tryHedge(elapsedMs: number): boolean {
    if (this.host.disposed) return false;
    const { call, options, place } = this.setup;
    const nowMs = this.startedAtMs + elapsedMs;
    const number = this.attempts.length;
    const steered = options.steering?.hedge(call.request, this.situation(number, nowMs));
    const refusal = this.host.permit(place, nowMs, steered?.origin);
    if (refusal !== undefined) {
      this.suppress(refusal);
      return false;
    }
    const isShadow = options.mode === 'shadow';
    options.onHedge?.({ request: call.request, key: place.key, number, delayMs: elapsedMs, isShadow, target: steered?.target });
    if (isShadow) {
      (this.shadowsMs ??= []).push(elapsedMs);
      this.host.counters.activeShadows++;
      this.suppress('shadow');
      return false;
    }
    this.host.counters.launch(number, nowMs);
    this.launch(elapsedMs, steered);
    return true;
  }

  private situation(number: number, nowMs: number): Situation {
    const { clock, loads, pushbacks } = this.host;
    const tried = this.attempts.map(({ steered }) => steered?.target);
    return { number, tried, loads, isPushedBack: (origin) => pushbacks.isOn(origin, nowMs), random: clock.random };
  }

  private suppress(reason: SuppressionReason): void {
    this.suppression = reason;
    this.host.counters.suppressions[reason]++;
    this.setup.watch?.suppressed(reason);
  }

  // Outcomes

  private onOutcome(attempt: Attempt, settled: Settled<T>): void {
    const { call, options } = this.setup;
    if (options.instanceHeader !== undefined) identify(this.setup, attempt, settled);
    if (attempt.outcome !== undefined) return this.discard(attempt, settled);
    const elapsedMs = this.elapsedMs();
    attempt.status = call.statusOf?.(settled);
    if (!settled.ok) attempt.error = settled.error;
    if (this.settled) return this.onDrained(attempt, settled, elapsedMs);
    if (this.givenUp !== undefined) return this.finish(this.givenUp, settled, elapsedMs, attempt);

    const waitMs = heed(this.host, this.setup, attempt, settled, this.startedAtMs + elapsedMs);
    if (waitMs !== undefined) this.hold(waitMs, elapsedMs);
    const acceptable = isAcceptable(call, options, attempt, settled);
    if (!attempt.isHedge && (acceptable || this.isSlow(elapsedMs))) this.record(elapsedMs, false);
    if (acceptable) this.win(attempt, settled, elapsedMs);
    else this.fail(attempt, settled, elapsedMs);
  }

  private win(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.winner = attempt;
    if (this.attempts.length > 1) judge(this.host, this.setup, this.attempts, attempt, elapsedMs);
    this.finish('won', settled, elapsedMs, attempt);
    if (this.setup.options.delay.kind === 'goal') this.recordCall(elapsedMs);
  }

  private fail(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.endAttempt(attempt, 'failed', elapsedMs);
    if (attempt.isHedge) this.discard(attempt, settled);
    else this.primaryOutcome = settled;
    if (this.open > 0) return;
    const { hedgeOnFailure, maxHedges } = this.setup.options;
    if (hedgeOnFailure && this.attempts.length <= maxHedges && this.replace(elapsedMs)) return;
    this.finish('failed', this.primaryOutcome ?? settled, elapsedMs);
  }

  /** Whether a hedge takes the place of what has failed: now, or once the server's pushback is over. */
  private replace(elapsedMs: number): boolean {
    if (this.isHeld(elapsedMs)) return this.isWaiting;
    this.skipNext(elapsedMs);
    return this.tryHedge(elapsedMs);
  }

  /** A loser that was let to finish. Its time is known after all. */
  private onDrained(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.endAttempt(attempt, 'discarded', elapsedMs);
    if (this.open === 0) this.host.clock.clearTimeout(this.drainTimer);
    this.host.savings.waste(attempt);
    if (!attempt.isHedge) this.record(elapsedMs, false);
    judgeDrained(this.host, this.setup, this.attempts, elapsedMs);
    this.discard(attempt, settled);
  }

  /** Failures faster than the delay would drag it towards zero and hedge everything: they are not samples. */
  private isSlow(elapsedMs: number): boolean {
    return elapsedMs >= (this.delaysMs[0] ?? Infinity);
  }

  private record(elapsedMs: number, isCensored: boolean): void {
    this.setup.place.record(elapsedMs, isCensored, this.startedAtMs + elapsedMs);
  }

  /** Calls of a warm-up say nothing of how well a goal is reached. */
  private recordCall(elapsedMs: number): void {
    if (this.setup.plan !== 'warmup') this.setup.place.recordCall(elapsedMs, this.startedAtMs + elapsedMs);
  }

  private discard(attempt: Attempt, settled: Settled<T>): void {
    const { call, options } = this.setup;
    const drained = call.discard?.(settled);
    if (isPromise(drained)) abortUnless(drained, this.host.clock, attempt, options.drainMs);
  }

  // Giving up

  /** Passes the caller's abort on to every attempt; the client's own error of the first of them settles the call. */
  private follow(signal: CallerSignal): void {
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener('abort', this);
  }

  /** The caller's signal aborted: during the race, or while the winner's body is still being read. */
  handleEvent(): void {
    const reason: unknown = this.setup.call.signal?.reason;
    const givenUp = isTimeout(reason) ? 'timeout' : 'cancelled';
    this.givenUp = givenUp;
    this.setup.call.signal?.removeEventListener('abort', this);
    if (this.settled) return this.winner?.abort(reason);
    this.clearTimers();
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      attempt.timedOut = givenUp === 'timeout';
      attempt.abort(reason);
    }
    this.host.clock.afterPoll(() => {
      if (!this.settled) this.finish(givenUp, { ok: false, error: reason }, this.elapsedMs());
    });
  }

  private limit(timeoutMs: number): void {
    this.timeoutTimer = this.host.clock.setTimeout(() => this.host.clock.afterPoll(() => this.timeOut(timeoutMs)), timeoutMs);
  }

  private timeOut(timeoutMs: number): void {
    if (this.settled || this.givenUp !== undefined) return;
    const elapsedMs = this.elapsedMs();
    for (const attempt of this.attempts) attempt.timedOut = attempt.outcome === undefined;
    if (this.primaryOutcome !== undefined) return this.finish('failed', this.primaryOutcome, elapsedMs);
    const error = this.setup.call.timeoutError?.(timeoutMs) ?? new HedgeTimeoutError(timeoutMs);
    this.finish('timeout', { ok: false, error }, elapsedMs);
  }

  // Settling

  /** `decisive` is the attempt whose outcome this is, if it has not ended before. */
  private finish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number, decisive?: Attempt): void {
    this.settled = true;
    this.clearTimers();
    if (decisive !== undefined) this.endAttempt(decisive, kind === 'won' ? 'won' : lostOutcome(decisive), elapsedMs);
    this.endLosers(kind, elapsedMs);
    this.unfollow(kind, settled);
    if (this.attempts.length > 1) this.host.savings.settle(this.setup.place, this.attempts, this.winner, elapsedMs);
    if (this.shadowsMs !== undefined) settleShadows(this.host, this.setup, this.shadowsMs, this.winner !== undefined, elapsedMs);
    this.publish(kind, settled, elapsedMs);
    const { attempts: [primary], primaryOutcome } = this;
    if (primary !== undefined && primaryOutcome !== undefined && primaryOutcome !== settled) this.discard(primary, primaryOutcome);
    if (settled.ok) this.resolve(settled.value);
    else this.reject(settled.error);
    if (this.open > 0) this.drainLosers();
  }

  private endLosers(kind: CallEnd['kind'], elapsedMs: number): void {
    if (this.open === 0 || (kind === 'won' && this.setup.options.drainLosers)) return;
    const reason: unknown = kind === 'cancelled' ? this.setup.call.signal?.reason : lossReason(kind);
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      this.endLoser(attempt, elapsedMs, reason);
    }
  }

  private endLoser(attempt: Attempt, elapsedMs: number, reason: unknown): void {
    this.endAttempt(attempt, lostOutcome(attempt), elapsedMs);
    if (!attempt.isHedge) this.record(elapsedMs, true);
    attempt.abort(reason);
  }

  /** Lets losers finish, but not for ever; what the call was settled with is not kept for them. */
  private drainLosers(): void {
    this.resolve = this.reject = forget;
    this.drainTimer = setWeakTimeout(this.host.clock, () => this.cutOff(), this.setup.options.drainMs);
  }

  private cutOff(): void {
    const elapsedMs = this.elapsedMs();
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      this.endLoser(attempt, elapsedMs, lossReason('won'));
      this.host.savings.waste(attempt);
    }
  }

  private endAttempt(attempt: Attempt, outcome: AttemptOutcome, elapsedMs: number): void {
    attempt.end(outcome, elapsedMs);
    this.open--;
    if (attempt.isHedge) this.host.counters.activeHedges--;
    if (attempt.steered?.target !== undefined) this.host.loads.end(attempt.steered.target);
    this.setup.watch?.attemptEnd(attempt);
  }

  /** The caller's signal stays in force until the winner's body has ended. */
  private unfollow(kind: CallEnd['kind'], settled: Settled<T>): void {
    const { call } = this.setup;
    const { signal } = call;
    if (signal === undefined || signal.aborted) return;
    const release = (): void => signal.removeEventListener('abort', this);
    if (kind === 'won' && settled.ok && call.whenReleased !== undefined) call.whenReleased(settled.value, release);
    else release();
  }

  private publish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number): void {
    const { call, options, watch } = this.setup;
    const info = summarise(this.attempts, this.winner, this.delaysMs[0], elapsedMs, this.suppression, haveCollided(this.attempts), this.setup.place.key);
    const error = settled.ok ? undefined : settled.error;
    this.host.counters.end(kind, info.winner);
    attachInfo(settled.ok ? settled.value : error, info);
    if (watch === undefined && options.onComplete === undefined) return;
    const status = call.statusOf?.(settled);
    watch?.end(info, { kind, status, error });
    options.onComplete?.(completion(info, call.request, status, error));
  }

  // Time

  private elapsedMs(): number {
    return this.host.clock.now() - this.startedAtMs;
  }

  private clearTimers(): void {
    this.stopSchedule();
    if (this.timeoutTimer !== undefined) this.host.clock.clearTimeout(this.timeoutTimer);
  }
}

function forget(): void {
  // The call has been settled.
}
