import { Command, InvalidArgumentError, Option } from 'commander';
import { whole } from '../flags.js';
import { FORMATS, UNITS, type AdviseOptions, type Format, type Unit } from './options.js';

interface Flags {
  readonly format?: Format;
  readonly unit?: Unit;
  readonly column?: string;
  readonly field?: string;
  readonly metric?: string;
  readonly pattern?: RegExp;
  readonly maxBad?: number;
  readonly simulate?: number | true;
  readonly seed: number;
  readonly report: string | false;
}

const DEFAULT_CALLS = 200_000;

const EXAMPLES = `
Examples:
  hedgerow advise latencies.txt                          one number per line, in milliseconds
  hedgerow advise requests.csv --column latency_ms       a column by name, or by number from 1
  hedgerow advise log.ndjson --field http.duration --unit us
  hedgerow advise access.log.gz                          nginx: rt=… or $request_time at the end; Apache: %D at the end
  hedgerow advise app.log --pattern "took (?<duration>\\d+) ms"
  curl -s localhost:9090/metrics | hedgerow advise - --metric http_request_duration_seconds`;

/** `hedgerow advise`. Rejects when `signal` aborts, and when the input cannot be used. */
export function adviseCommand(signal: AbortSignal): Command {
  return new Command('advise')
    .summary('say what hedging would do to latencies that you have measured')
    .description(
      'Reads latencies and predicts what hedging would make of them at 1, 2, 5 and 10 % extra load, with the mathematics that the scheduler ' +
        'itself uses; says which options to paste, how sure that is, and when not to hedge. Memory is constant, whatever the size. ' +
        'Nothing leaves this machine.',
    )
    .argument('[file]', 'latencies, also packed by gzip; - or nothing for stdin', '-')
    .addOption(new Option('-f, --format <name>', 'what the file is, if its first lines do not tell').choices(FORMATS))
    .addOption(new Option('-u, --unit <unit>', 'unit of the latencies, if neither format nor names tell (default: ms)').choices(Object.keys(UNITS)))
    .option('-c, --column <name>', 'CSV: which column, by name or by number from 1')
    .option('--field <path>', 'NDJSON: which field; a.b is field b of field a')
    .option('--metric <name>', 'Prometheus: which histogram; all its label sets are added up')
    .option(
      '--pattern <regexp>',
      'log: an expression with a group (?<duration>…). It runs on every line: avoid nested repetitions such as (a+)+, which can take forever',
      pattern,
    )
    .option('--max-bad <n>', 'bad rows to skip before giving up (default: 100, or 1 % of the rows if that is more)', whole(0, Number.MAX_SAFE_INTEGER))
    .option('--simulate [calls]', `also run the real scheduler on these latencies, and compare (calls: ${DEFAULT_CALLS} if not given)`, whole(1_000, 100_000_000))
    .option('--seed <n>', 'seed of the simulation and of the resampling', whole(0, 2 ** 32 - 1), 1)
    .option('--report <file>', 'where to write the report, one HTML file that needs nothing else', 'hedgerow-advice.html')
    .option('--no-report', 'write no report')
    .addHelpText('after', EXAMPLES)
    .action(async (file: string, flags: Flags) => {
      // Only here, so that help and complaints do not wait for plots to load.
      const { runAdvise } = await import('./run.js');
      await runAdvise(complete(file, flags), signal);
    });
}

function complete(file: string, { simulate, report, ...flags }: Flags): AdviseOptions {
  return {
    file,
    format: flags.format,
    unit: flags.unit,
    column: flags.column,
    field: flags.field,
    metric: flags.metric,
    pattern: flags.pattern,
    maxBad: flags.maxBad,
    seed: flags.seed,
    simulatedCalls: simulate === true ? DEFAULT_CALLS : simulate,
    reportPath: report === false ? undefined : report,
  };
}

function pattern(text: string): RegExp {
  let expression: RegExp;
  try {
    expression = new RegExp(text, 'u');
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
  if (!text.includes('(?<duration>')) throw new InvalidArgumentError('Expected a group named duration, as in "took (?<duration>\\d+) ms".');
  return expression;
}
