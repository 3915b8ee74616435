import type { SuppressionReason } from '@hedgerow/core';
import { quantile, sorted, type Sorted } from '../demo/percentiles.js';
import { itemAt } from './items.js';

/** One call that has ended. */
export interface FinishedCall {
  /** In the order of their starts, warm-up included, from 0. */
  readonly index: number;
  readonly client: number;
  /** The index of its route. */
  readonly route: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Copies sent. */
  readonly hedges: number;
  /** The attempt that delivered, 0 for the primary; `undefined` if none was acceptable. */
  readonly winner: number | undefined;
  /** Why a hedge that was due was not sent. */
  readonly suppressionReason: SuppressionReason | undefined;
  /** Whether it belongs to the figures and not to the warm-up. */
  readonly isMeasured: boolean;
}

/** What happened in one second of virtual time; calls and hedges count where they start, the rest where calls end. */
export interface Second {
  readonly calls: number;
  readonly hedges: number;
  readonly finished: number;
  readonly failed: number;
  /** Calls of which a hedge that was due was not sent. */
  readonly suppressed: number;
  /** Latency of the calls that ended, in milliseconds; `undefined` if none did. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** What measured calls came to. */
export interface Totals {
  readonly calls: number;
  readonly hedges: number;
  readonly hedged: number;
  readonly hedgeWins: number;
  readonly failed: number;
  readonly suppressions: Readonly<Partial<Record<SuppressionReason, number>>>;
}

interface OpenSecond {
  calls: number;
  hedges: number;
  finished: number;
  failed: number;
  suppressed: number;
}

/** Counts what happens. */
export class Tally {
  calls = 0;
  hedges = 0;
  finished = 0;
  private primaryWorkMs = 0;
  private copyWorkMs = 0;
  private hedged = 0;
  private hedgeWins = 0;
  private failed = 0;
  private readonly suppressions: Partial<Record<SuppressionReason, number>> = {};
  private readonly seconds: OpenSecond[] = [];
  /** Of all calls, in the order of their ends, for the seconds. */
  private readonly allMs: Series;
  private readonly measuredMs: Series;

  constructor(calls: number, warmupCalls: number) {
    this.allMs = new Series(calls + warmupCalls);
    this.measuredMs = new Series(calls);
  }

  begin(nowMs: number, isMeasured: boolean): void {
    this.second(nowMs).calls++;
    if (isMeasured) this.calls++;
  }

  hedge(nowMs: number, isMeasured: boolean): void {
    this.second(nowMs).hedges++;
    if (isMeasured) this.hedges++;
  }

  /** An attempt of a measured call: how long a server works on it if nothing stops it. */
  work(workMs: number, isCopy: boolean): void {
    if (isCopy) this.copyWorkMs += workMs;
    else this.primaryWorkMs += workMs;
  }

  /** Work of copies per work of primaries. */
  get extraWork(): number {
    return this.copyWorkMs === 0 ? 0 : this.copyWorkMs / this.primaryWorkMs;
  }

  end(call: FinishedCall): void {
    const { durationMs, hedges, winner, suppressionReason } = call;
    const second = this.second(call.startedAtMs + durationMs);
    this.finished++;
    second.finished++;
    if (winner === undefined) second.failed++;
    if (suppressionReason !== undefined) second.suppressed++;
    this.allMs.push(durationMs);
    if (!call.isMeasured) return;
    this.measuredMs.push(durationMs);
    if (hedges > 0) this.hedged++;
    if (winner === undefined) this.failed++;
    else if (winner > 0) this.hedgeWins++;
    if (suppressionReason !== undefined) this.suppressions[suppressionReason] = (this.suppressions[suppressionReason] ?? 0) + 1;
  }

  totals(): Totals {
    const { calls, hedges, hedged, hedgeWins, failed, suppressions } = this;
    return { calls, hedges, hedged, hedgeWins, failed, suppressions: { ...suppressions } };
  }

  latencies(): Sorted {
    return sorted(this.measuredMs.values);
  }

  series(): Second[] {
    let end = 0;
    return Array.from(this.seconds, (second) => {
      const ended = sorted(this.allMs.values.subarray(end, (end += second.finished)));
      const at = (share: number): number | undefined => (ended.length === 0 ? undefined : quantile(ended, share));
      return { ...second, p50: at(0.5), p99: at(0.99) };
    });
  }

  private second(nowMs: number): OpenSecond {
    const index = Math.floor(nowMs / 1_000);
    while (this.seconds.length <= index) this.seconds.push({ calls: 0, hedges: 0, finished: 0, failed: 0, suppressed: 0 });
    return itemAt(this.seconds, index);
  }
}

/** Numbers of which there will be so many at most. */
class Series {
  private readonly room: Float64Array;
  private length = 0;

  constructor(most: number) {
    this.room = new Float64Array(most);
  }

  get values(): Float64Array {
    return this.room.subarray(0, this.length);
  }

  push(value: number): void {
    this.room[this.length++] = value;
  }
}
