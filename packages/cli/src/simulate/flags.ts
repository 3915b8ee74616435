import type { HedgerOptions } from '@hedgerow/core';
import type { Fault } from './faults.js';
import type { Policy } from './policies.js';
import type { Preset } from './presets.js';
import type { Arrivals, Dispatch, Scenario } from './scenario.js';
import type { ServiceTime } from './service-time.js';

/** What the command line gives. */
export interface Flags {
  readonly scenario: Preset;
  readonly list?: boolean;
  readonly policy?: readonly Policy[];
  readonly budget?: number | false;
  readonly maxHedges?: number;
  readonly calls?: number;
  readonly warmup?: number;
  readonly seed: number;
  readonly clients?: number;
  readonly inFlight?: number;
  readonly rate?: number;
  readonly load?: number;
  readonly servers?: number;
  readonly slots?: number;
  readonly dispatch?: Dispatch;
  readonly aborted?: 'stops' | 'runs-on';
  readonly service?: ServiceTime;
  readonly correlation?: number;
  readonly errors?: number;
  readonly outage?: readonly Fault[];
  readonly slow?: readonly Fault[];
  readonly burst?: readonly Fault[];
  readonly sharedFate?: readonly Fault[];
  readonly json?: boolean;
  readonly report?: string;
}

/** What is to be simulated, and how it is shown. */
export interface SimulateOptions {
  readonly preset: Preset;
  readonly scenario: Scenario;
  readonly policies: readonly Policy[];
  readonly json: boolean;
  readonly reportPath: string | undefined;
}

const COMPARED: readonly Policy[] = [
  { name: 'none', hedge: false },
  { name: 'default', hedge: {} },
];

/**
 * The preset, and what the flags change of it.
 *
 * @throws Error if flags contradict each other.
 */
export function complete(flags: Flags): SimulateOptions {
  return {
    preset: flags.scenario,
    scenario: scenarioOf(flags, flags.scenario.scenario),
    policies: (flags.policy ?? COMPARED).map((policy) => limited(policy, flags)),
    json: flags.json === true,
    reportPath: flags.report,
  };
}

function scenarioOf(flags: Flags, preset: Scenario): Scenario {
  const faults = [...(flags.outage ?? []), ...(flags.slow ?? []), ...(flags.burst ?? []), ...(flags.sharedFate ?? [])];
  return {
    ...preset,
    seed: flags.seed,
    calls: flags.calls ?? preset.calls,
    warmupCalls: flags.warmup ?? preset.warmupCalls,
    clients: flags.clients ?? preset.clients,
    arrivals: arrivalsOf(flags) ?? preset.arrivals,
    backends: {
      ...preset.backends,
      ...(flags.servers !== undefined && { count: flags.servers }),
      ...(flags.slots !== undefined && { slots: flags.slots }),
      ...(flags.dispatch !== undefined && { dispatch: flags.dispatch }),
      ...(flags.aborted !== undefined && { stopsAborted: flags.aborted === 'stops' }),
    },
    service: flags.service ?? preset.service,
    correlation: flags.correlation ?? preset.correlation,
    errors: flags.errors === undefined ? preset.errors : { share: flags.errors },
    faults: faults.length === 0 ? preset.faults : faults,
  };
}

function arrivalsOf({ inFlight, load, rate }: Flags): Arrivals | undefined {
  if ([inFlight, load, rate].filter((given) => given !== undefined).length > 1) {
    throw new Error('--in-flight, --rate and --load: expected at most one of them');
  }
  if (inFlight !== undefined) return { kind: 'closed', inFlight };
  if (rate !== undefined) return { kind: 'poisson', perSecond: rate };
  return load === undefined ? undefined : { kind: 'load', load };
}

function limited({ name, hedge }: Policy, { budget, maxHedges }: Flags): Policy {
  if (hedge === false) return { name, hedge };
  const limits: HedgerOptions = {
    ...(budget !== undefined && { budget: budget === false ? false : { ratio: budget } }),
    ...(maxHedges !== undefined && { maxHedges }),
  };
  return { name, hedge: { ...hedge, ...limits } };
}
