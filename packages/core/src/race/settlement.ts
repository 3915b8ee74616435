import { statusOf, whenReleased } from './adapter-calls.js';
import type { Attempt } from './attempt.js';
import type { Settled } from '../call.js';
import type { CallEnd } from '../reporting/events.js';
import { Field } from './field.js';
import { attachInfo, carriesInfo, type HedgeInfo, type SuppressionReason } from '../info.js';
import { Trigger } from '../harm/worth.js';
import { haveCollided, settleShadows } from './learning.js';
import { lostOutcome } from './losers.js';
import { completion, summarise } from './summary.js';

/** How a call ends, once: losers, counters and observers, and its caller, who is given an outcome that carries its information. */
export abstract class Settlement<T> extends Field<T> {
  protected settled = false;
  protected winner: Attempt | undefined = undefined;
  /** Whose outcome the caller was given, won or not. */
  protected source: Attempt | undefined = undefined;
  /** The primary's outcome, kept while a hedge may still do better. */
  protected kept: Settled<T> | undefined = undefined;
  protected suppression: SuppressionReason | undefined = undefined;
  /** When hedges were due that shadow mode did not send. */
  protected shadowsMs: number[] | undefined = undefined;
  private resolve!: (value: T) => void;
  private reject!: (error: unknown) => void;

  protected suppress(reason: SuppressionReason): void {
    this.suppression = reason;
    this.state.counters.suppressions[reason]++;
    this.setup.watch?.suppressed(reason);
  }

  /** What the caller waits for. */
  protected promise(): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }

  protected abstract clearTimers(): void;

  /** `source` is the attempt whose outcome this is, if it is one's. */
  protected finish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number, source?: Attempt): void {
    this.settled = true;
    this.delivered = settled;
    this.source = source;
    this.clearTimers();
    this.keepsWayBack = false;
    this.wayBack = undefined;
    if (source !== undefined && source.outcome === undefined) this.endAttempt(source, kind === 'won' ? 'won' : lostOutcome(source), elapsedMs);
    this.endLosers(kind, elapsedMs);
    if (this.setup.plan instanceof Trigger && elapsedMs >= this.dueMs()) this.suppress('no_gain');
    this.setup.place.order.end(this.setup.number);
    this.unfollow(settled);
    if (this.attempts.length > 1) this.learn(elapsedMs);
    if (this.shadowsMs !== undefined) settleShadows(this.state, this.setup, this.shadowsMs, this.winner !== undefined, elapsedMs);
    const info = this.publish(kind, settled, elapsedMs);
    const { attempts: [primary], kept } = this;
    if (primary !== undefined && kept !== undefined) this.discard(primary, kept);
    this.settle(settled, info);
    if (this.open > 0) this.drainLosers();
    if (this.attempts.length > 1) this.letGo();
  }

  /** Something of ours threw: the caller gets what there is. */
  protected override onFault(settled: Settled<T>): void {
    handOver(this.delivered ?? settled, this.resolve, this.reject);
    if (this.settled) return;
    this.settled = true;
    this.clearTimers();
  }

  protected learn(elapsedMs: number): void {
    const { state, setup, attempts, winner } = this;
    setup.place.refusals?.ended(attempts.filter(({ isHedge, isRefused }) => isHedge && isRefused).length);
    state.savings.settle(setup.place, attempts, winner, elapsedMs);
  }

  /** The caller's signal stays in force until the body of what was delivered has ended. */
  private unfollow(settled: Settled<T>): void {
    const { call } = this.setup;
    const { signal } = call;
    if (signal === undefined || signal.aborted) return;
    const release = (): void => signal.removeEventListener('abort', this);
    if (settled.ok) whenReleased(this.state.reporter, call, settled.value, release);
    else release();
  }

  /** The caller's signal aborted. */
  abstract handleEvent(): void;

  private publish(kind: CallEnd['kind'], settled: Settled<T>, elapsedMs: number): HedgeInfo {
    const { call, request, options, watch } = this.setup;
    const info = summarise(this.attempts, this.winner, this.delaysMs[0], elapsedMs, this.suppression, haveCollided(this.attempts), this.setup.place.key);
    this.state.counters.end(kind, info.winner);
    if (watch === undefined && options.onComplete === undefined) return info;
    const error = settled.ok ? undefined : settled.error;
    const status = this.source === undefined ? statusOf(this.state.reporter, call, settled) : this.source.status;
    watch?.end(info, { kind, status, error });
    options.onComplete?.(completion(info, request, status, error));
    return info;
  }

  /** What the call ends with carries its information; if it carries another call's already, they take turns. */
  private settle(settled: Settled<T>, info: HedgeInfo): void {
    const { resolve, reject } = this;
    const { call } = this.setup;
    if (call.onInfo !== undefined) {
      this.state.reporter.tell('`onInfo` of a call', () => call.onInfo?.(info));
      if (settled.ok) return resolve(settled.value);
    }
    const carrier: unknown = settled.ok ? settled.value : settled.error;
    if (carriesInfo(carrier)) this.state.turns.take(carrier, () => conclude(settled, info, resolve, reject));
    else conclude(settled, info, resolve, reject);
  }

  /** The caller has what the call was settled with; it is not kept for losers that take their time. */
  private letGo(): void {
    this.resolve = this.reject = forget;
    this.kept = undefined;
    this.handedOver();
  }
}

function conclude<T>(settled: Settled<T>, info: HedgeInfo, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  attachInfo(settled.ok ? settled.value : settled.error, info);
  handOver(settled, resolve, reject);
}

function handOver<T>(settled: Settled<T>, resolve: (value: T) => void, reject: (error: unknown) => void): void {
  if (settled.ok) resolve(settled.value);
  else reject(settled.error);
}

function forget(): void {
  // The call has been settled.
}
