import { Command, Option } from 'commander';
import { whole } from '../flags.js';
import { CLIENTS, SIZES, USUAL_CLIENTS, type ClientName, type DemoOptions } from './options.js';

interface Flags {
  readonly client?: ClientName | 'all';
  readonly requests?: number;
  readonly warmup?: number;
  readonly concurrency: number;
  readonly seed: number;
  readonly report: string | false;
  readonly quick?: boolean;
}

/** `hedgerow demo`. Rejects when `signal` aborts, after everything has been closed. */
export function demoCommand(signal: AbortSignal): Command {
  const { full, quick } = SIZES;
  return new Command('demo')
    .summary('measure axios, got, fetch or gRPC without and with hedging, on a real local cluster')
    .description(
      'Starts three servers behind a round-robin balancer on this machine; gRPC balances by itself. Their latencies are lognormal, ' +
        '5 ± 2 ms, and one request in twenty takes ten times longer. Drives axios and got, or the clients you name, first plain, then hedged; shows what ' +
        'hedging did to the tail and what it cost as the servers count it, the OpenTelemetry trace of one hedged call, and ' +
        'writes a report. Nothing leaves this machine; it ends by itself in well under 90 seconds.',
    )
    .addOption(new Option('-c, --client <name>', `which client to drive (default: ${USUAL_CLIENTS.join(' and ')})`).choices([...CLIENTS, 'all']))
    .option(
      '-n, --requests <n>',
      `measured requests per run; there are two runs per client (default: ${full.requests}, ${quick.requests} with --quick)`,
      whole(100, 1_000_000),
    )
    .option(
      '-w, --warmup <n>',
      `requests before each run, left out of all figures; a hedged client learns latencies from them (default: ${full.warmup}, ${quick.warmup} with --quick)`,
      whole(0, 1_000_000),
    )
    .option('--concurrency <n>', 'requests in flight at any time', whole(1, 200), 10)
    .option('--seed <n>', 'seed of the latencies; the same seed gives every run the same ones', whole(0, 2 ** 32 - 1), 1)
    .option('--report <file>', 'where to write the report, one HTML file that needs nothing else', 'hedgerow-report.html')
    .option('--no-report', 'write no report')
    .option('-q, --quick', 'fewer requests: a few seconds, rougher figures')
    .action(async (flags: Flags) => {
      // Only here, so that help and complaints do not wait for clients and plots to load.
      const { runDemo } = await import('./run.js');
      await runDemo(complete(flags), signal);
    });
}

function complete(flags: Flags): DemoOptions {
  const size = flags.quick ? SIZES.quick : SIZES.full;
  return {
    clients: flags.client === 'all' ? CLIENTS : flags.client === undefined ? USUAL_CLIENTS : [flags.client],
    requests: flags.requests ?? size.requests,
    warmup: flags.warmup ?? size.warmup,
    concurrency: flags.concurrency,
    seed: flags.seed,
    reportPath: flags.report === false ? undefined : flags.report,
  };
}
