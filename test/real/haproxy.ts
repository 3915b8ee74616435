import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'selfsigned';
import { freePorts } from './ports.js';

/** Debian puts HAProxy where not everybody's PATH leads. */
const PATH = `${process.env.PATH ?? ''}:/usr/sbin`;
const FRONTENDS = ['ROUND_ROBIN_PORT', 'LEAST_CONNECTIONS_PORT', 'HTTP2_PORT', 'STICKY_COOKIE_PORT', 'STICKY_SOURCE_PORT'] as const;

/** A HAProxy with the configuration of examples/load-balancer. */
export interface Haproxy extends AsyncDisposable {
  /** The origin of each frontend. */
  readonly urls: Readonly<Record<(typeof FRONTENDS)[number], string>>;
}

export async function startHaproxy(backends: readonly number[]): Promise<Haproxy> {
  if (spawnSync('haproxy', ['-v'], { env: { PATH } }).error) {
    console.error('HAProxy is missing: scripts/install-haproxy.sh installs it on Debian.');
    process.exit(1);
  }
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-haproxy-'));
  const certificate = join(folder, 'certificate.pem');
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
  writeFileSync(certificate, `${cert}\n${key}\n`);
  const ports = await freePorts(FRONTENDS.length);
  const env = {
    ...process.env,
    PATH,
    CERTIFICATE: certificate,
    ...Object.fromEntries(FRONTENDS.map((name, index) => [name, String(ports[index])])),
    ...Object.fromEntries(backends.map((port, index) => [`B${index}_PORT`, String(port)])),
  };
  const config = join(import.meta.dirname, '../../../examples/load-balancer/haproxy.cfg');
  const haproxy = spawn('haproxy', ['-db', '-f', config], { env, stdio: ['ignore', 'inherit', 'inherit'] });
  const ended = once(haproxy, 'exit');
  const origin = (name: (typeof FRONTENDS)[number]): string => {
    const scheme = name === 'HTTP2_PORT' ? 'https' : 'http';
    return `${scheme}://127.0.0.1:${ports[FRONTENDS.indexOf(name)] ?? 0}`;
  };
  const urls = Object.fromEntries(FRONTENDS.map((name) => [name, origin(name)])) as Haproxy['urls'];
  await answers(urls.ROUND_ROBIN_PORT);
  return {
    urls,
    async [Symbol.asyncDispose]() {
      haproxy.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`HAProxy did not answer at ${url}`);
}
