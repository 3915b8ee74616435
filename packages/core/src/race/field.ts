import { discard } from './adapter-calls.js';
import { Attempt } from './attempt.js';
import type { Settled, Steered } from '../call.js';
import { setWeakTimeout } from '../common/clock.js';
import type { AttemptOutcome, CallEnd } from '../reporting/events.js';
import type { HedgerState, RaceSetup } from './hedger-state.js';
import { abortUnless, lossReason, lostOutcome } from './losers.js';
import { Trigger } from '../harm/worth.js';
import { delaysOf } from '../plan/plan.js';
import { MARK, markOf } from '../steering/mark.js';
import { HedgeSchedule } from '../timing/schedule.js';
import { isThenable } from '../common/thenable.js';

type Headers = Readonly<Record<string, string>>;

/** The attempts of one call: started, ended, and freed of what they hold. Who wins is decided by the race that is made of it. */
export abstract class Field<T> extends HedgeSchedule {
  protected readonly state: HedgerState;
  protected readonly setup: RaceSetup<T>;
  protected readonly attempts: Attempt[] = [];
  /** How many have not ended. */
  protected open = 0;
  /** What the caller will be given; once he has it, it is his alone, and held weakly. */
  protected delivered: Settled<T> | undefined = undefined;
  private given: WeakRef<WeakKey> | undefined = undefined;
  /** By what servers know its copies for such. */
  private id: string | undefined = undefined;
  /** Bounds what losers may take to finish. */
  private drainTimer: unknown = undefined;

  constructor(state: HedgerState, setup: RaceSetup<T>, nowMs: number) {
    super(state.timers, delaysOf(setup.plan), nowMs);
    this.state = state;
    this.setup = setup;
  }

  /** What came of an attempt. Told once of each. */
  protected abstract onOutcome(attempt: Attempt, settled: Settled<T>): void;

  /** Judging an outcome failed. */
  protected abstract onFault(settled: Settled<T>): void;

  protected launch(elapsedMs: number, steered: Steered | undefined): void {
    const { call, watch } = this.setup;
    const attempt = new Attempt(this.attempts.length, elapsedMs);
    this.attempts.push(attempt);
    this.open++;
    if (call.signal?.aborted === true) this.abort(attempt, call.signal.reason);
    if (steered !== undefined) this.steer(attempt, steered);
    const own = this.setup.options.isMarking ? this.marked(attempt, steered?.headers) : steered?.headers;
    const scope = watch?.attempt(attempt);
    if (watch === undefined || scope === undefined) {
      attempt.headers = own;
      return this.listen(attempt, this.start(attempt));
    }
    const headers = watch.headers(scope);
    attempt.headers = own === undefined ? headers : { ...own, ...headers };
    this.listen(attempt, watch.within(scope, () => this.start(attempt)));
  }

  /** With what servers are told of it; what is no request has no server. */
  private marked({ number, delayMs }: Attempt, headers: Headers | undefined): Headers | undefined {
    const { request, options: { timeoutMs } } = this.setup;
    if (request.key !== undefined) return headers;
    this.id ??= this.state.ids.next();
    return { ...headers, [MARK]: markOf({ number, id: this.id, delayMs, timeoutMs }) };
  }

  /** What is no promise is an answer, as it is to whoever awaits it. */
  private start(attempt: Attempt): PromiseLike<T> {
    try {
      const outcome: unknown = this.setup.call.start(attempt);
      return (isThenable(outcome) ? outcome : Promise.resolve(outcome)) as PromiseLike<T>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  private listen(attempt: Attempt, outcome: PromiseLike<T>): void {
    const onError = (error: unknown): void => this.tell(attempt, { ok: false, error });
    try {
      outcome.then((value) => this.tell(attempt, { ok: true, value }), onError);
    } catch (error) {
      onError(error);
    }
  }

  private tell(attempt: Attempt, settled: Settled<T>): void {
    if (attempt.isTold) return;
    attempt.isTold = true;
    try {
      this.onOutcome(attempt, settled);
    } catch (error) {
      this.state.reporter.warn('a call could not be judged', error);
      this.onFault(settled);
    }
  }

  private steer(attempt: Attempt, steered: Steered): void {
    attempt.steered = steered;
    if (steered.target !== undefined) this.state.loads.begin(steered.target);
  }

  protected endAttempt(attempt: Attempt, outcome: AttemptOutcome, elapsedMs: number): void {
    attempt.end(outcome, elapsedMs);
    this.open--;
    if (attempt.isHedge) this.state.counters.activeHedges--;
    if (attempt.steered?.target !== undefined) this.state.loads.end(attempt.steered.target);
    this.setup.watch?.attemptEnd(attempt);
  }

  protected endLosers(kind: CallEnd['kind'], elapsedMs: number): void {
    if (this.open === 0 || (kind === 'won' && this.setup.options.drainLosers)) return;
    const reason: unknown = kind === 'cancelled' ? this.setup.call.signal?.reason : lossReason(kind);
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      this.endLoser(attempt, elapsedMs, reason);
    }
  }

  private endLoser(attempt: Attempt, elapsedMs: number, reason: unknown): void {
    this.endAttempt(attempt, lostOutcome(attempt), elapsedMs);
    if (!attempt.isHedge && !attempt.isTold) this.record(elapsedMs, true);
    this.abort(attempt, reason);
  }

  /** Lets losers finish, but not for ever. */
  protected drainLosers(): void {
    this.drainTimer = setWeakTimeout(this.state.clock, () => this.cutOff(), this.setup.options.drainMs);
  }

  private cutOff(): void {
    const elapsedMs = this.elapsedMs();
    for (const attempt of this.attempts) {
      if (attempt.outcome !== undefined) continue;
      this.endLoser(attempt, elapsedMs, lossReason('won'));
      this.state.savings.waste(attempt);
    }
  }

  protected stopDraining(): void {
    if (this.drainTimer !== undefined) this.state.clock.clearTimeout(this.drainTimer);
  }

  protected record(elapsedMs: number, isCensored: boolean): void {
    const nowMs = this.startedAtMs + elapsedMs;
    const lagMs = this.state.reading.lagMs(nowMs);
    this.setup.place.record(Math.max(0, elapsedMs - lagMs), isCensored, nowMs);
  }

  /** When the first hedge is due, be it sent or not. */
  protected dueMs(): number {
    const { plan } = this.setup;
    return this.delaysMs[0] ?? (plan instanceof Trigger ? plan.delayMs : undefined) ?? Infinity;
  }

  protected elapsedMs(): number {
    return this.state.clock.now() - this.startedAtMs;
  }

  protected abort(attempt: Attempt, reason: unknown): void {
    try {
      attempt.abort(reason);
    } catch (error) {
      this.state.reporter.warn('a client threw when it was aborted', error);
    }
  }

  /** The caller has what he was to be given: it is not kept for losers that take their time. */
  protected handedOver(): void {
    const object: unknown = this.delivered && contentOf(this.delivered);
    this.given = typeof object === 'object' && object !== null ? new WeakRef(object) : undefined;
    this.delivered = undefined;
  }

  private isForCaller(settled: Settled<T>): boolean {
    const content = contentOf(settled);
    if (this.delivered !== undefined) return content === contentOf(this.delivered);
    return content !== undefined && content === this.given?.deref();
  }

  /** Frees what nobody will be given. Two attempts may have been given one and the same thing. */
  protected discard(attempt: Attempt, settled: Settled<T>): void {
    if (this.isForCaller(settled)) return;
    const { state, setup } = this;
    const drained = discard(state.reporter, setup.call, settled);
    if (isThenable(drained)) abortUnless(drained, state.clock, attempt, setup.options.drainMs);
  }
}

function contentOf<T>(settled: Settled<T>): unknown {
  return settled.ok ? settled.value : settled.error;
}
