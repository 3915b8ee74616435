import type { CallEnd } from './events.js';
import type { IneligibleReason, SuppressionReason } from '../info.js';
import { RecentCount } from '../common/recent-count.js';

/** The hedge rate looks back this far. */
const RATE_WINDOW_MS = 60_000;

/** Running totals of a Hedger. */
export class Counters {
  calls = 0;
  eligible = 0;
  hedged = 0;
  hedges = 0;
  activeHedges = 0;
  /** Hedges that were not sent because of shadow mode, and would be under way. */
  activeShadows = 0;
  readonly wins: { primary: number; hedge: number } = { primary: 0, hedge: 0 };
  readonly ends: Record<CallEnd['kind'], number> = { won: 0, failed: 0, cancelled: 0, timeout: 0 };
  readonly suppressions: Record<SuppressionReason, number> = {
    budget_exhausted: 0,
    overload: 0,
    warmup: 0,
    pushback: 0,
    concurrency: 0,
    no_gain: 0,
    no_benefit: 0,
    refused: 0,
    connections: 0,
    shed: 0,
    shadow: 0,
  };
  readonly ineligible: Record<IneligibleReason, number> = {
    disabled: 0,
    off: 0,
    method: 0,
    operation: 0,
    describe: 0,
    body_not_replayable: 0,
    body_too_large: 0,
    when: 0,
    no_hedges: 0,
    disposed: 0,
    unsupported: 0,
  };
  collisions = 0;
  private readonly recentEligible = new RecentCount(RATE_WINDOW_MS, 6);
  private readonly recentHedged = new RecentCount(RATE_WINDOW_MS, 6);

  begin(nowMs: number): void {
    this.calls++;
    this.eligible++;
    this.recentEligible.add(nowMs);
  }

  bypass(reason: IneligibleReason): void {
    this.calls++;
    this.ineligible[reason]++;
  }

  launch(hedgesOfCall: number, nowMs: number): void {
    this.hedges++;
    this.activeHedges++;
    if (hedgesOfCall > 1) return;
    this.hedged++;
    this.recentHedged.add(nowMs);
  }

  end(kind: CallEnd['kind'], winner: number | undefined): void {
    this.ends[kind]++;
    if (winner === 0) this.wins.primary++;
    else if (winner !== undefined) this.wins.hedge++;
  }

  hedgeRate(nowMs: number): number {
    const eligible = this.recentEligible.total(nowMs);
    return eligible === 0 ? 0 : this.recentHedged.total(nowMs) / eligible;
  }
}
