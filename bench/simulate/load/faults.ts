import type { Second, SimulationResult } from 'hedgerow';
import { formatCount, formatShare } from '#cli/demo/format.js';
import { atMost, formatSeconds, type Check } from '../../support/outcome.js';
import { run } from '../run.js';
import { BUDGET_RATIO, DEFAULT, mostBurst, TWO_POINTS, type LoadSetting, type Part, type Row } from './part.js';

/** Seconds pooled into one look at the hedge rate. */
const LOOK = 5;
/** How long it is looked after the fault. */
const AFTER_SECONDS = 120;
/** Everything is normal from here … */
const NORMAL_FROM = 60;
/** … to the fault. */
const FAULT_AT = 180;
const OUTAGE_SECONDS = 20;
const STEP_SECONDS = 200;
/** Calls that wait for ever keep their hedges waiting, too, and so run into the limit of concurrent ones; calls that give up do not. */
const OUTAGES: readonly { readonly perSecond: number; readonly timeoutMs: number | undefined }[] = [100, 1_000].flatMap((perSecond) =>
  [undefined, 1_000].map((timeoutMs) => ({ perSecond, timeoutMs })),
);

/** All backends stall. Several seeds, because at these rates one look at a hedge rate is a few hundred calls. */
export async function outage(setting: LoadSetting): Promise<Part> {
  const rows: Row[] = [];
  const checks: Check[] = [];
  const [from, to] = [FAULT_AT, FAULT_AT + OUTAGE_SECONDS];
  for (const { perSecond, timeoutMs } of OUTAGES) {
    const patience = timeoutMs === undefined ? '' : `, given up after ${timeoutMs} ms`;
    const scenario = `outage of ${OUTAGE_SECONDS} s at ${formatCount(perSecond)}/s${patience}`;
    const results: SimulationResult[] = [];
    for (let seed = 0; seed < setting.sizes.seeds; seed++) {
      const result = await run(
        scenario,
        {
          seed: setting.seed + seed,
          calls: perSecond * (to + AFTER_SECONDS),
          warmupCalls: 0,
          arrivals: { kind: 'poisson', perSecond },
          faults: [{ kind: 'outage', fromMs: from * 1_000, toMs: to * 1_000 }],
          hedge: { timeoutMs },
        },
        setting,
      );
      results.push(result);
      if (seed === 0) rows.push({ scenario, policy: DEFAULT.name, result });
    }
    const during = results.map(({ seconds }) => sum(seconds, from, to));
    const worst = Math.max(...results.map((result, index) => (during[index]?.hedges ?? NaN) - 0.02 * (during[index]?.calls ?? NaN) - mostBurst(result)));
    const extra = Math.max(...during.map(({ hedges }) => hedges));
    checks.push(
      {
        what: `${scenario}: extra requests during it`,
        figure: formatCount(extra),
        bound: `2 % of ${formatCount(during[0]?.calls ?? NaN)} calls + the burst`,
        ok: worst <= 0,
      },
      backWithin(`${scenario}: hedge rate back within two points`, results, to, 10),
      ...withinBudget(scenario, results),
    );
  }
  return { rows, checks };
}

/** Everything takes three times as long, and later as long as before. */
export async function latencyStep(setting: LoadSetting): Promise<Part> {
  const scenario = 'latency × 3 and back at 100/s';
  const rows: Row[] = [];
  const results: SimulationResult[] = [];
  const [up, down] = [FAULT_AT, FAULT_AT + STEP_SECONDS];
  for (let seed = 0; seed < setting.sizes.seeds; seed++) {
    const result = await run(
      scenario,
      {
        seed: setting.seed + seed,
        calls: 100 * (down + AFTER_SECONDS),
        warmupCalls: 0,
        arrivals: { kind: 'poisson', perSecond: 100 },
        faults: [{ kind: 'slow', factor: 3, fromMs: up * 1_000, toMs: down * 1_000 }],
        hedge: DEFAULT.hedge,
      },
      setting,
    );
    results.push(result);
    if (seed === 0) rows.push({ scenario, policy: DEFAULT.name, result });
  }
  return {
    rows,
    checks: [
      backWithin(`${scenario}: hedge rate back within two points after it rose`, results, up, 20),
      backWithin(`${scenario}: hedge rate back within two points after it fell`, results, down, 20),
      ...withinBudget(scenario, results),
    ],
  };
}

/** When the hedge rate of all runs together, looked at every {@link LOOK} seconds, is back to stay. */
function backWithin(what: string, results: readonly SimulationResult[], fromSecond: number, bound: number): Check {
  const normal = rate(results, NORMAL_FROM, FAULT_AT);
  let backAt = fromSecond;
  for (let second = fromSecond; second < fromSecond + AFTER_SECONDS - LOOK; second += LOOK) {
    if (Math.abs(rate(results, second, second + LOOK) - normal) > TWO_POINTS) backAt = second + LOOK;
  }
  const stayed = backAt + LOOK < fromSecond + AFTER_SECONDS;
  return atMost(`${what} (normally ${formatShare(normal)})`, stayed ? backAt - fromSecond : NaN, bound, formatSeconds);
}

/** No window of calls ever had more hedges than the ratio allows and the burst adds. */
function withinBudget(scenario: string, results: readonly SimulationResult[]): Check[] {
  const [worst] = [...results].sort((a, b) => b.worstWindow - mostBurst(b) - (a.worstWindow - mostBurst(a)));
  if (worst === undefined) return [];
  const figure = (value: number): string => value.toFixed(1);
  return [atMost(`${scenario}: most hedges beyond ${BUDGET_RATIO} × calls in any window`, worst.worstWindow, mostBurst(worst), figure)];
}

function rate(results: readonly SimulationResult[], from: number, to: number): number {
  const totals = results.map(({ seconds }) => sum(seconds, from, to));
  return totals.reduce((all, { hedges }) => all + hedges, 0) / totals.reduce((all, { calls }) => all + calls, 0);
}

function sum(seconds: readonly Second[], from: number, to: number): { calls: number; hedges: number } {
  const part = seconds.slice(from, to);
  return { calls: part.reduce((all, { calls }) => all + calls, 0), hedges: part.reduce((all, { hedges }) => all + hedges, 0) };
}
