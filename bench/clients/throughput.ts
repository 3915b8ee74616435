import { Hedger } from '@hedgerow/core';
import { compare, type Side } from '../overhead/rounds.js';
import type { Call, Driver } from '../support/drivers.js';
import { LANE } from '../support/measure.js';
import type { Servers } from '../support/server/process.js';

/** The whole machinery runs, estimates included, and no hedge is ever due. */
const NEVER_DUE = { delay: { minMs: 60_000 } };

export interface Throughput {
  readonly plainPerSecond: number;
  readonly hedgedPerSecond: number;
  /** Hedged ÷ plain, the median of neighbouring rounds. */
  readonly ratio: number;
}

/** How rounds of requests are timed. */
export interface Rounds {
  readonly servers: Servers;
  readonly seed: number;
  readonly rounds: number;
  readonly requestsPerRound: number;
  readonly inFlight: number;
  readonly tick: () => void;
}

/** Requests per second with hedging on and never due, against without; every round meets the same latencies. */
export async function throughput(driver: Driver, plan: Rounds): Promise<Throughput> {
  const { servers, seed, rounds, requestsPerRound, inFlight, tick } = plan;
  await servers.tell({ name: 'begin', workload: { seed, repeatAfter: requestsPerRound } });
  using plain = driver.open(servers, LANE, undefined);
  using hedged = driver.open(servers, LANE, new Hedger(NEVER_DUE));
  let number = 0;
  const side = (call: Call): Side => (count) => inFlightOf(inFlight, count, () => call(number++));
  const { baselineUs, candidateUs, ratio } = await compare(side(plain.call), side(hedged.call), rounds, requestsPerRound, tick);
  return { plainPerSecond: 1e6 / baselineUs, hedgedPerSecond: 1e6 / candidateUs, ratio: 1 / ratio };
}

/** Keeps so many requests in flight until all have been answered. */
async function inFlightOf(inFlight: number, count: number, send: () => Promise<unknown>): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await send();
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}
