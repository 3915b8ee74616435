import { latencySequence, type LatencySequence } from '#cli/cluster/latency.js';
import { quantile, sorted, type Sorted } from '#cli/demo/percentiles.js';
import { seededRandom } from '#cli/simulate/random.js';
import type { OpenClient } from '../support/drivers.js';

/** Calls whose latencies, as drawn, stand for the workload. */
const DRAWN = 200_000;
/** Of calls that the server answers sooner than this quantile of the workload next to none is hedged. */
const SOON = 0.8;

/** The workload's latencies as the server draws them, without the client. */
export function drawnLatencies(seed: number): Sorted {
  const latencyOf = latencySequence(seed);
  return sorted(Float64Array.from({ length: DRAWN }, (_, number) => latencyOf(0, number)));
}

/** Measures by how much longer calls take than the server was told to: the time of client, kernel and server, and their waiting for a processor. */
export class Lag implements OpenClient {
  readonly samplesMs: number[] = [];
  private readonly client: OpenClient;
  private readonly soonMs: number;
  private latencyOf: LatencySequence = latencySequence(1);

  constructor(client: OpenClient, drawn: Sorted) {
    this.client = client;
    this.soonMs = quantile(drawn, SOON);
  }

  /** The rounds to come meet the latencies of this seed. */
  meet(seed: number): void {
    this.latencyOf = latencySequence(seed);
  }

  readonly call = async (number: number): Promise<unknown> => {
    const startedAtMs = performance.now();
    const answer = await this.client.call(number);
    const drawnMs = this.latencyOf(0, number);
    if (drawnMs < this.soonMs) this.samplesMs.push(performance.now() - startedAtMs - drawnMs);
    return answer;
  };

  [Symbol.dispose](): void {
    this.client[Symbol.dispose]();
  }
}

/** The workload as this client would see it: each latency with a lag that it had. */
export function withLag(drawn: Sorted, lagsMs: readonly number[], seed: number): Sorted {
  const random = seededRandom(seed, 2);
  return sorted(drawn.map((ms) => ms + (lagsMs[Math.floor(random() * lagsMs.length)] ?? 0)));
}
