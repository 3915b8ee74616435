import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execute } from '../support/execute.js';
import { ROOT } from '../support/paths.js';
import { oursOf } from '../support/type-errors.js';

/** What went wrong, in words; nothing if nothing did. */
export type Faults = readonly string[];

const QUIET = ['--disable-warning=ExperimentalWarning'];

/** `import` and `require()` of every package, and the command line. `run`: how the binary is told to run a program. */
export async function checkModules(directory: string, node: string, run: readonly string[] = QUIET): Promise<Faults> {
  const calls = [['test/.build/compat/modules.js'], ['node_modules/hedgerow/dist/bin.js', '--help']];
  const faults: string[] = [];
  for (const args of calls) {
    const { ok, output } = await execute(node, [...run, ...args], { cwd: directory, timeoutMs: 60_000 });
    if (!ok || output.includes('Warning')) faults.push(`${args.join(' ')}:\n${output}`);
  }
  return faults;
}

const NODES_OWN = { module: 'nodenext', moduleResolution: 'nodenext' };
const RESOLUTIONS = [NODES_OWN, { module: 'node16', moduleResolution: 'node16' }, { module: 'esnext', moduleResolution: 'bundler' }];

/**
 * Compiles what users write against the installed packages, with the types of this Node, strictly. Under every resolution means also
 * once with the declarations of libraries; what those of others have wrong is not counted.
 */
export async function checkTypes(directory: string, node: string, everyResolution: boolean): Promise<Faults> {
  const faults: string[] = [];
  const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
  const home = join(directory, 'test/types');
  mkdirSync(home, { recursive: true });
  for (const resolution of everyResolution ? RESOLUTIONS : [NODES_OWN]) {
    const compilerOptions = {
      ...resolution,
      target: 'es2023',
      lib: ['es2023', 'esnext.disposable'],
      types: ['node'],
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noEmit: true,
      // Takes most of the time, and is the same under every resolution.
      skipLibCheck: !everyResolution || resolution !== NODES_OWN,
    };
    writeFileSync(join(home, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
    const { ok, output } = await execute(node, [tsc, '-p', home, '--pretty', 'false'], { cwd: directory, timeoutMs: 180_000 });
    const lines = oursOf(output);
    if (!ok && (lines.length > 0 || output === '')) faults.push(`moduleResolution ${resolution.moduleResolution}:\n${lines.join('\n')}`);
  }
  return faults;
}
