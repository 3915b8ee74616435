import type { Survival } from './survival-curve.js';

/** The aim is corrected whenever so many hedges should have been sent … */
const EXPECTED_PER_STEP = 10;
/** … by this part of what was missed, as logarithms: four steps make up for it; by all of it at first. */
const LEAST_GAIN = 0.25;
/** So much of the plan is aimed at: chance would overspend it every other time. */
const AIMED_SHARE = 0.95;
/** No more of it is launched, however little of that goes out: the budget is not much larger than the plan, and what is launched takes of it. */
const MOST_LAUNCHED_SHARE = 1.08;
/** One step goes no farther back than this: in an outage everything is launched. */
const MOST_EXCESS = 1;

/** Hedges are due by no more than this many times the worst lateness sooner: the answers that they are compared with were read late, too. */
const MOST_OF_WORST = 1.5;

/** By how much later than they were due hedges were launched of late, in milliseconds. */
export interface Late {
  readonly meanMs: number;
  readonly worstMs: number;
}

/** What is known of a route's latency. */
export interface AimedRoute {
  /** Tells when estimates were renewed. */
  readonly version: { readonly refreshes: number };
  /** The latency of primaries; `undefined` while there are too few samples. */
  curve(): Survival | undefined;
}

/**
 * How much sooner than planned the hedges of a route have to be due, so that as many are sent as are planned. Timers fire late, a look at the sockets comes after
 * them, a connection has to be made, and a good part of the calls whose hedge was due is answered by then.
 *
 * So what comes of calls is counted: was the call answered first, or did its hedge come to be sent? The latter should be a share S(d) of them, with d the planned delay and S
 * the share of requests that still run. Where it is less, hedges are due when a greater share still runs, m · S(d). An integral controller on the logarithm
 * of m finds m; its gain falls at first as that of a mean does (Robbins & Monro, 1951). It makes up for lateness and for nothing else: where hedges are in time nothing changes.
 */
export class Aim {
  /** Hedges are due by so much sooner than planned, in milliseconds. */
  leadMs = 0;
  private readonly route: AimedRoute;
  private readonly late: Late;
  /** As of the last renewal. */
  private refreshes = -1;
  private curve: Survival | undefined = undefined;
  /** The delay that is planned now, and the share of calls that run so long. */
  private delayMs = NaN;
  private share = 0;
  /** How many times S(d) is aimed at. */
  private multiple = 1;
  private steps = 0;
  /** Since the last step. */
  private expected = 0;
  private launched = 0;
  private sent = 0;

  constructor(route: AimedRoute, late: Late) {
    this.route = route;
    this.late = late;
  }

  /** What came of a call with this delay: was its hedge launched before it was answered, and did that go out? */
  count(delayMs: number, isLaunched: boolean, isSent: boolean): void {
    if (this.refreshes !== this.route.version.refreshes) this.renew(delayMs);
    // Others were planned before the last renewal, or by another draw.
    this.expected += delayMs === this.delayMs ? this.share : (this.curve?.runningAt(delayMs) ?? 0);
    if (isLaunched) this.launched++;
    if (isSent) this.sent++;
    if (this.expected >= EXPECTED_PER_STEP) this.step();
  }

  private renew(delayMs: number): void {
    this.refreshes = this.route.version.refreshes;
    this.curve = this.route.curve();
    if (this.curve === undefined) return;
    this.delayMs = delayMs;
    this.share = this.curve.runningAt(delayMs);
    if (this.steps === 0 && this.share > 0) this.multiple = this.curve.runningAt(delayMs - this.late.meanMs) / this.share;
    this.point(this.curve);
  }

  private step(): void {
    const short = Math.min(AIMED_SHARE - this.sent / this.expected, MOST_LAUNCHED_SHARE - this.launched / this.expected);
    const missed = Math.max(-MOST_EXCESS, short);
    this.expected = this.launched = this.sent = 0;
    this.multiple = Math.max(1, this.multiple * Math.exp(missed * Math.max(LEAST_GAIN, 1 / ++this.steps)));
    if (this.curve !== undefined) this.point(this.curve);
  }

  private point(curve: Survival): void {
    const { delayMs, share, late } = this;
    const mostMs = Math.min(MOST_OF_WORST * late.worstMs, delayMs);
    const most = curve.runningAt(delayMs - mostMs) / share;
    if (!(most > 1)) return void (this.leadMs = 0);
    // It goes no farther than it can: else it would have to come back all that way.
    this.multiple = Math.min(this.multiple, most);
    const aimedMs = curve.quantile(1 - this.multiple * share) ?? delayMs;
    this.leadMs = Math.min(Math.max(delayMs - aimedMs, 0), mostMs);
  }
}
