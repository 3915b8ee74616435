import { setImmediate as turn } from 'node:timers/promises';
import { Simulation, type FinishedCall, type Scenario, type SimulationResult } from 'hedgerow';
import type { Setting } from '../support/benchmark.js';

/** How many things happen between two looks at the terminal. */
const STEPS = 50_000;

/** Runs one scenario with a progress bar; rejects when the user interrupts it. */
export async function run(
  label: string,
  scenario: Scenario,
  { progress, signal }: Pick<Setting<string>, 'progress' | 'signal'>,
  onCall?: (call: FinishedCall) => void,
): Promise<SimulationResult> {
  const total = scenario.calls ?? 100_000;
  const simulation = new Simulation(scenario, onCall);
  using bar = progress(label, total);
  while (simulation.advance(STEPS)) {
    bar.update(Math.round(simulation.progress * total));
    await turn();
    signal.throwIfAborted();
  }
  return simulation.result();
}
