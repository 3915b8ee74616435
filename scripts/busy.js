// Runs a command on a busy machine: other processes keep the processors occupied from before it starts until it has ended.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const HELP = `Usage: node scripts/busy.js [--processes <count>] <command> [argument…]

Runs the command while <count> processes (4 unless told) do nothing but occupy the processors.
They end when the command ends, however it does, and when this script is ended, by SIGINT, SIGTERM or SIGKILL.
The exit code is the command's own; 128 plus the signal's number if a signal ended it.

  npm run test:busy                        all tests
  npm run test:busy -- test/.build/core    some of them
`;
const SPIN = '--spin-for';
/** How often a spinning process looks whether the one it spins for is still there. */
const LOOK_EVERY_MS = 100;

/** Occupies a processor for as long as `parent` lives. No timers: they would let go of it. */
function spin(parent) {
  while (process.ppid === parent) {
    const until = performance.now() + LOOK_EVERY_MS;
    while (performance.now() < until);
  }
}

/** Where the command begins: behind the options, and behind a `--` if there is one. */
function divide(given) {
  const start = given[0] === '--processes' ? 2 : given[0]?.startsWith('-') ? 1 : 0;
  return { options: given.slice(0, start), command: given[start] === '--' ? given.slice(start + 1) : given.slice(start) };
}

function parse(given) {
  const { options, command } = divide(given);
  const { values } = parseArgs({ args: options, options: { processes: { type: 'string', default: '4' }, help: { type: 'boolean', short: 'h' } } });
  if (values.help) return { help: true };
  const count = Number(values.processes);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`--processes: expected a whole number from 1, got ${values.processes}`);
  if (command.length === 0) throw new TypeError('no command: what is to be run on the busy machine?');
  return { help: false, count, command };
}

function run(count, [program, ...args]) {
  const spinners = Array.from({ length: count }, () => spawn(process.execPath, [fileURLToPath(import.meta.url), SPIN, String(process.pid)], { stdio: 'ignore' }));
  process.on('exit', () => spinners.forEach((spinner) => spinner.kill('SIGKILL')));
  console.log(`${count} processes keep this machine busy: ${spinners.map(({ pid }) => pid).join(', ')}`);

  const command = spawn(program, args, { stdio: 'inherit', shell: process.platform === 'win32' });
  // The command decides how it ends; then this script and the spinners do.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => command.kill(signal));
  command.on('error', (error) => {
    console.error(`cannot run ${program}: ${error.message}`);
    process.exit(127);
  });
  command.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}

const given = process.argv.slice(2);
if (given[0] === SPIN) spin(Number(given[1]));
else {
  try {
    const { help, count, command } = parse(given);
    if (help) console.log(HELP);
    else run(count, command);
  } catch (error) {
    console.error(`${error.message}\n\n${HELP}`);
    process.exitCode = 2;
  }
}
