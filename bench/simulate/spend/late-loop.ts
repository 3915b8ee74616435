import { Hedger, type AttemptContext } from '@hedgerow/core';
import { lognormalTime } from '#cli/simulate/service-time.js';
import { VirtualClock } from '#cli/simulate/clock.js';
import { exponential, type Random } from '#cli/simulate/random.js';
import { BusyLoop } from './busy-loop.js';

/** What comes of a run. */
export interface LateRun {
  /** Hedges per call. */
  readonly sent: number;
  readonly latencies: Float64Array;
  /** By how much calls took longer than their server, in milliseconds, of calls too short to be hedged. */
  readonly lagsMs: readonly number[];
  /** Share of the time in which the loop read answers. */
  readonly busy: number;
  /** Hedges that were not sent because copies seemed not to help. */
  readonly noBenefit: number;
}

export interface LateLoop {
  readonly calls: number;
  readonly warmup: number;
  readonly inFlight: number;
  /** By how much timers fire late, in milliseconds, beside the loop's own delay: the mean of an exponential distribution. */
  readonly lateMs: number;
  /** What the client takes for an answer, in milliseconds. */
  readonly costMs: number;
  /** The server's time below which next to no call is hedged, in milliseconds. */
  readonly soonMs: number;
}

/** A closed loop of calls of the reference workload, with independent copies, on a virtual event loop. */
export function runLate({ calls, warmup, inFlight, lateMs, costMs, soonMs }: LateLoop, random: Random): LateRun {
  const virtual = new VirtualClock(random);
  const loop = new BusyLoop(virtual, costMs);
  const service = lognormalTime();
  const latencies = new Float64Array(calls);
  const lagsMs: number[] = [];
  let started = 0;
  let ended = 0;
  let answers = 0;
  let before = { hedges: 0, answers: 0, ms: 0 };
  const hedger = new Hedger({
    clock: loop.clock(() => lateMs * exponential(random)),
    onComplete: ({ durationMs }) => {
      if (ended === warmup) before = { hedges: hedger.stats().attempts.hedge, answers, ms: virtual.now() };
      if (ended >= warmup) latencies[ended - warmup] = durationMs;
      ended++;
      begin();
    },
  });
  const start = (attempt: AttemptContext): PromiseLike<string> => {
    const serverMs = service.draw(random);
    const sentAtMs = virtual.now();
    const read = (): void => {
      answers++;
      if (attempt.number === 0 && ended >= warmup && serverMs < soonMs) lagsMs.push(virtual.now() - sentAtMs - serverMs);
    };
    return answer(loop, serverMs, read, attempt);
  };
  const begin = (): void => {
    if (started++ < calls + warmup) void hedger.run({ request: { method: 'GET', url: 'http://service.test/item' }, start });
  };
  for (let call = 0; call < inFlight; call++) begin();
  while (ended < calls + warmup && virtual.step());
  const { attempts, suppressions } = hedger.stats();
  return {
    sent: (attempts.hedge - before.hedges) / calls,
    latencies: latencies.sort(),
    lagsMs,
    busy: (costMs * (answers - before.answers)) / (virtual.now() - before.ms),
    noBenefit: suppressions.no_benefit,
  };
}

/** Is told when it is read, at once: no promise is waited for. */
function answer(loop: BusyLoop, serverMs: number, onRead: () => void, attempt: AttemptContext): PromiseLike<string> {
  return {
    then: (onValue) => {
      const read = (): void => {
        onRead();
        void onValue?.('answer');
      };
      attempt.onAbort(loop.arrive(read, serverMs));
      return undefined as never;
    },
  };
}
