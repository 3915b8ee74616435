import { execute, must } from '../support/execute.js';
import type { Stand } from './case.js';
import type { PackageName } from './sources.js';

const RUN_MS = 60_000;
/** Bundlers, compilers: on a machine with other things to do. */
const TOOL_MS = 300_000;

/** Runs a program of the project by the case's Node; returns what it wrote. */
export async function node({ directory, node, backend }: Stand, args: readonly string[], timeoutMs = RUN_MS): Promise<string> {
  return await must(node, args, { cwd: directory, env: environment(backend.address), timeoutMs });
}

/** Runs a tool that is installed in the project, as `npx` does. */
export async function tool(stand: Stand, path: string, ...args: readonly string[]): Promise<string> {
  return await node(stand, [`node_modules/${path}`, ...args], TOOL_MS);
}

/** {@link tool}, for what may end with an error. */
export async function tried(stand: Stand, path: string, ...args: readonly string[]): Promise<{ ok: boolean; output: string }> {
  return await execute(stand.node, [`node_modules/${path}`, ...args], { cwd: stand.directory, timeoutMs: TOOL_MS });
}

export function environment(address: Stand['backend']['address']): Record<string, string> {
  return { HEDGEROW_BACKEND: JSON.stringify(address), NEXT_TELEMETRY_DISABLED: '1', CI: '1', NO_COLOR: '1', FORCE_COLOR: '0' };
}

/** Runs a program that tells the infos of its calls, and looks at them. */
export async function runHedged(stand: Stand, path: string, names: readonly PackageName[]): Promise<void> {
  const output = await node(stand, [path]);
  const [, infos] = /^HEDGEROW (.*)$/m.exec(output) ?? [];
  if (infos === undefined) throw new Error(`${path} said nothing of its calls:\n${output}`);
  expectHedged(stand, names, JSON.parse(infos));
}

/** Every call was hedged and the copy won: by what the program was told, and by what the server saw. */
export function expectHedged(stand: Stand, names: readonly PackageName[], infos: unknown): void {
  for (const name of names) {
    const info = (infos as Record<string, { attempts?: number; isHedge?: boolean } | undefined>)[name];
    if (info?.attempts !== 2 || info.isHedge !== true) throw new Error(`${name} was not hedged: ${JSON.stringify(info)}`);
    expectReceived(stand, name);
  }
}

export function expectReceived({ backend }: Stand, name: PackageName): void {
  const received = backend.received(name);
  if (received !== 2) throw new Error(`${name}: the server received ${received} requests, not 2`);
}
