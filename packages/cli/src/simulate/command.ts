import { Command, Option } from 'commander';
import { whole } from '../flags.js';
import { complete, type Flags } from './flags.js';
import { burst, complaining, decimal, outage, serviceTime, several, sharedFate, slow } from './parse.js';
import { parsePolicy } from './policies.js';
import { PRESETS, presetNamed } from './presets.js';
import { DISPATCHES } from './scenario.js';

/** `hedgerow simulate`. Rejects when `signal` aborts. */
export function simulateCommand(signal: AbortSignal): Command {
  const [reference = presetNamed('reference')] = PRESETS;
  return new Command('simulate')
    .summary('try hedging on simulated servers: overload, outages, slow nodes, many clients')
    .description(
      'Runs hedgerow’s own scheduler on a virtual clock against simulated servers, once per policy and always with the same ' +
        'seed, and shows latencies, extra load and what was not sent. Hundreds of thousands of calls take seconds. Begin with a ' +
        'scenario (--list), and change what differs at your place.',
    )
    .addOption(new Option('-s, --scenario <name>', 'what to begin with').argParser(complaining(presetNamed)).default(reference, 'reference'))
    .option('-l, --list', 'list the scenarios and do nothing else')
    .option(
      '-p, --policy <policy>',
      'none, default, fixed:<ms>, quantile:<q> or minimize:<q>, the latter as in quantile:0.95; repeat to compare (default: none and default)',
      several(parsePolicy),
    )
    .option('--budget <ratio>', 'hedges per call that all policies may send, 0 to 1 (default: 0.1)', decimal(0.0001, 1))
    .option('--no-budget', 'no limit: see what that does to busy servers')
    .option('--max-hedges <n>', 'copies per call, 1 to 10 (default: 1, or one per delay of the policy)', whole(1, 10))
    .optionsGroup('How much:')
    .option('-n, --calls <n>', 'measured calls per policy (default: the scenario’s)', whole(1, 100_000_000))
    .option('-w, --warmup <n>', 'calls before them, left out of the figures (default: the scenario’s)', whole(0, 100_000_000))
    .option('--seed <n>', 'the same seed gives the same result', whole(0, 2 ** 32 - 1), 1)
    .optionsGroup('Clients:')
    .option('--clients <n>', 'independent clients, each with a Hedger of its own', whole(1, 100_000))
    .option('--in-flight <n>', 'closed loop: calls that each client keeps in flight', whole(1, 100_000))
    .option('--rate <n>', 'open: calls per second over all clients', decimal(0.001, 1e7))
    .option('--load <share>', 'open: share of the servers’ slots that calls take without hedging; needs --slots', decimal(0.001, 100))
    .optionsGroup('Servers:')
    .option('--servers <n>', 'how many', whole(1, 10_000))
    .option('--slots <n>', 'requests that a server works on at a time; the others queue (default: no limit)', whole(1, 1_000_000))
    .addOption(new Option('--dispatch <way>', 'how requests are spread over servers').choices(DISPATCHES))
    .addOption(new Option('--aborted <what>', 'whether work on an aborted request stops').choices(['stops', 'runs-on']))
    .option('--service <time>', 'reference, constant:<ms>, exponential:<ms> or lognormal:<mean ms>,<sd ms>[,<stragglers>,<slowdown>]', serviceTime)
    .option('--correlation <p>', 'probability that a copy is as slow as its primary, 0 to 1', decimal(0, 1))
    .option('--errors <share>', 'share of requests that fail at once, 0 to 1', decimal(0, 1))
    .optionsGroup('What goes wrong (in place of the scenario’s; times in seconds from the start; each may be repeated):')
    .option('--outage <from-to>', 'nothing is answered, as in 60-80', several(outage))
    .option('--slow <from-to:factor>', 'slower, as in 60-80:3; 60-80:3@0 slows the first server only', several(slow))
    .option('--burst <from-to:factor>', 'more calls, as in 60-65:3', several(burst))
    .option('--shared-fate <from-to:p>', 'copies as slow as their primaries with this probability, as in 0-60:1', several(sharedFate))
    .optionsGroup('Output:')
    .option('--json', 'print JSON instead of a table')
    .option('--report <file>', 'also write a report with plots, one HTML file that needs nothing else')
    .action(async (flags: Flags) => {
      const { listPresets, runSimulate } = await import('./run.js');
      if (flags.list === true) listPresets();
      else await runSimulate(complete(flags), signal);
    });
}
