import type { HedgerOptions } from '@hedgerow/core';
import { checkNumber } from '../check.js';
import { checkFaults, type Fault } from './faults.js';
import { Routes, type Route } from './routes.js';
import { lognormalTime, type ServiceTime } from './service-time.js';

/** Where an attempt is sent. `sticky`: every client has a backend of its own, copies included. */
export const DISPATCHES = ['random', 'roundRobin', 'leastOutstanding', 'sticky'] as const;

export type Dispatch = (typeof DISPATCHES)[number];

/** When calls begin. */
export type Arrivals =
  /** Closed loop: every client keeps this many calls in flight. Integer ≥ 1. */
  | { readonly kind: 'closed'; readonly inFlight: number }
  /** Open: a Poisson process, in calls per second over all clients. > 0. */
  | { readonly kind: 'poisson'; readonly perSecond: number }
  /** Open: a Poisson process that would keep this share of all slots busy without hedging. > 0; needs `slots`. */
  | { readonly kind: 'load'; readonly load: number };

/** The servers. */
export interface BackendOptions {
  /** How many there are. Integer 1 to 10 000, default 1. */
  readonly count?: number | undefined;
  /** Requests that one works on at a time; the others queue, first come first served. Integer ≥ 1, default `Infinity`: pure latency. */
  readonly slots?: number | undefined;
  /** How attempts are spread. Default `'random'`. */
  readonly dispatch?: Dispatch | undefined;
  /** Whether aborted work leaves the queue or stops; if not, it runs on and keeps its slot. Default `true`. */
  readonly stopsAborted?: boolean | undefined;
}

/** Requests that fail at once instead of being worked on. */
export interface ErrorOptions {
  /** Share of requests, 0 to 1. */
  readonly share: number;
  /** How long a failure takes, in milliseconds. ≥ 0, default 1. */
  readonly afterMs?: number | undefined;
}

/** A simulated world. Everything has a default; the default is the reference workload under default hedging. */
export interface Scenario {
  /** The same seed gives the same result. Integer ≥ 0, default 1. */
  readonly seed?: number | undefined;
  /** Measured calls. Integer ≥ 1, default 100 000. */
  readonly calls?: number | undefined;
  /** Calls before them, which figures leave out. Integer ≥ 0, default 2 000. */
  readonly warmupCalls?: number | undefined;
  /** Independent clients. Integer 1 to 100 000, default 1. */
  readonly clients?: number | undefined;
  /** Whether all clients share one Hedger. Default `false`: each has its own, as processes do. */
  readonly sharedHedger?: boolean | undefined;
  /** Default: closed loop, 1 in flight per client. */
  readonly arrivals?: Arrivals | undefined;
  readonly backends?: BackendOptions | undefined;
  /** Default: {@link lognormalTime} with its defaults, the reference workload. */
  readonly service?: ServiceTime | undefined;
  /** Several routes of one origin, each with a service time of its own, in place of `service`. Default: one. */
  readonly routes?: readonly Route[] | undefined;
  readonly errors?: ErrorOptions | undefined;
  /** Probability that a copy shares its primary's fate: takes as long, fails as it does. 0 to 1, default 0. */
  readonly correlation?: number | undefined;
  /** What goes wrong, and when. */
  readonly faults?: readonly Fault[] | undefined;
  /** Options of the Hedger, or `false` for clients without one. Default `{}`. */
  readonly hedge?: HedgerOptions | false | undefined;
}

/** A scenario, checked and completed. */
export interface ResolvedScenario {
  readonly seed: number;
  readonly calls: number;
  readonly warmupCalls: number;
  readonly clients: number;
  readonly sharedHedger: boolean;
  readonly arrivals: { readonly kind: 'closed'; readonly inFlight: number } | { readonly kind: 'poisson'; readonly perSecond: number };
  readonly backends: Required<{ [Name in keyof BackendOptions]: Exclude<BackendOptions[Name], undefined> }>;
  readonly routes: Routes;
  readonly errors: { readonly share: number; readonly afterMs: number };
  readonly correlation: number;
  readonly faults: readonly Fault[];
  readonly hedge: HedgerOptions | false;
}

const count = (max: number) => ({ min: 1, max, integer: true }) as const;

/** @throws RangeError that names the option, what was expected and what came. */
export function resolveScenario(scenario: Scenario): ResolvedScenario {
  const routes = new Routes(scenario.routes ?? [{ path: '/', share: 1, service: scenario.service ?? lognormalTime() }]);
  const backends = resolveBackends(scenario.backends ?? {});
  const faults = scenario.faults ?? [];
  checkFaults(faults, backends.count);
  const arrivals = resolveArrivals(scenario.arrivals ?? { kind: 'closed', inFlight: 1 }, backends.count * backends.slots, routes.service);
  if (arrivals.kind === 'closed' && faults.some(({ kind }) => kind === 'burst')) {
    throw new RangeError('faults: a burst needs open arrivals, expected `arrivals` of kind poisson or load, got closed');
  }
  return {
    seed: checkNumber('seed', scenario.seed ?? 1, { min: 0, max: Number.MAX_SAFE_INTEGER, integer: true }),
    calls: checkNumber('calls', scenario.calls ?? 100_000, count(1e9)),
    warmupCalls: checkNumber('warmupCalls', scenario.warmupCalls ?? 2_000, { min: 0, max: 1e9, integer: true }),
    clients: checkNumber('clients', scenario.clients ?? 1, count(100_000)),
    sharedHedger: scenario.sharedHedger ?? false,
    arrivals,
    backends,
    routes,
    errors: {
      share: checkNumber('errors.share', scenario.errors?.share ?? 0, { min: 0, max: 1 }),
      afterMs: checkNumber('errors.afterMs', scenario.errors?.afterMs ?? 1, { min: 0, max: 1e9 }),
    },
    correlation: checkNumber('correlation', scenario.correlation ?? 0, { min: 0, max: 1 }),
    faults,
    hedge: scenario.hedge ?? {},
  };
}

function resolveBackends({ count: backends = 1, slots = Infinity, dispatch = 'random', stopsAborted = true }: BackendOptions): ResolvedScenario['backends'] {
  if (!DISPATCHES.includes(dispatch)) throw new RangeError(`backends.dispatch: expected one of ${DISPATCHES.join(', ')}, got ${dispatch as string}`);
  return {
    count: checkNumber('backends.count', backends, count(10_000)),
    slots: slots === Infinity ? slots : checkNumber('backends.slots', slots, count(1e6)),
    dispatch,
    stopsAborted,
  };
}

function resolveArrivals(arrivals: Arrivals, slots: number, service: ServiceTime): ResolvedScenario['arrivals'] {
  switch (arrivals.kind) {
    case 'closed':
      return { kind: 'closed', inFlight: checkNumber('arrivals.inFlight', arrivals.inFlight, count(100_000)) };
    case 'poisson':
      return { kind: 'poisson', perSecond: checkNumber('arrivals.perSecond', arrivals.perSecond, { min: 1e-3, max: 1e7 }) };
    case 'load':
      checkNumber('arrivals.load', arrivals.load, { min: 1e-3, max: 100 });
      if (slots === Infinity) throw new RangeError('arrivals.load: expected `backends.slots` to be given, got Infinity');
      return { kind: 'poisson', perSecond: (arrivals.load * slots * 1_000) / service.meanMs };
  }
}
