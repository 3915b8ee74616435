import { Hedger, type HedgerOptions, type HedgerStats } from '@hedgerow/core';
import { uniformAt } from '#cli/cluster/random.js';
import { coreDriver, type OpenClient } from './drivers.js';
import { heldBack } from './measure.js';
import { atMost, type Check } from './outcome.js';
import type { Servers } from './server/process.js';

/** Between the call numbers of one stream and the next; streams with the same number meet the same latencies. */
const CALLS_PER_STREAM = 1_000_000;

/** Calls of one client with one Hedger, as they happened. Times in milliseconds since the loop began. */
export interface Stream {
  readonly policy: string;
  /** What the servers count its requests under. */
  readonly lane: string;
  readonly hedgerOptions: HedgerOptions | undefined;
  /** When each call began, and how long it took; NaN if it failed. */
  readonly calls: { readonly atMs: number; latencyMs: number }[];
  /** When each hedge was sent. */
  readonly hedgesAtMs: number[];
  /** What happened in each second. */
  readonly seconds: Second[];
}

export interface Second {
  readonly calls: number;
  /** Hedges sent. */
  readonly hedges: number;
  /** Hedges that were due, sent or not. */
  readonly due: number;
  /** Tokens that the budget could hold at its end. */
  readonly budgetLimit: number;
}

/** What is to happen at a moment. */
export interface Incident {
  readonly second: number;
  readonly happen: () => Promise<unknown>;
}

/** How an open loop runs. */
export interface OpenLoop {
  readonly servers: Servers;
  readonly seed: number;
  /** Of each stream; calls come at random moments (Poisson). */
  readonly callsPerSecond: number;
  readonly seconds: number;
  readonly incidents: readonly Incident[];
  readonly signal: AbortSignal;
  readonly onSecond: () => void;
}

/** Several streams of the same policy. */
export function streamsOf(policy: string, hedgerOptions: HedgerOptions | undefined, count: number): Stream[] {
  return Array.from({ length: count }, (_, index) => ({
    policy,
    lane: `${policy.replaceAll(/\W+/g, '-')}-${index}`,
    hedgerOptions,
    calls: [],
    hedgesAtMs: [],
    seconds: [],
  }));
}

/** Runs all streams side by side, whatever becomes of their calls, and waits for the last answer. */
export async function openLoop(streams: readonly Stream[], loop: OpenLoop): Promise<void> {
  const { servers, seed, seconds, incidents, signal, onSecond } = loop;
  await servers.tell({ name: 'begin', workload: { seed } });
  const startMs = performance.now();
  const nowMs = (): number => performance.now() - startMs;
  const runners = streams.map((stream) => new Runner(stream, loop, nowMs));
  const happening: Promise<unknown>[] = [];
  let second = 0;
  while (second < seconds && !signal.aborted) {
    for (const { happen } of incidents.filter((incident) => incident.second === second)) happening.push(happen());
    second++;
    await until(second * 1_000, nowMs, () => runners.forEach((runner) => runner.sendWhatIsDue()));
    for (const runner of runners) runner.endSecond();
    onSecond();
  }
  await Promise.all(happening);
  await Promise.all(runners.map((runner) => runner.close()));
  signal.throwIfAborted();
}

class Runner {
  private readonly stream: Stream;
  private readonly client: OpenClient;
  private readonly hedger: Hedger | undefined;
  private readonly nowMs: () => number;
  private readonly gapMs: () => number;
  private readonly firstNumber: number;
  private readonly underWay = new Set<Promise<void>>();
  private nextAtMs: number;
  private before: HedgerStats | undefined;

  constructor(stream: Stream, { servers, callsPerSecond, seed }: OpenLoop, nowMs: () => number) {
    this.stream = stream;
    this.nowMs = nowMs;
    const { hedgerOptions, hedgesAtMs, lane, calls } = stream;
    this.hedger = hedgerOptions && new Hedger({ ...hedgerOptions, onHedge: () => hedgesAtMs.push(nowMs()) });
    this.client = coreDriver.open(servers, lane, this.hedger);
    this.firstNumber = Number(/\d+$/.exec(lane)?.[0] ?? 0) * CALLS_PER_STREAM;
    // Exponential gaps; by their number, so that a stream's calls come at the same moments whatever its policy is.
    this.gapMs = () => (-Math.log(1 - uniformAt(seed, this.firstNumber, calls.length)) * 1_000) / callsPerSecond;
    this.nextAtMs = this.gapMs();
    this.before = this.hedger?.stats();
  }

  sendWhatIsDue(): void {
    while (this.nextAtMs <= this.nowMs()) {
      const sent = this.send();
      this.underWay.add(sent);
      void sent.finally(() => this.underWay.delete(sent));
      this.nextAtMs += this.gapMs();
    }
  }

  endSecond(): void {
    const { hedger, before, stream } = this;
    const after = (this.before = hedger?.stats());
    const earlier = stream.seconds.reduce((sum, { calls }) => sum + calls, 0);
    const hedges = (after?.attempts.hedge ?? 0) - (before?.attempts.hedge ?? 0);
    stream.seconds.push({
      calls: stream.calls.length - earlier,
      hedges,
      due: hedges + heldBack(after) - heldBack(before),
      budgetLimit: after?.budget?.limit ?? Infinity,
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.underWay);
    this.client[Symbol.dispose]();
  }

  private async send(): Promise<void> {
    const { calls } = this.stream;
    const number = this.firstNumber + calls.length;
    const call = { atMs: this.nowMs(), latencyMs: NaN };
    calls.push(call);
    try {
      await this.client.call(number);
      call.latencyMs = this.nowMs() - call.atMs;
    } catch {
      // It stays NaN, which is counted.
    }
  }
}

/** Calls `turn` about once a millisecond until a moment has come. */
async function until(moment: number, nowMs: () => number, turn: () => void): Promise<void> {
  while (nowMs() < moment) {
    turn();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** A check that every call was answered. */
export function failures(streams: readonly Stream[]): Check {
  const failed = streams.flatMap(({ calls }) => calls).filter(({ latencyMs }) => Number.isNaN(latencyMs)).length;
  return { ...atMost('calls that failed', failed, 0, String), anyLength: true };
}
