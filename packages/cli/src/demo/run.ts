import { writeFile } from 'node:fs/promises';
import { startCluster } from '../cluster/start.js';
import { renderReport } from '../report/html.js';
import { checkWritable } from '../report/writable.js';
import { captureHedgedCall } from '../trace/capture.js';
import { traceLines } from '../trace/text.js';
import type { Trace } from '../trace/tree.js';
import { disturbance, watchProcessors } from './machine.js';
import { measure, type Run } from './measure.js';
import type { DemoOptions } from './options.js';
import type { DemoResult } from './result.js';
import { Screen } from './screen.js';
import { headline, intro, runLine, tableLines } from './words.js';

/**
 * The demo: cluster → runs → table → trace → report.
 *
 * @throws the signal's reason when it aborts, and whatever goes wrong; everything has been closed by then.
 */
export async function runDemo(options: DemoOptions, signal: AbortSignal): Promise<void> {
  const screen = new Screen();
  if (options.reportPath !== undefined) await checkWritable(options.reportPath);
  screen.lines(intro(options));
  const result = await collect(options, screen, signal);
  screen.section('Latency in milliseconds, seen by the client');
  screen.lines(tableLines(result.runs));
  screen.section('One hedged call, as OpenTelemetry saw it');
  screen.lines(result.trace ? traceLines(result.trace) : ['There is none to show: no hedge won in hundreds of further calls.']);
  screen.section('What happened');
  screen.lines(headline(result.runs));
  if (result.warning !== undefined) screen.lines(['', result.warning]);
  if (options.reportPath === undefined) return;
  await writeFile(options.reportPath, renderReport(result));
  screen.lines(['', `Report with plots: ${options.reportPath}`]);
}

async function collect(options: DemoOptions, screen: Screen, signal: AbortSignal): Promise<DemoResult> {
  const grpc = options.clients.includes('grpc');
  await using cluster = await startCluster({ seed: options.seed, grpc, isolated: true, recordTraceparents: true });
  const runs: Run[] = [];
  const others = watchProcessors();
  let trace: Trace | undefined;
  for (const client of options.clients) {
    for (const hedged of [false, true]) {
      signal.throwIfAborted();
      using progress = screen.progress(`${client} ${hedged ? 'hedged' : 'plain'}`, options.warmup + options.requests);
      const run = await measure(client, hedged, {
        cluster,
        options,
        signal,
        onProgress: (answered) => progress.update(answered),
        onWarmClient: async (warm) => {
          if (hedged) trace ??= await captureHedgedCall(warm.get, cluster, signal);
        },
      });
      progress[Symbol.dispose]();
      screen.lines([runLine(run)]);
      runs.push(run);
    }
  }
  return { options, runs, trace, warning: disturbance(others()) };
}
