import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fetchBinary, type Binary } from '../../support/binary.js';
import { checkModules, type Faults } from '../checks.js';
import { execute } from '../../support/execute.js';
import type { Combination } from '../matrix.js';
import { lendTools, makeProject } from '../project.js';
import { DIFFERENCES } from './differences.js';
import type { CaseOutcome } from './globals.js';

/** A runtime that is not Node. */
export interface Runtime {
  readonly name: 'Bun' | 'Deno' | 'workerd';
  /** What of hedgerow is tried there. */
  readonly tried: string;
  /** Its package for this platform, and where the binary is in it. */
  readonly package: string;
  readonly file: string;
  /** How to run a program; `undefined` if it runs none, but is driven from Node. */
  readonly run: readonly string[] | undefined;
  /** What it does otherwise than Node, in words. */
  readonly because: readonly string[];
}

const { arch, platform } = process;
const exe = platform === 'win32' ? '.exe' : '';
const os = platform === 'win32' ? 'windows' : platform;

export const RUNTIMES: readonly Runtime[] = [
  {
    name: 'Bun',
    tried: 'the contract of core and fetch',
    package: `@oven/bun-${os}-${arch === 'arm64' ? 'aarch64' : arch}`,
    file: `bin/bun${exe}`,
    run: [],
    because: DIFFERENCES.Bun.because,
  },
  {
    name: 'Deno',
    tried: 'the contract of core and fetch',
    package: `@deno/${platform}-${arch}${platform === 'linux' ? '-glibc' : ''}`,
    file: `deno${exe}`,
    run: ['run', '--allow-all', '--node-modules-dir=manual'],
    because: DIFFERENCES.Deno.because,
  },
  {
    name: 'workerd',
    tried: '20 scenarios of fetch',
    package: `@cloudflare/workerd-${os}-${arch === 'arm64' ? 'arm64' : '64'}`,
    file: `bin/workerd${exe}`,
    run: undefined,
    because: [
      "It cannot run the suites, whose servers are Node's: a worker is told by HTTP what to send, and servers and expectations stay on Node. That is less than the contract.",
      'What it is held to it is held to twice, as of the first compatibility date with `WeakRef` and as of a recent one.',
    ],
  },
];

/** What came of one. */
export interface RuntimeResult {
  readonly runtime: Runtime;
  readonly version: string;
  readonly modules: Faults | undefined;
  readonly passed: number;
  readonly failures: readonly string[];
  /** Cases that failed at first. */
  readonly again: readonly string[];
}

/** Installs the packages in a project, as for Node, and runs the cases. What fails is run once more: tests with real servers measure time. */
export async function tryRuntime(
  runtime: Runtime,
  directory: string,
  tarballs: readonly string[],
  combination: Combination,
  step: (what: string) => void,
): Promise<RuntimeResult> {
  step(runtime.name);
  const binary = await fetchBinary(runtime.package, 'latest', runtime.name.toLowerCase(), () => runtime.file);
  step('install');
  await makeProject(directory, tarballs, combination);
  installGlobals(directory);
  lendTools(directory);
  step('import and require');
  const modules = runtime.run && (await checkModules(directory, binary.path, runtime.run));
  const first = await runCases(runtime, binary, directory, step);
  const failing = first.filter(isFailure);
  const second = failing.length === 0 ? first : await runCases(runtime, binary, directory, step);
  const stillFailing = new Map(second.filter(isFailure).map((outcome) => [outcome.name, outcome]));
  const failures = failing.filter(({ name }) => stillFailing.has(name));
  return {
    runtime,
    version: binary.version,
    modules,
    passed: first.length - failures.length,
    failures: failures.map(({ name, error }) => `${name}\n${error}`),
    again: failing.filter(({ name }) => !stillFailing.has(name)).map(({ name }) => name),
  };
}

type Failure = Required<CaseOutcome>;

function isFailure(outcome: CaseOutcome): outcome is Failure {
  return outcome.error !== undefined;
}

/** The suites ask for jest's globals, which jest alone can give; here they get ours. */
function installGlobals(directory: string): void {
  const home = join(directory, 'node_modules/@jest/globals');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, 'package.json'), JSON.stringify({ name: '@jest/globals', version: '0.0.0', type: 'module', exports: './index.js' }));
  writeFileSync(join(home, 'index.js'), "export * from '../../../test/.build/compat/runtimes/globals.js';\n");
}

async function runCases({ run }: Runtime, binary: Binary, directory: string, step: (what: string) => void): Promise<readonly CaseOutcome[]> {
  const program = (name: string): string => `test/.build/compat/runtimes/${name}.js`;
  const [command, args] = run === undefined ? [process.execPath, [program('workerd'), binary.path]] : [binary.path, [...run, program('contract')]];
  const outcomes: CaseOutcome[] = [];
  const { ok, output } = await execute(command, args, {
    cwd: directory,
    timeoutMs: 600_000,
    onLine: (line) => {
      const outcome = parse(line);
      if (outcome === undefined) return;
      outcomes.push(outcome);
      if (outcomes.length % 20 === 0) step(outcome.name);
    },
  });
  if (ok && outcomes.length > 0) return outcomes;
  return [...outcomes, { name: 'it comes to an end', error: output.slice(-5_000) }];
}

function parse(line: string): CaseOutcome | undefined {
  try {
    return line.startsWith('{"name":') ? (JSON.parse(line) as CaseOutcome) : undefined;
  } catch {
    return undefined;
  }
}
