import type { Scenario } from 'hedgerow';
import { formatShare } from '#cli/demo/format.js';

/** Servers, and how the same traffic meets them from fewer or more clients. */
export interface World {
  readonly name: string;
  readonly scenario: Pick<Scenario, 'arrivals' | 'backends' | 'faults'>;
  readonly clients: readonly number[];
  /** Where the servers are not full: from here on nothing is to be lost. */
  readonly load: number;
  /** p99 and p99.9 against those without hedging are at most this, … */
  readonly bound: number;
  /** … and where hedging is to be of use p99 is at most this. */
  readonly boundP99?: number;
  /** Calls of the warm-up and measured, as shares of those that are asked for. */
  readonly share: number;
}

/** How one world fares from so many clients: means of the seeds. */
export interface Row {
  readonly world: World;
  readonly clients: number;
  readonly plainP99Ms: number;
  readonly p99Ms: number;
  /** Against not hedging. */
  readonly ratioP99: number;
  readonly ratioP999: number;
  readonly extraLoad: number;
  readonly notSent: number;
  readonly utilisation: number;
}

const LOADS = [0.6, 0.85, 0.95] as const;
/** Queues take over from about here. */
const FULL_LOAD = 0.9;
const BOUND = 1.05;
const BOUND_WHERE_FULL = 1.1;
/** One of three backends that stalls: so long, and so often. */
const STALL = { forMs: 150, everyMs: 1_500, perSecond: 400 } as const;

export const FLEET: readonly number[] = [1, 10, 100, 1_000];
/** Three servers that work on one request at a time have little traffic to share. */
const FEW: readonly number[] = [1, 10];

/** What fleets are put through, `servers` of two slots; the calls of a world of three servers are a quarter, but where single servers queue: their tails are a matter of chance for longer. */
export function worldsOf(servers: number, calls: number): World[] {
  return [
    ...LOADS.flatMap((load) => [false, true].map((stopsAborted) => many(servers, load, stopsAborted))),
    ...LOADS.flatMap((load) => [false, true].map((stopsAborted) => oneSlot(load, stopsAborted))),
    eightSlots(0.85, 0.8),
    oneStalls(calls / 4),
  ];
}

function many(servers: number, load: number, stopsAborted: boolean): World {
  return {
    name: `${servers} servers, ${formatShare(load)}, aborted work ${stopsAborted ? 'stops' : 'runs on'}`,
    scenario: { arrivals: { kind: 'load', load }, backends: { count: servers, slots: 2, dispatch: 'leastOutstanding', stopsAborted } },
    clients: FLEET, load, bound: boundAt(load), share: 1,
  };
}

function oneSlot(load: number, stopsAborted: boolean): World {
  return {
    name: `3 servers, 1 slot, random, ${formatShare(load)}, aborted work ${stopsAborted ? 'stops' : 'runs on'}`,
    scenario: { arrivals: { kind: 'load', load }, backends: { count: 3, slots: 1, dispatch: 'random', stopsAborted } },
    clients: FEW, load, bound: boundAt(load), share: 1,
  };
}

function eightSlots(load: number, boundP99: number): World {
  return {
    name: `3 servers, 8 slots, ${formatShare(load)}, aborted work runs on`,
    scenario: { arrivals: { kind: 'load', load }, backends: { count: 3, slots: 8, dispatch: 'leastOutstanding', stopsAborted: false } },
    clients: [1], load, bound: boundAt(load), boundP99, share: 1 / 4,
  };
}

function oneStalls(calls: number): World {
  const { forMs, everyMs, perSecond } = STALL;
  const lastsMs = (2 * calls * 1_000) / perSecond;
  return {
    name: `one of 3 servers stalls for ${forMs} ms every ${everyMs} ms`,
    scenario: {
      arrivals: { kind: 'poisson', perSecond },
      backends: { count: 3, dispatch: 'random' },
      faults: Array.from({ length: Math.ceil(lastsMs / everyMs) }, (_, index) => ({ kind: 'outage', fromMs: index * everyMs, toMs: index * everyMs + forMs, backend: 0 })),
    },
    clients: [1], load: 0, bound: BOUND, boundP99: 0.45, share: 1 / 4,
  };
}

function boundAt(load: number): number {
  return load < FULL_LOAD ? BOUND : BOUND_WHERE_FULL;
}
