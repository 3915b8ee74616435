import type { ServerClock } from '../load/clock.js';
import { LearntLimit } from '../load/learnt-limit.js';
import { Utilization } from '../load/utilization.js';
import type { HedgeMark } from '../request/mark.js';
import { Calls } from './calls.js';
import { decide, type ShedReason } from './decide.js';
import type { ResolvedShedOptions } from './options.js';

/** What has happened so far, and what is known now. */
export interface ShedStats {
  /** Requests that came, shed ones included. */
  readonly requests: number;
  /** Marked originals among them. */
  readonly originals: number;
  /** Marked hedges among them. */
  readonly hedges: number;
  /** Requests that were not worked on, by reason; of `expired` also originals. */
  readonly shed: Readonly<Record<ShedReason, number>>;
  /** Marked requests whose clients have gone before they were answered: work that a {@link signalOf} could stop. */
  readonly abandoned: number;
  /** Requests under way. */
  readonly inFlight: number;
  /** How many may be under way before hedges are shed; `undefined`: not known yet, or as many as there are. */
  readonly maxInFlight: number | undefined;
  /** The share of its time that the event loop was busy, of late: 0 to 1. `undefined`: not known yet. */
  readonly utilization: number | undefined;
}

/** A request under way. */
export interface Visit {
  readonly beganAtMs: number;
  readonly mark: HedgeMark | undefined;
}

/** Which requests are let in, and what that is decided by. Knows nothing of protocols. */
export class Admission {
  readonly pushbackMs: number;
  private readonly options: ResolvedShedOptions;
  private readonly clock: ServerClock;
  private readonly utilization: Utilization;
  private readonly learnt: LearntLimit | undefined;
  private readonly calls: Calls;
  private readonly shed: Record<ShedReason, number> = { busy: 0, collision: 0, expired: 0 };
  private requests = 0;
  private originals = 0;
  private hedges = 0;
  private abandoned = 0;
  private inFlight = 0;
  private hasWarned = false;

  constructor(options: ResolvedShedOptions) {
    this.options = options;
    this.pushbackMs = options.pushbackMs;
    this.clock = options.clock;
    this.utilization = new Utilization(options.clock);
    this.learnt = options.maxInFlight === 'learnt' ? new LearntLimit() : undefined;
    this.calls = new Calls(options.maxCalls);
  }

  /** A request has come: it is let in, or there is a reason why not. Everything that was let in has to {@link leave}. */
  enter(mark: HedgeMark | undefined): Visit | ShedReason {
    const nowMs = this.clock.now();
    this.requests++;
    this.utilization.look(nowMs);
    if (mark !== undefined) {
      const reason = this.judge(mark);
      if (reason !== undefined) return this.turnAway(reason, mark);
      this.calls.begin(mark.callId);
    }
    this.inFlight++;
    return { beganAtMs: nowMs, mark };
  }

  private judge(mark: HedgeMark): ShedReason | undefined {
    if (!mark.isHedge) this.originals++;
    else this.hedges++;
    if (this.options.expired && mark.leftMs === 0) return 'expired';
    if (!mark.isHedge) return undefined;
    const isCollision = this.options.collisions && this.calls.has(mark.callId);
    return decide({
      isCollision,
      isBusy: isCollision ? undefined : this.usersView(mark),
      utilization: this.utilization.value,
      maxUtilization: this.options.maxUtilization,
      inFlight: this.inFlight,
      maxInFlight: this.maxInFlight,
    });
  }

  /** A request that was let in comes by once more: has it waited for too long? */
  recheck({ beganAtMs, mark }: Visit): ShedReason | undefined {
    if (!this.options.expired || mark?.leftMs === undefined) return undefined;
    return this.clock.now() - beganAtMs > mark.leftMs ? this.turnAway('expired', mark) : undefined;
  }

  /** It was answered, or its client has gone before that. */
  leave({ beganAtMs, mark }: Visit, isAnswered: boolean): void {
    if (this.learnt !== undefined && isAnswered) {
      const nowMs = this.clock.now();
      this.learnt.answered(nowMs - beganAtMs, this.inFlight, nowMs);
    }
    this.inFlight--;
    if (mark === undefined) return;
    if (!isAnswered) this.abandoned++;
    this.calls.end(mark.callId);
  }

  stats(): ShedStats {
    const { requests, originals, hedges, shed, abandoned, inFlight, maxInFlight, utilization } = this;
    return { requests, originals, hedges, shed: { ...shed }, abandoned, inFlight, maxInFlight, utilization: utilization.value };
  }

  private get maxInFlight(): number | undefined {
    const { maxInFlight } = this.options;
    if (maxInFlight !== 'learnt') return maxInFlight === Infinity ? undefined : maxInFlight;
    return this.learnt?.value === undefined ? undefined : Math.floor(this.learnt.value);
  }

  private turnAway(reason: ShedReason, mark: HedgeMark): ShedReason {
    this.shed[reason]++;
    this.guarded('onShed', () => this.options.onShed?.({ reason, mark }));
    return reason;
  }

  private usersView(mark: HedgeMark): boolean | undefined {
    const answer: unknown = this.options.isBusy && this.guarded('isBusy', () => this.options.isBusy?.(mark));
    return typeof answer === 'boolean' ? answer : undefined;
  }

  /** What users' functions throw is said once, and no request suffers from it. */
  private guarded<R>(name: string, ask: () => R): R | undefined {
    try {
      return ask();
    } catch (error) {
      if (!this.hasWarned) process.emitWarning(`option \`${name}\` of shedHedges threw: ${String(error)}`, 'HedgerowWarning');
      this.hasWarned = true;
      return undefined;
    }
  }
}
