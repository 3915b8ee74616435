import { isAcceptable } from './acceptance.js';
import { hasRoom, keep, statusOf, timeoutError, whenReleased } from './asking.js';
import type { Attempt } from './attempt.js';
import type { CallerSignal, Settled } from './call.js';
import type { CallEnd } from './events.js';
import { Field } from './field.js';
import { attachInfo, carriesInfo, type HedgeInfo, type SuppressionReason } from './info.js';
import { compare, haveCollided, heed, identify, judge, judgeDrained, settleShadows } from './lessons.js';
import { isTimeout, lostOutcome } from './losing.js';
import type { Situation } from './steering/steering.js';
import { completion, summarise } from './summary.js';

/**
 * The race of one call's attempts: starts the primary, launches hedges when they are due and permitted, settles with the
 * first acceptable outcome and aborts the others; if none is acceptable, with the primary's own outcome.
 */
export class Race<T> extends Field<T> {
  private resolve!: (value: T) => void;
  private reject!: (error: unknown) => void;
  private settled = false;
  /** Set once the caller has given up. */
  private givenUp: 'cancelled' | 'timeout' | undefined = undefined;
  /** The primary's unacceptable outcome, kept while a hedge may still do better. */
  private primaryOutcome: Settled<T> | undefined = undefined;
  private suppression: SuppressionReason | undefined = undefined;
  /** When hedges were due that shadow mode did not send. */
  private shadowsMs: number[] | undefined = undefined;
  private timeoutTimer: unknown = undefined;
  private winner: Attempt | undefined = undefined;
  /** Whose outcome the caller was given, won or not. */
  private source: Attempt | undefined = undefined;
  /** How to end the race, for want of anything better, once it is back in its own context. */
  private end: (() => void) | undefined = undefined;

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

  protected override onHedgeDue(elapsedMs: number): void {
    const isSent = this.tryHedge(elapsedMs);
    // The failed attempts before it had to wait for it: the server had asked for that.
    if (!isSent && this.open === 0 && this.primaryOutcome !== undefined) this.finish('failed', this.primaryOutcome, elapsedMs, this.attempts[0]);
  }

  /** Whether it was permitted. */
  private tryHedge(elapsedMs: number): boolean {
    if (this.host.disposed) return false;
    const { call, options, place } = this.setup;
    const nowMs = this.startedAtMs + elapsedMs;
    const number = this.attempts.length;
    const steered = options.steering?.hedge(call.request, this.situation(number, nowMs));
    const refusal = hasRoom(this.host.reporter, call, steered) ? this.host.permit(place, nowMs, steered?.origin) : 'connections';
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

  protected override onOutcome(attempt: Attempt, settled: Settled<T>): void {
    const { host, setup } = this;
    const { call, options } = setup;
    if (options.instanceHeader !== undefined) identify(host, setup, attempt, settled);
    if (attempt.outcome !== undefined) return this.discard(attempt, settled);
    const elapsedMs = this.elapsedMs();
    attempt.status = statusOf(host.reporter, call, settled);
    if (!settled.ok) attempt.error = settled.error;
    if (this.settled) return this.onDrained(attempt, settled, elapsedMs);
    if (this.givenUp !== undefined) return this.giveUp(this.givenUp, settled, elapsedMs, attempt);

    const waitMs = heed(host, setup, attempt, settled, this.startedAtMs + elapsedMs);
    if (waitMs !== undefined) this.hold(waitMs, elapsedMs);
    const acceptable = isAcceptable(setup, attempt, settled, host.reporter);
    if (!attempt.isHedge) this.onPrimary(attempt, acceptable, elapsedMs);
    if (acceptable) this.win(attempt, settled, elapsedMs);
    else this.fail(attempt, settled, elapsedMs);
  }

  private onPrimary(primary: Attempt, acceptable: boolean, elapsedMs: number): void {
    if (acceptable || this.isSlow(elapsedMs)) this.record(elapsedMs, false);
    if (this.attempts.length > 1) compare(this.setup, this.attempts, primary, acceptable);
  }

  /** Something of ours threw: the caller gets what there is. */
  protected override onFault(settled: Settled<T>): void {
    if (this.settled) return;
    this.settled = true;
    this.clearTimers();
    conclude(settled, undefined, this.resolve, this.reject);
  }

  private win(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.winner = attempt;
    if (attempt.isHedge) this.setup.place.refusals?.answered();
    if (this.attempts.length > 1) judge(this.host, this.setup, this.attempts, attempt, elapsedMs);
    this.finish('won', settled, elapsedMs, attempt);
    if (this.setup.options.delay.kind === 'goal') this.recordCall(elapsedMs);
  }

  private fail(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.endAttempt(attempt, 'failed', elapsedMs);
    if (attempt.isHedge) this.discard(attempt, settled);
    else this.delivered = this.primaryOutcome = settled;
    const { hedgeOnFailure, maxHedges } = this.setup.options;
    const goesOn = this.open > 0 || (hedgeOnFailure && this.attempts.length <= maxHedges && this.replace(elapsedMs));
    if (!goesOn) this.finish('failed', this.primaryOutcome ?? settled, elapsedMs, this.attempts[0]);
    else if (!attempt.isHedge && !this.settled) this.keep(settled);
  }

  /** The primary's outcome waits for the hedges, as long as it can be kept. */
  private keep(settled: Settled<T>): void {
    this.stayReachable();
    keep(this.host.reporter, this.setup.call, settled, () => this.endInContext(() => this.finish('failed', settled, this.elapsedMs(), this.attempts[0])));
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
    if (this.open === 0) this.stopDraining();
    this.host.savings.waste(attempt);
    if (!attempt.isHedge) this.record(elapsedMs, false);
    judgeDrained(this.host, this.setup, this.attempts, elapsedMs);
    this.discard(attempt, settled);
  }

  /** Failures faster than the delay would drag it towards zero and hedge everything: they are not samples. */
  private isSlow(elapsedMs: number): boolean {
    return elapsedMs >= (this.delaysMs[0] ?? Infinity);
  }

  /** Calls of a warm-up say nothing of how well a goal is reached. */
  private recordCall(elapsedMs: number): void {
    if (this.setup.plan !== 'warmup') this.setup.place.recordCall(elapsedMs, this.startedAtMs + elapsedMs);
  }

  // Giving up

  /** Passes the caller's abort on to every attempt; the client's own error of the first of them settles the call. */
  private follow(signal: CallerSignal): void {
    this.stayReachable(); // whoever aborts it may be in another context
    if (signal.aborted) this.handleEvent();
    else signal.addEventListener('abort', this);
  }

  /** The caller's signal aborted: during the race, or while the body of what was delivered is still being read. */
  handleEvent(): void {
    const { signal } = this.setup.call;
    const reason: unknown = signal?.reason;
    const givenUp = isTimeout(reason) ? 'timeout' : 'cancelled';
    this.givenUp = givenUp;
    signal?.removeEventListener('abort', this);
    if (this.settled) return this.source && this.abort(this.source, reason);
    this.clearTimers();
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      attempt.timedOut = givenUp === 'timeout';
      this.abort(attempt, reason);
    }
    this.host.clock.afterPoll(() => this.endInContext(() => this.giveUp(givenUp, { ok: false, error: reason }, this.elapsedMs())));
  }

  /** Without hedges the caller would have had the primary's outcome before his time was up. */
  private giveUp(kind: 'cancelled' | 'timeout', settled: Settled<T>, elapsedMs: number, decisive?: Attempt): void {
    const { primaryOutcome } = this;
    if (kind === 'cancelled' || primaryOutcome === undefined) return this.finish(kind, settled, elapsedMs, decisive);
    this.finish('failed', primaryOutcome, elapsedMs, this.attempts[0]);
    if (decisive !== undefined) this.discard(decisive, settled);
    if (this.source !== undefined) this.abort(this.source, this.setup.call.signal?.reason);
  }

  /** Until it is settled it can be brought back into its own context. */
  private stayReachable(): void {
    this.keepsWayBack = true;
    this.host.timers.keepWayBack(this);
  }

  /** The caller has what the call was settled with; it is not kept for losers that take their time. */
  private letGo(): void {
    this.resolve = this.reject = forget;
    this.primaryOutcome = undefined;
    this.handedOver();
  }

  private endInContext(end: () => void): void {
    if (this.settled) return;
    this.end = end;
    this.host.timers.back(this);
  }

  override onBack(): void {
    const { end } = this;
    this.end = undefined;
    if (!this.settled) end?.();
  }

  private limit(timeoutMs: number): void {
    this.stayReachable();
    const { clock } = this.host;
    this.timeoutTimer = clock.setTimeout(() => clock.afterPoll(() => this.endInContext(() => this.timeOut(timeoutMs))), timeoutMs);
  }

  private timeOut(timeoutMs: number): void {
    if (this.settled || this.givenUp !== undefined) return;
    const elapsedMs = this.elapsedMs();
    for (const attempt of this.attempts) attempt.timedOut = attempt.outcome === undefined;
    if (this.primaryOutcome !== undefined) return this.finish('failed', this.primaryOutcome, elapsedMs, this.attempts[0]);
    this.finish('timeout', { ok: false, error: timeoutError(this.host.reporter, this.setup.call, timeoutMs) }, elapsedMs);
  }

  // Settling

  /** `source` is the attempt whose outcome this is, if it is one's. */
  private finish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number, source?: Attempt): void {
    this.settled = true;
    this.delivered = settled;
    this.source = source;
    this.clearTimers();
    this.keepsWayBack = false;
    this.wayBack = undefined;
    if (source !== undefined && source.outcome === undefined) this.endAttempt(source, kind === 'won' ? 'won' : lostOutcome(source), elapsedMs);
    this.endLosers(kind, elapsedMs);
    this.unfollow(settled);
    if (this.attempts.length > 1) this.host.savings.settle(this.setup.place, this.attempts, this.winner, elapsedMs);
    if (this.shadowsMs !== undefined) settleShadows(this.host, this.setup, this.shadowsMs, this.winner !== undefined, elapsedMs);
    const info = this.publish(kind, settled, elapsedMs);
    const { attempts: [primary], primaryOutcome } = this;
    if (primary !== undefined && primaryOutcome !== undefined) this.discard(primary, primaryOutcome);
    this.settle(settled, info);
    if (this.open > 0) this.drainLosers();
    if (this.attempts.length > 1) this.letGo();
  }

  /** What the call ends with carries its information; if it carries another call's already, they take turns. */
  private settle(settled: Settled<T>, info: HedgeInfo): void {
    const carrier: unknown = settled.ok ? settled.value : settled.error;
    if (carriesInfo(carrier)) {
      const { resolve, reject } = this;
      this.host.turns.take(carrier, () => conclude(settled, info, resolve, reject));
    } else {
      conclude(settled, info, this.resolve, this.reject);
    }
  }

  /** The caller's signal stays in force until the body of what was delivered has ended. */
  private unfollow(settled: Settled<T>): void {
    const { call } = this.setup;
    const { signal } = call;
    if (signal === undefined || signal.aborted) return;
    const release = (): void => signal.removeEventListener('abort', this);
    if (settled.ok && this.source !== undefined) whenReleased(this.host.reporter, call, settled.value, release);
    else release();
  }

  private publish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number): HedgeInfo {
    const { call, options, watch } = this.setup;
    const info = summarise(this.attempts, this.winner, this.delaysMs[0], elapsedMs, this.suppression, haveCollided(this.attempts), this.setup.place.key);
    this.host.counters.end(kind, info.winner);
    if (watch === undefined && options.onComplete === undefined) return info;
    const error = settled.ok ? undefined : settled.error;
    const status = this.source === undefined ? statusOf(this.host.reporter, call, settled) : this.source.status;
    watch?.end(info, { kind, status, error });
    options.onComplete?.(completion(info, call.request, status, error));
    return info;
  }

  // Time

  private clearTimers(): void {
    this.stopSchedule();
    if (this.timeoutTimer !== undefined) this.host.clock.clearTimeout(this.timeoutTimer);
  }
}

function conclude<T>(settled: Settled<T>, info: HedgeInfo | undefined, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  if (info !== undefined) attachInfo(settled.ok ? settled.value : settled.error, info);
  if (settled.ok) resolve(settled.value);
  else reject(settled.error);
}

function forget(): void {
  // The call has been settled.
}
