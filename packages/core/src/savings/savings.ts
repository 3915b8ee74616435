import { runLater, type Clock } from '../common/clock.js';
import type { Place } from '../routes/place.js';
import type { SurvivalCurve } from '../latency/survival-curve.js';
import type { AttemptView } from '../reporting/events.js';
import type { SavingsStats, ShadowStats } from '../reporting/stats.js';
import { expectedSavingMs, residualMs } from './estimates.js';

/** Estimates are made after this many calls … */
const CALLS_PER_ESTIMATE = 250;
/** … or this much time, whichever comes first. */
const ESTIMATE_MS = 1_000;

/** A call whose saving has not been estimated yet. */
interface Noted {
  readonly place: Place;
  /** From the start of the call to its settlement. */
  readonly tookMs: number;
  /** When the hedges of a shadow were due; `undefined` for a hedge that won. */
  readonly shadowsMs: readonly number[] | undefined;
}

/** What hedges gained and cost. On the request path calls are only noted down; estimates are made off it, or when asked for. */
export class Savings {
  private readonly clock: Clock;
  private noted: Noted[] = [];
  private estimatedAtMs = -Infinity;
  private isScheduled = false;
  private savedMs = 0;
  private wins = 0;
  private wastedMs = 0;
  private shadowHedges = 0;
  private shadowCalls = 0;
  private shadowSavedMs = 0;

  constructor(clock: Clock) {
    this.clock = clock;
  }

  /** A call with hedges is settled: `winner` is what it returned, if anything was acceptable. */
  settle(place: Place, attempts: readonly AttemptView[], winner: AttemptView | undefined, tookMs: number): void {
    for (const attempt of attempts) {
      // If nothing won the caller saw the primary's own end, for which nothing extra was spent.
      if (attempt !== winner && (winner !== undefined || attempt.isHedge)) this.waste(attempt);
    }
    // A primary that had failed by then would not have taken longer.
    if (winner?.isHedge === true && attempts[0]?.outcome !== 'failed') this.note({ place, tookMs, shadowsMs: undefined });
  }

  /** Work of an attempt that lost, from its start to its end. Nothing if it has not ended: a drained one is told of later. */
  waste({ durationMs = 0 }: AttemptView): void {
    this.wastedMs += durationMs;
  }

  /** A call whose hedges were not sent because of shadow mode. If its primary did not win there is nothing to compare with. */
  shadow(place: Place, shadowsMs: readonly number[], isWon: boolean, tookMs: number): void {
    this.shadowCalls++;
    this.shadowHedges += shadowsMs.length;
    if (isWon) this.note({ place, tookMs, shadowsMs });
  }

  /** Of the hedges that were sent. */
  stats(): SavingsStats {
    this.estimate();
    const { savedMs, wins, wastedMs } = this;
    return { savedMs, savedMsPerWin: wins === 0 ? undefined : savedMs / wins, wastedMs };
  }

  /** Of those that were not. */
  shadowStats(): ShadowStats {
    this.estimate();
    return { hedges: this.shadowHedges, calls: this.shadowCalls, savedMs: this.shadowSavedMs };
  }

  private note(noted: Noted): void {
    this.noted.push(noted);
    if (this.isScheduled) return;
    if (this.noted.length < CALLS_PER_ESTIMATE && this.clock.now() - this.estimatedAtMs < ESTIMATE_MS) return;
    this.isScheduled = true;
    runLater(this.clock, () => this.estimate());
  }

  private estimate(): void {
    this.isScheduled = false;
    if (this.noted.length === 0) return;
    this.estimatedAtMs = this.clock.now();
    const curves = new Map<Place, SurvivalCurve | undefined>();
    for (const { place, tookMs, shadowsMs } of this.noted) {
      if (!curves.has(place)) curves.set(place, place.curve());
      const curve = curves.get(place);
      if (curve === undefined) continue;
      if (shadowsMs !== undefined) {
        this.shadowSavedMs += expectedSavingMs(curve, tookMs, shadowsMs);
      } else {
        this.savedMs += residualMs(curve, tookMs);
        this.wins++;
      }
    }
    this.noted = [];
  }
}
