import { writeFile } from 'node:fs/promises';
import pc from 'picocolors';
import { formatCount } from '../demo/format.js';
import { Screen } from '../demo/screen.js';
import { checkWritable } from '../report/writable.js';
import { adviseOn, p99Of, type Advice } from './advice.js';
import { checkBySimulation, type Check } from './check.js';
import type { AdviseOptions } from './options.js';
import { showProgress } from './progress.js';
import { readInput, type Input } from './read/read.js';
import { renderAdvice } from './report.js';
import { badRows, checkLines, inputLine, knownLines, optionLines, predictionLines, remarkLines, verdictLines } from './words.js';

/**
 * The adviser: input → counts → advice → tables → report.
 *
 * @throws the signal's reason when it aborts, and whatever goes wrong.
 */
export async function runAdvise(options: AdviseOptions, signal: AbortSignal): Promise<void> {
  const screen = new Screen();
  if (options.reportPath !== undefined) await checkWritable(options.reportPath);
  const input = await read(options, signal);
  if (input.bad.count > 0) process.stderr.write([`Skipped ${badRows(input.bad.count)}:`, ...input.bad.lines(), ''].join('\n'));
  const advice = adviseOn(input, options.seed);
  const check = await simulated(options, input, advice, signal);

  screen.lines([`${pc.bold(pc.green('hedgerow'))} ${pc.bold('advise')}`, '', inputLine(input)]);
  screen.section('Your latencies');
  screen.lines(knownLines(advice));
  screen.section('What hedging would give, in milliseconds');
  screen.lines(predictionLines(advice));
  screen.section('What to paste as options');
  screen.lines(optionLines(advice));
  if (check !== undefined) {
    screen.section('The prediction against a simulation');
    screen.lines(checkLines(check));
  }
  screen.section('How far to trust this');
  screen.lines(remarkLines(advice));
  screen.section('In short');
  screen.lines(verdictLines(advice));
  if (options.reportPath === undefined) return;
  await writeFile(options.reportPath, renderAdvice({ input, advice, check }));
  screen.lines(['', `Report with plots: ${options.reportPath}`]);
}

async function read(options: AdviseOptions, signal: AbortSignal): Promise<Input> {
  using progress = showProgress('reading', (bytes) => `${formatCount(Math.round(bytes / 2 ** 20))} MiB`);
  return await readInput(options, signal, (bytes, total) => progress.update(bytes, total));
}

async function simulated({ seed, simulatedCalls }: AdviseOptions, input: Input, advice: Advice, signal: AbortSignal): Promise<Check | undefined> {
  const predictedMs = advice.byDefault && p99Of(advice.byDefault);
  if (simulatedCalls === undefined || predictedMs === undefined) return undefined;
  using progress = showProgress('simulating', () => `${formatCount(simulatedCalls)} calls`);
  const setup = { curve: advice.curve, histogram: input.latencies.histogram, predictedMs, calls: simulatedCalls, seed };
  return await checkBySimulation(setup, signal, (share) => progress.update(share, 1));
}
