import type { Scenario } from './scenario.js';

/** A scenario with a name. */
export interface Preset {
  readonly name: string;
  readonly summary: string;
  readonly scenario: Scenario;
}

const CLUSTER = { count: 3, slots: 8, dispatch: 'leastOutstanding' } as const;
const SECOND = 1_000;

/** `perSecond` calls a second for so many seconds. */
function lasting(seconds: number, perSecond: number): Pick<Scenario, 'arrivals' | 'calls' | 'warmupCalls'> {
  return { arrivals: { kind: 'poisson', perSecond }, calls: seconds * perSecond, warmupCalls: 0 };
}

function busy(load: number, stopsAborted: boolean): Scenario {
  return { arrivals: { kind: 'load', load }, backends: { ...CLUSTER, stopsAborted }, calls: 200_000, warmupCalls: 20_000 };
}

/** What `hedgerow simulate --list` lists; the first is the default. */
export const PRESETS: readonly Preset[] = [
  {
    name: 'reference',
    summary: 'slowness is chance: 5 ± 2 ms, one request in twenty ten times slower, servers never busy, 20 calls in flight',
    scenario: { arrivals: { kind: 'closed', inFlight: 20 }, calls: 200_000, warmupCalls: 5_000 },
  },
  { name: 'load-30', summary: 'three servers with eight slots each, 30 % busy; aborted work runs on', scenario: busy(0.3, false) },
  { name: 'load-60', summary: 'the same, 60 % busy', scenario: busy(0.6, false) },
  { name: 'load-85', summary: 'the same, 85 % busy', scenario: busy(0.85, false) },
  { name: 'load-85-stops', summary: 'the same, 85 % busy, but servers stop aborted work', scenario: busy(0.85, true) },
  {
    name: 'one-slot',
    summary: 'three servers that work on one request at a time, chosen at random, 85 % busy; aborted work runs on',
    scenario: { ...busy(0.85, false), backends: { count: 3, slots: 1, dispatch: 'random', stopsAborted: false } },
  },
  {
    name: 'outage',
    summary: '100 calls a second; nothing is answered from second 120 to 140',
    scenario: { ...lasting(240, 100), faults: [{ kind: 'outage', fromMs: 120 * SECOND, toMs: 140 * SECOND }] },
  },
  {
    name: 'latency-step',
    summary: '100 calls a second; everything takes three times as long from second 120 to 240',
    scenario: { ...lasting(360, 100), faults: [{ kind: 'slow', factor: 3, fromMs: 120 * SECOND, toMs: 240 * SECOND }] },
  },
  {
    name: 'slow-node',
    summary: 'three servers in turn, half busy; the first takes eight times as long from second 30',
    scenario: {
      ...lasting(90, 1_000),
      backends: { count: 3, slots: 16, dispatch: 'roundRobin' },
      faults: [{ kind: 'slow', factor: 8, fromMs: 30 * SECOND, backend: 0 }],
    },
  },
  {
    name: 'thundering-herd',
    summary: 'three servers, 45 % busy; three times as many calls arrive from second 60 to 65',
    scenario: {
      ...lasting(120, 1_500),
      backends: { ...CLUSTER, stopsAborted: false },
      faults: [{ kind: 'burst', factor: 3, fromMs: 60 * SECOND, toMs: 65 * SECOND }],
    },
  },
  {
    name: 'shared-fate',
    summary: 'copies are as slow as their primaries (one backend, sticky sessions) until second 60, then independent',
    scenario: { ...lasting(120, 1_000), faults: [{ kind: 'sharedFate', correlation: 1, fromMs: 0, toMs: 60 * SECOND }] },
  },
  {
    name: 'errors',
    summary: 'one request in fifty fails at once',
    scenario: { arrivals: { kind: 'closed', inFlight: 20 }, calls: 200_000, warmupCalls: 5_000, errors: { share: 0.02 } },
  },
  {
    name: 'many-clients',
    summary: '500 clients, each with a Hedger of its own, 60 % busy servers; aborted work stops',
    scenario: {
      clients: 500,
      arrivals: { kind: 'load', load: 0.6 },
      backends: { count: 20, slots: 8, dispatch: 'leastOutstanding' },
      calls: 400_000,
      warmupCalls: 100_000,
    },
  },
];

/** @throws RangeError that names those there are. */
export function presetNamed(name: string): Preset {
  const preset = PRESETS.find((other) => other.name === name);
  if (preset === undefined) throw new RangeError(`expected one of ${PRESETS.map((other) => other.name).join(', ')}, got ${name}`);
  return preset;
}
