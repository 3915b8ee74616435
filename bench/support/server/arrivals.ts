import { latencySequence } from '#cli/cluster/latency.js';
import type { Workload } from './protocol.js';
import { thinkingSequence } from './thinking.js';

/**
 * The latency of every request. The n-th arrival with the same lane and call number is taken for that call's n-th attempt,
 * so that all policies meet the same latencies whatever they send.
 */
export class Arrivals {
  private readonly attempts = new Map<string, number>();
  private workload: Workload = { seed: 1 };
  private latencyOf = latencySequence(1);
  /** By how much latencies are longer now. */
  factor = 1;

  begin(workload: Workload): void {
    this.workload = workload;
    this.latencyOf = this.thinks ? thinkingSequence(workload.seed) : latencySequence(workload.seed);
    this.factor = 1;
    this.attempts.clear();
  }

  /** Whether the head of an answer is sent at once. */
  get thinks(): boolean {
    return this.workload.thinks === true;
  }

  /** How long the request that has just arrived is to take, in milliseconds. */
  next(lane: string, call: number): number {
    const key = `${lane}/${call}`;
    const attempt = this.attempts.get(key) ?? 0;
    this.attempts.set(key, attempt + 1);
    const { repeatAfter = Infinity } = this.workload;
    // The first parameter is the command line's backend number: a sequence of its own for every attempt.
    return this.latencyOf(attempt, call % repeatAfter) * this.factor;
  }
}
