import type { FinishedCall, Scenario, SimulationResult } from 'hedgerow';
import { formatCount, formatShare } from '#cli/demo/format.js';
import { atMost, type Check } from '../../support/outcome.js';
import { run } from '../run.js';
import { DEFAULT, TWO_POINTS, type LoadSetting, type Part, type Row } from './part.js';

/** Calls before copies become independent: warm-up, pause, and the 50,000 that are looked at. */
const SHARED_CALLS = 52_000;
const AFTER_PAUSE = 50_000;
const FREE_CALLS = 20_000;
const PAUSED = 'no_benefit';

/** Copies that share their primary's fate (one backend, sticky sessions) win nothing: hedging must notice, and notice when that ends. */
export async function sharedFate(setting: LoadSetting): Promise<Part> {
  const rows: Row[] = [];
  const checks: Check[] = [];
  for (const perSecond of [100, 1_000]) {
    const scenario = `shared fate at ${formatCount(perSecond)}/s, then independent`;
    const freeAtMs = (SHARED_CALLS / perSecond) * 1_000;
    const found = await traced(
      scenario,
      {
        seed: setting.seed,
        calls: SHARED_CALLS + FREE_CALLS,
        warmupCalls: 0,
        arrivals: { kind: 'poisson', perSecond },
        faults: [{ kind: 'sharedFate', correlation: 1, fromMs: 0, toMs: freeAtMs }],
        hedge: DEFAULT.hedge,
      },
      setting,
    );
    rows.push({ scenario, policy: DEFAULT.name, result: found.result });
    checks.push(...pauseChecks(scenario, found.calls, freeAtMs));
  }
  return { rows, checks };
}

/** Copies that do help must never be held back. */
export async function independence(setting: LoadSetting): Promise<Part> {
  const rows: Row[] = [];
  const checks: Check[] = [];
  const worlds = [
    { scenario: 'independent copies, closed loop', arrivals: { kind: 'closed', inFlight: 1 } },
    { scenario: 'independent copies, 1,000/s', arrivals: { kind: 'poisson', perSecond: 1_000 } },
  ] as const;
  for (const { scenario, arrivals } of worlds) {
    const result = await run(scenario, { seed: setting.seed, calls: setting.sizes.gateCalls, arrivals, hedge: DEFAULT.hedge }, setting);
    rows.push({ scenario, policy: DEFAULT.name, result });
    const paused = (result.suppressions as Readonly<Record<string, number>>)[PAUSED] ?? 0;
    checks.push(atMost(`${scenario}: pauses in ${formatCount(result.calls)} calls`, paused, 0, formatCount));
  }
  return { rows, checks };
}

function pauseChecks(scenario: string, calls: readonly FinishedCall[], freeAtMs: number): Check[] {
  const warmAt = calls.findIndex(({ suppressionReason }) => suppressionReason !== 'warmup');
  const pausedAt = calls.findIndex(({ suppressionReason }) => (suppressionReason as string | undefined) === PAUSED);
  const freeAt = calls.findIndex(({ startedAtMs }) => startedAtMs >= freeAtMs);
  const whilePaused = pausedAt < 0 ? NaN : hedgeRate(calls.slice(pausedAt, Math.min(freeAt, pausedAt + AFTER_PAUSE)));
  const normal = hedgeRate(calls.slice(-5_000));
  const resumed = hedgeRate(calls.slice(freeAt + 1_000, freeAt + 4_000));
  return [
    atMost(`${scenario}: calls past warm-up until it pauses`, pausedAt < 0 ? NaN : pausedAt - warmAt, 500, formatCount),
    atMost(`${scenario}: extra load over the following ${formatCount(AFTER_PAUSE)} calls`, whilePaused, 0.005, (share) => `${(share * 100).toFixed(2)} %`),
    {
      what: `${scenario}: hedge rate of calls 1,000 to 4,000 after copies became independent`,
      figure: formatShare(resumed),
      bound: `${formatShare(normal)} ± 2 points`,
      ok: resumed > 0.05 && Math.abs(resumed - normal) <= TWO_POINTS,
    },
  ];
}

function hedgeRate(calls: readonly FinishedCall[]): number {
  return calls.reduce((sum, { hedges }) => sum + hedges, 0) / calls.length;
}

/** Calls in the order of their starts. */
async function traced(label: string, scenario: Scenario, setting: LoadSetting): Promise<{ calls: readonly FinishedCall[]; result: SimulationResult }> {
  const calls: FinishedCall[] = [];
  const result = await run(label, scenario, setting, (call) => {
    calls[call.index] = call;
  });
  return { calls, result };
}
