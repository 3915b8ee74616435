import type { AttemptContext, AttemptOutcome, CallEnd, HedgeInfo } from '@hedgerow/core';
import type { CallPlan } from './schedules.js';

/** What an attempt of these calls answers. */
export interface Answer {
  readonly from: number;
  readonly status: number;
  /** For how long its server wants no copies. */
  readonly waitMs: number | undefined;
}

/** What was seen of one call. */
export class SeenCall {
  readonly plan: CallPlan;
  readonly outcomes: (AttemptOutcome | undefined)[] = [];
  /** Numbers of the attempts that were aborted. */
  readonly aborted = new Set<number>();
  /** When the attempts that could be started would answer. */
  readonly dueAtMs = new Map<number, number>();
  beganAtMs = NaN;
  isGivenUp = false;
  /** Its server wants no more copies of it. */
  isAlone = false;
  /** Begun after its Hedger was disposed: nobody observes it, and it has one attempt. */
  isBypassed = false;
  private started = 0;
  private ends = 0;
  private endedAtMs = NaN;
  private kind: CallEnd['kind'] | undefined;
  private winner: number | undefined;
  private settled = 0;
  private value: Answer | undefined;
  private error: unknown;
  private readonly wrong: string[] = [];

  constructor(plan: CallPlan) {
    this.plan = plan;
  }

  get hasEnded(): boolean {
    return this.ends > 0;
  }

  start({ number }: AttemptContext, nowMs: number): void {
    if (number !== this.started) this.wrong.push(`attempt ${number} is not number ${this.started}`);
    this.started++;
    if (this.hasEnded) this.wrong.push(`attempt ${number} was started after the end`);
    if (number > 0 && this.isAlone) this.wrong.push('a hedge was sent though the server wanted no more of this call');
    if (number > 0 && this.isGivenUp) this.wrong.push('a hedge was sent for a caller who had given up');
    if (this.plan.mode === 'shadow' && number > 0) this.wrong.push('shadow mode sent a hedge');
    const hasAnswer = [...this.dueAtMs].some(([other, dueAtMs]) => dueAtMs < nowMs && this.plan.attempts[other]?.end === 'ok');
    if (number > 0 && hasAnswer) this.wrong.push('a hedge was sent though an answer was there');
  }

  end({ winner }: HedgeInfo, kind: CallEnd['kind'], nowMs: number): void {
    this.ends++;
    this.endedAtMs = nowMs;
    this.kind = kind;
    this.winner = winner;
  }

  follow(promise: Promise<Answer>): void {
    promise.then(
      (value) => {
        this.settled++;
        this.value = value;
      },
      (error: unknown) => {
        this.settled++;
        this.error = error;
      },
    );
  }

  /** What is wrong with it, as far as can be told without waiting for promises. */
  shortcomings(blockedMs: number): string[] {
    if (this.isBypassed) return this.wrong;
    const { plan, outcomes } = this;
    const winners = outcomes.filter((outcome) => outcome === 'won').length;
    const took = this.endedAtMs - this.beganAtMs;
    const latest = Math.min(plan.timeoutMs ?? Infinity, Math.max(0, plan.abortAtMs ?? Infinity)) + blockedMs;
    const shouldBeAborted = plan.losers === 'drain' && this.kind === 'won' ? 0 : outcomes.filter((outcome) => outcome === 'cancelled').length;
    return [
      ...this.wrong,
      this.ends === 1 ? '' : `it ended ${this.ends} times`,
      outcomes.length === this.started ? '' : `${this.started} attempts were started and ${outcomes.length} ended`,
      this.started <= 1 + plan.delay.length ? '' : `${this.started} attempts were started`,
      winners === (this.winner === undefined ? 0 : 1) ? '' : `${winners} attempts won`,
      (this.kind === 'won') === (winners === 1) ? '' : `it ended as ${this.kind} with ${winners} winners`,
      took <= latest ? '' : `it took ${took} ms where ${latest} were allowed`,
      this.aborted.size >= shouldBeAborted ? '' : `${shouldBeAborted} attempts were cancelled and ${this.aborted.size} aborted`,
      this.winner !== undefined && this.aborted.has(this.winner) && !this.isGivenUp ? 'the winner was aborted' : '',
    ].filter((text) => text !== '');
  }

  /** What is wrong with what its promise said, once it has. */
  verdict(): string | undefined {
    if (this.settled !== 1) return `it settled ${this.settled} times`;
    if (this.isBypassed) return undefined;
    const { kind, winner, value, error } = this;
    if (kind === 'won') return value?.from === winner ? undefined : `${winner} won and ${value?.from} was returned`;
    if (kind === 'failed' && value !== undefined) return value.from === 0 && value.status >= 400 ? undefined : `attempt ${value.from}'s ${value.status} was returned`;
    if (kind === 'failed') return String(error).includes('attempt 0 ') ? undefined : `another's error was returned: ${String(error)}`;
    // A deaf attempt may have the last word after the caller gave up.
    return error === undefined && value === undefined ? 'it settled with nothing' : undefined;
  }
}
