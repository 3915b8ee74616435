import { writeFile } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import { Screen } from '../demo/screen.js';
import type { SimulateOptions } from './flags.js';
import type { Policy } from './policies.js';
import type { PolicyRun } from './policy-run.js';
import { PRESETS } from './presets.js';
import { Simulation, type SimulationResult } from './simulation.js';
import { intro, jsonOf, presetLines, tableLines } from './words.js';

/** Things that happen between two looks at the terminal: about a tenth of a second. */
const STEPS = 50_000;

export function listPresets(): void {
  new Screen().lines(presetLines(PRESETS));
}

/** @throws the signal's reason when it aborts, and what is wrong with the scenario. */
export async function runSimulate(options: SimulateOptions, signal: AbortSignal): Promise<void> {
  const screen = new Screen();
  // Complains of any policy before the first one runs.
  for (const { hedge } of options.policies) new Simulation({ ...options.scenario, calls: 1, hedge });
  if (!options.json) screen.lines(intro(options));
  const runs: PolicyRun[] = [];
  for (const policy of options.policies) runs.push({ policy, result: await runPolicy(policy, options, screen, signal) });
  screen.lines(options.json ? [JSON.stringify(jsonOf(options, runs), undefined, 1)] : tableLines(runs));
  if (options.reportPath === undefined) return;
  // Only here, because plots take longer to load than a short simulation to run.
  const { renderSimulation } = await import('./page.js');
  await writeFile(options.reportPath, renderSimulation(options, runs));
  if (!options.json) screen.lines(['', `Report with plots: ${options.reportPath}`]);
}

async function runPolicy(policy: Policy, { scenario }: SimulateOptions, screen: Screen, signal: AbortSignal): Promise<SimulationResult> {
  const simulation = new Simulation({ ...scenario, hedge: policy.hedge });
  using progress = screen.progress(policy.name, 100);
  while (simulation.advance(STEPS)) {
    progress.update(Math.floor(simulation.progress * 100));
    await turn();
    signal.throwIfAborted();
  }
  return simulation.result();
}
