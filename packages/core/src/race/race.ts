import { isAcceptable, isDoubtful } from './acceptance.js';
import { hasRoom, statusOf, timeoutError } from './adapter-calls.js';
import { afterTimer } from '../common/clock.js';
import type { Attempt } from './attempt.js';
import type { CallerSignal, Settled } from '../call.js';
import { compare, heed, heedShed, identify, judge, judgeDrained } from './learning.js';
import { isTimeout } from './losers.js';
import { Keeping, MOST_PATIENCE_MS } from './keeping.js';
import { leastMs } from '../plan/delay.js';
import type { Situation } from '../steering/steering.js';

/**
 * The race of one call's attempts: starts the primary, launches hedges when they are due and permitted, settles with the
 * first acceptable outcome and aborts the others; if none is acceptable, with the primary's own outcome.
 *
 * One object in layers, so that a call pays for one: waiting for its hedges (`HedgeSchedule`), its attempts, started and aborted (`Field`), how it ends (`Settlement`),
 * a failed primary that is kept (`Keeping`), and who wins.
 */
export class Race<T> extends Keeping<T> {
  /** Set once the caller has given up. */
  private givenUp: 'cancelled' | 'timeout' | undefined = undefined;
  private timeoutTimer: unknown = undefined;
  /** Whether its first hedge was launched when it was due: whether it goes out is still to be seen. */
  private isAiming = false;

  run(): Promise<T> {
    const { call, options, plan } = this.setup;
    const promise = this.promise();
    this.launch(0, options.steering?.primary(call.request));
    if (call.signal !== undefined) this.follow(call.signal);
    if (options.timeoutMs !== undefined) this.limit(options.timeoutMs);
    if (plan === 'warmup') this.suppress('warmup');
    else if (this.delaysMs.length > 0) this.beginSchedule(this.lead());
    return promise;
  }

  // Launching

  /** By how much sooner than planned its hedges are due, so that they are sent in time. */
  private lead(): number {
    const { place, options: { delay } } = this.setup;
    const [delayMs = 0] = this.delaysMs;
    return Math.max(0, Math.min(place.aim.leadMs, delayMs - leastMs(delay)));
  }

  /** Its first hedge went out, or the call was answered before. What is not permitted is not late. */
  private aimed(isLaunched: boolean, isSent: boolean): void {
    const { place, options: { delay } } = this.setup;
    const [delayMs] = this.delaysMs;
    if (delayMs !== undefined && leastMs(delay) < Infinity) place.aim.count(delayMs, isLaunched, isSent);
  }

  protected override onHedgeDue(elapsedMs: number): void {
    const isFirst = this.announced === 1;
    const isSent = this.tryHedge(elapsedMs);
    this.isAiming ||= isFirst && isSent;
    if (isFirst && !isSent) this.aimed(true, true);
    // The failed attempts before it had to wait for it: the server had asked for that.
    if (!isSent && this.open === 0) this.endWithKept(elapsedMs);
  }

  /** Whether it was permitted. */
  private tryHedge(elapsedMs: number): boolean {
    const { call, request, options, place } = this.setup;
    const { mode } = this.state.options.current(options);
    if (mode === 'off' || this.state.disposed) return false;
    const nowMs = this.startedAtMs + elapsedMs;
    const number = this.attempts.length;
    const steered = options.steering?.hedge(call.request, this.situation(number, nowMs));
    const refusal = hasRoom(this.state.reporter, call, steered) ? this.state.permit(place, this.setup.number, nowMs, steered?.origin) : 'connections';
    if (refusal !== undefined) {
      this.suppress(refusal);
      return false;
    }
    const isShadow = mode === 'shadow';
    options.onHedge?.({ request, key: place.key, number, delayMs: elapsedMs, isShadow, target: steered?.target });
    if (isShadow) {
      (this.shadowsMs ??= []).push(elapsedMs);
      this.state.counters.activeShadows++;
      this.suppress('shadow');
      return false;
    }
    this.state.counters.launch(number, nowMs);
    this.launch(elapsedMs, steered);
    if (this.kept !== undefined) this.waitForCopies(MOST_PATIENCE_MS);
    return true;
  }

  private situation(number: number, nowMs: number): Situation {
    const { clock, loads, pushbacks } = this.state;
    const tried = this.attempts.map(({ steered }) => steered?.target);
    return { number, tried, loads, isPushedBack: (origin) => pushbacks.isOn(origin, nowMs), random: clock.random };
  }

  // Outcomes

  protected override onOutcome(attempt: Attempt, settled: Settled<T>): void {
    const { state, setup } = this;
    identify(state, setup, attempt, settled);
    if (attempt.outcome !== undefined) return this.discard(attempt, settled);
    const elapsedMs = this.elapsedMs();
    attempt.status = statusOf(state.reporter, setup.call, settled);
    if (!settled.ok) attempt.error = settled.error;
    if (this.settled) return this.onDrained(attempt, settled, elapsedMs);
    if (this.givenUp !== undefined) return this.giveUp(this.givenUp, settled, elapsedMs, attempt);

    if (heedShed(state, setup, attempt, settled, this.startedAtMs + elapsedMs)) return this.onShed(attempt, settled, elapsedMs);
    const waitMs = heed(state, setup, attempt, settled, this.startedAtMs + elapsedMs);
    if (waitMs !== undefined) this.hold(waitMs, elapsedMs);
    const acceptable = isAcceptable(setup, attempt, settled, state.reporter);
    if (!attempt.isHedge) this.onPrimary(attempt, acceptable, elapsedMs);
    if (!acceptable) this.fail(attempt, settled, elapsedMs);
    else if (this.open > 1 && isDoubtful(setup, attempt)) this.doubt(settled);
    else this.win(attempt, settled, elapsedMs);
  }

  /** A hedge that was not worked on is as good as not sent, whatever its answer looks like. */
  private onShed(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.suppress('shed');
    this.endAttempt(attempt, 'shed', elapsedMs);
    this.discard(attempt, settled);
    if (this.open === (this.isInDoubt ? 1 : 0)) this.endWithKept(elapsedMs);
  }

  private onPrimary(primary: Attempt, acceptable: boolean, elapsedMs: number): void {
    if (acceptable || this.isSlow(elapsedMs)) this.record(elapsedMs, false);
    if (acceptable && this.announced === 0) this.aimed(false, false);
    if (this.attempts.length > 1) compare(this.setup, this.attempts, primary, acceptable);
  }

  protected override learn(elapsedMs: number): void {
    super.learn(elapsedMs);
    const [, hedge] = this.attempts;
    if (hedge !== undefined && this.isAiming) this.aimed(true, hedge.isSent);
  }

  protected override win(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    const { state, setup } = this;
    this.winner = attempt;
    if (this.isInDoubt && attempt.isHedge) this.overtaken(elapsedMs);
    else if (attempt.isHedge) setup.place.refusals?.answered();
    judge(state, setup, this.attempts, attempt, elapsedMs);
    this.finish('won', settled, elapsedMs, attempt);
    if (setup.options.delay.kind === 'goal') this.recordCall(elapsedMs);
  }

  private fail(attempt: Attempt, settled: Settled<T>, elapsedMs: number): void {
    this.endAttempt(attempt, 'failed', elapsedMs);
    if (attempt.isHedge) this.discard(attempt, settled);
    else this.delivered = this.kept = settled;
    if (this.isInDoubt) return this.onCopyFailed(attempt, elapsedMs);
    const { hedgeOnFailure, maxHedges } = this.setup.options;
    const goesOn = this.open > 0 || (hedgeOnFailure && this.attempts.length <= maxHedges && this.replace(elapsedMs));
    if (!goesOn) this.endWithKept(elapsedMs);
    else if (!attempt.isHedge && !this.settled) this.keep(settled, MOST_PATIENCE_MS);
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
    this.state.savings.waste(attempt);
    if (!attempt.isHedge) this.record(elapsedMs, false);
    judgeDrained(this.state, this.setup, this.attempts, elapsedMs);
    this.discard(attempt, settled);
  }

  /** Failures faster than the delay would drag it towards zero and hedge everything: they are not samples. */
  private isSlow(elapsedMs: number): boolean {
    return elapsedMs >= this.dueMs();
  }

  /** Calls of a warm-up say nothing of how well a goal is reached. */
  private recordCall(elapsedMs: number): void {
    if (this.setup.plan !== 'warmup') this.setup.place.recordCall(elapsedMs, this.startedAtMs + elapsedMs);
  }

  // Giving up

  /** Passes the caller's abort on to every attempt; the client's own error of the first of them settles the call. */
  private follow(signal: CallerSignal): void {
    this.stayReachable(); // whoever aborts it may be in another context
    try {
      if (signal.aborted) this.handleEvent();
      else signal.addEventListener('abort', this);
    } catch (error) {
      this.state.reporter.warn('the signal of a call threw', error);
    }
  }

  /** The caller's signal aborted: during the race, or while the body of what was delivered is still being read. */
  override handleEvent(): void {
    const { signal } = this.setup.call;
    const reason: unknown = signal?.reason;
    const givenUp = isTimeout(reason) ? 'timeout' : 'cancelled';
    this.givenUp = givenUp;
    signal?.removeEventListener('abort', this);
    if (this.settled) return this.source && this.abort(this.source, reason);
    this.clearTimers();
    for (const attempt of this.attempts) {
      if (attempt.isTold) continue;
      attempt.timedOut = givenUp === 'timeout';
      this.abort(attempt, reason);
    }
    this.state.clock.afterPoll(() => this.endInContext(() => this.giveUp(givenUp, { ok: false, error: reason }, this.elapsedMs())));
  }

  /** Without hedges the caller would have had the primary's outcome before his time was up. */
  private giveUp(kind: 'cancelled' | 'timeout', settled: Settled<T>, elapsedMs: number, decisive?: Attempt): void {
    if (kind === 'cancelled' || this.kept === undefined) return this.finish(kind, settled, elapsedMs, decisive);
    this.endWithKept(elapsedMs);
    if (decisive !== undefined) this.discard(decisive, settled);
    if (this.source !== undefined) this.abort(this.source, this.setup.call.signal?.reason);
  }

  private limit(timeoutMs: number): void {
    this.stayReachable();
    const { clock } = this.state;
    this.timeoutTimer = clock.setTimeout(() => afterTimer(clock, () => this.endInContext(() => this.timeOut(timeoutMs))), timeoutMs);
  }

  private timeOut(timeoutMs: number): void {
    if (this.givenUp !== undefined) return;
    const elapsedMs = this.elapsedMs();
    for (const attempt of this.attempts) attempt.timedOut = !attempt.isTold;
    if (this.kept !== undefined) return this.endWithKept(elapsedMs);
    this.finish('timeout', { ok: false, error: timeoutError(this.state.reporter, this.setup.call, timeoutMs) }, elapsedMs);
  }

  // Time

  protected override clearTimers(): void {
    const { clock } = this.state;
    this.stopSchedule();
    if (this.timeoutTimer !== undefined) clock.clearTimeout(this.timeoutTimer);
    this.stopWaiting();
  }
}
