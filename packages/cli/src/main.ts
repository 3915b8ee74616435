import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { adviseCommand } from './advise/command.js';
import { demoCommand } from './demo/command.js';
import { interruptible } from './interrupt.js';
import { printable } from './printable.js';
import { simulateCommand } from './simulate/command.js';

/**
 * The command line of hedgerow.
 *
 * @param args - without the interpreter and the script.
 * @returns the exit code: 0, 1 for a failure, 128 + n when signal n ended it (130 for Ctrl-C).
 */
export async function main(args: readonly string[]): Promise<number> {
  using interrupt = interruptible();
  const program = new Command('hedgerow')
    .description('Backup copies of slow requests: whichever copy answers first wins.')
    .version(version(), '-V, --version', 'say which version this is')
    .exitOverride()
    .showHelpAfterError('(add --help for the options)')
    .addCommand(demoCommand(interrupt.signal))
    .addCommand(adviseCommand(interrupt.signal))
    .addCommand(simulateCommand(interrupt.signal));
  // Commands made elsewhere do not inherit these by themselves.
  for (const command of program.commands) command.copyInheritedSettings(program);
  try {
    await program.parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (interrupt.exitCode !== undefined) {
      process.stderr.write('\nStopped.\n');
      return interrupt.exitCode;
    }
    if (error instanceof CommanderError) return error.exitCode;
    const lines = String(error instanceof Error ? error.message : error).split('\n');
    process.stderr.write(`error: ${lines.map(printable).join('\n')}\n`);
    return 1;
  }
}

function version(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { readonly version: string };
  return manifest.version;
}
