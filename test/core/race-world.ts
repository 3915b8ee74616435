import { getEventListeners } from 'node:events';
import { Hedger, type AttemptContext, type HedgeCall } from '@hedgerow/core';
import { Instant } from './instant.js';
import { LoopClock } from './loop-clock.js';
import { Purse } from './purse.js';
import { SeenCall, type Answer } from './seen-call.js';
import type { CallPlan, Schedule } from './schedules.js';
import { seeded } from './traffic.js';

const HORIZON_MS = 1_000;
const services = { a: 'http://a.test', b: 'http://b.test' } as const;

/** A schedule being played on a Hedger, and everything about it that is not as it must be. */
export class RaceWorld {
  readonly clock = new LoopClock();
  readonly calls: readonly SeenCall[];
  /** What went wrong while it was played. */
  readonly wrong: string[] = [];
  private readonly schedule: Schedule;
  private readonly hedger: Hedger;
  private readonly purse: Purse;
  private readonly signals: AbortSignal[] = [];
  /** Until when an origin wants no copies. */
  private readonly quietUntilMs = new Map<string, number>();
  private isDisposed = false;

  constructor(schedule: Schedule) {
    const { burst, maxConcurrentHedges, seed } = schedule;
    this.schedule = schedule;
    this.clock.random = seeded(seed);
    this.purse = new Purse(burst);
    this.hedger = new Hedger({ clock: this.clock, budget: { ratio: 0.1, burst }, maxConcurrentHedges, efficacy: false });
    this.calls = schedule.calls.map((plan) => new SeenCall(plan));
    this.hedger.observe({
      onCall: ({ request, origin }) => {
        this.purse.deposit(origin);
        const call = this.calls[Number(request.header?.('index'))];
        return {
          onAttemptEnd: (attempt) => call?.outcomes.push(attempt.outcome),
          onSuppressed: (reason) => {
            if (reason === 'budget_exhausted' && this.purse.allows(origin)) this.wrong.push('the budget refused a token that it had');
          },
          onEnd: (info, { kind }) => call?.end(info, kind, this.clock.now()),
        };
      },
    });
  }

  /** Plays it to its end. What its promises tell is known only after that, see {@link SeenCall.verdict}. */
  play(): this {
    const { blocks, disposeAtMs } = this.schedule;
    for (const call of this.calls) this.clock.setTimeout(() => this.begin(call), call.plan.atMs);
    for (const { atMs, ms } of blocks) this.clock.setTimeout(() => this.clock.block(ms), atMs);
    if (disposeAtMs !== undefined) this.clock.setTimeout(() => this.dispose(), disposeAtMs);
    this.clock.jump(HORIZON_MS);
    return this;
  }

  /** All that is wrong once it has been played. */
  verdict(): string[] {
    const blockedMs = this.schedule.blocks.reduce((sum, { ms }) => sum + ms, 0);
    return [...this.wrong, ...this.leftovers(), ...this.calls.flatMap((call) => call.shortcomings(blockedMs))];
  }

  private begin(call: SeenCall): void {
    const { plan } = call;
    const caller = new AbortController();
    const giveUp = (): void => {
      call.isGivenUp = true;
      caller.abort(new DOMException('enough', plan.abortAs));
    };
    call.beganAtMs = this.clock.now();
    call.isBypassed = this.isDisposed;
    if (!call.isBypassed) this.signals.push(caller.signal); // a call that is not raced lets go of it with its promise
    if (plan.abortAtMs !== undefined && plan.abortAtMs < 0) giveUp();
    else if (plan.abortAtMs !== undefined) this.clock.setTimeout(giveUp, plan.abortAtMs);
    const { delay, hedgeOnFailure, isSteered, losers, mode, probability, timeoutMs } = plan;
    const options = { delay, hedgeOnFailure, losers, mode, probability, timeoutMs, targets: isSteered ? Object.values(services) : undefined };
    const onHedge = (): void => this.spend(plan);
    call.follow(this.hedger.run(this.describe(call, caller.signal), { ...options, onHedge }));
  }

  private describe(call: SeenCall, signal: AbortSignal): HedgeCall<Answer> {
    const { plan } = call;
    return {
      request: { method: 'GET', url: `${services[plan.service]}/`, header: () => String(this.calls.indexOf(call)) },
      signal,
      start: (context) => this.attempt(call, context),
      statusOf: (settled) => (settled.ok ? settled.value.status : undefined),
      pushbackMsOf: (settled) => (settled.ok ? settled.value.waitMs : undefined),
      whenReleased: (_answer, release) => void this.clock.setTimeout(release, plan.readMs),
    };
  }

  private spend({ service }: CallPlan): void {
    const origin = services[service];
    if (!this.purse.allows(origin)) this.wrong.push('a hedge was sent without a token');
    this.purse.take(origin);
  }

  private attempt(call: SeenCall, context: AttemptContext): PromiseLike<Answer> {
    const nowMs = this.clock.now();
    const plan = call.plan.attempts[context.number];
    const origin = context.steered?.origin ?? services[call.plan.service];
    if (plan === undefined) throw new Error('no such attempt');
    call.start(context, nowMs);
    if (context.isHedge && this.isDisposed) this.wrong.push('a hedge was sent by a Hedger that was disposed');
    if (context.isHedge && (this.quietUntilMs.get(origin) ?? 0) > nowMs) this.wrong.push('a hedge was sent to a server that asked to be left alone');

    const outcome = new Instant<Answer>();
    const arrive = (): void => {
      const isHeeded = !call.hasEnded && !call.isGivenUp;
      if (plan.end === 'wait' && isHeeded) this.heed(call, origin, plan.waitMs);
      if (plan.end === 'reject') outcome.reject(new Error(`attempt ${context.number} broke`));
      else outcome.resolve({ from: context.number, status: statusOf(plan.end), waitMs: plan.end === 'wait' ? plan.waitMs : undefined });
      if (plan.end === 'ok' && !call.hasEnded && !call.isGivenUp && !call.isBypassed) this.wrong.push('an answer did not end its call');
    };
    let hasStarted = false;
    const takeBack = this.clock.arrive(arrive, plan.ms);
    context.onAbort((reason) => {
      call.aborted.add(context.number);
      if (plan.isDeaf) return;
      takeBack();
      // As with a promise, `run` has returned before anybody is told.
      if (hasStarted) outcome.reject(reason);
      else this.clock.afterPoll(() => outcome.reject(reason));
    });
    call.dueAtMs.set(context.number, nowMs + plan.ms);
    hasStarted = true;
    return outcome;
  }

  private heed(call: SeenCall, origin: string, waitMs: number): void {
    if (waitMs === Infinity) call.isAlone = true;
    else if (waitMs > 0) this.quietUntilMs.set(origin, Math.max(this.quietUntilMs.get(origin) ?? 0, this.clock.now() + waitMs));
  }

  private dispose(): void {
    this.isDisposed = true;
    this.hedger.dispose();
  }

  private leftovers(): string[] {
    const { hedger, purse, clock, signals } = this;
    const { attempts, activeHedges, budget, calls, wins, failed, cancelled } = hedger.stats();
    const bypassed = this.calls.filter(({ isBypassed }) => isBypassed).length;
    const ended = wins.primary + wins.hedge + failed + cancelled;
    const listeners = signals.reduce((sum, signal) => sum + getEventListeners(signal, 'abort').length, 0);
    const loads = Object.values(services).reduce((sum, service) => sum + hedger.state.loads.of(service), 0);
    const bound = this.schedule.burst + 0.1 * this.calls.length;
    return [
      clock.pending === 0 ? '' : `${clock.pending} timers are left`,
      listeners === 0 ? '' : `${listeners} listeners are left`,
      loads === 0 ? '' : `${loads} attempts are thought to be under way`,
      activeHedges === 0 ? '' : `${activeHedges} hedges are thought to be under way`,
      hedger.state.counters.activeShadows === 0 ? '' : `${hedger.state.counters.activeShadows} shadows are thought to be under way`,
      attempts.hedge <= bound ? '' : `${attempts.hedge} hedges were sent where ${bound} were allowed`,
      // A Hedger that was disposed has no observers: the purse is not told any more.
      this.isDisposed || Math.abs((budget?.used ?? 0) - purse.used) < 1e-6 ? '' : `${budget?.used} tokens are gone where ${purse.used} were taken`,
      calls === this.calls.length ? '' : `${calls} calls were counted`,
      ended === calls - bypassed ? '' : `${ended} calls of ${calls - bypassed} are known to have ended`,
    ].filter((text) => text !== '');
  }
}

function statusOf(end: CallPlan['attempts'][number]['end']): number {
  if (typeof end === 'number') return end;
  return end === 'wait' ? 429 : 200;
}
