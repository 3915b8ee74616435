import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import type { Order, Report } from './worker.js';

/** A workerd that runs `worker.ts`. */
export interface Workerd {
  readonly ask: (order: Order) => Promise<Report>;
  readonly stop: () => void;
}

const STARTS_WITHIN_MS = 10_000;
/** Longer than any answer takes that comes at all. */
const ANSWERS_WITHIN_MS = 10_000;

export async function startWorkerd(binary: string, entry: string, compatibilityDate: string): Promise<Workerd> {
  const directory = mkdtempSync(join(tmpdir(), 'hedgerow-workerd-'));
  const port = await freePort();
  await build({ entryPoints: [entry], outfile: join(directory, 'worker.js'), bundle: true, format: 'esm', platform: 'neutral', mainFields: ['module', 'main'], logLevel: 'error' });
  const config = join(directory, 'config.capnp');
  writeFileSync(config, configOf(port, compatibilityDate));
  const child = spawn(binary, ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  child.stderr.on('data', (data) => said.push(String(data)));
  const stop = (): void => {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true, force: true });
  };
  const origin = `http://127.0.0.1:${port}`;
  const ask = async (order: Order): Promise<Report> => {
    const response = await fetch(origin, { method: 'POST', body: JSON.stringify(order), signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    if (!response.ok) throw new Error(`workerd answered ${response.status}: ${await response.text()}\n${said.join('')}`);
    return (await response.json()) as Report;
  };
  const deadline = performance.now() + STARTS_WITHIN_MS;
  while (!(await fetch(origin).then(() => true, () => false))) {
    if (performance.now() < deadline && child.exitCode === null) continue;
    stop();
    throw new Error(`workerd did not start:\n${said.join('')}`);
  }
  return { ask, stop };
}

function configOf(port: number, compatibilityDate: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .hedged), (name = "network", network = (allow = ["private", "public"]))],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
const hedged :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "${compatibilityDate}",
  globalOutbound = "network"
);
`;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
