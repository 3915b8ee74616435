import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from '../../support/execute.js';
import { npm } from '../../support/paths.js';
import { startDaemon } from '../../real/daemon.js';
import { freePorts } from '../../real/ports.js';
import { tool } from './tools.js';

/** A registry on this machine. It has what is published into it; everything else it asks of the one that npm is configured with. */
export interface Registry extends AsyncDisposable {
  readonly url: string;
  /** What npm and lerna are told about it: else `npx hedgerow` would remember what was rehearsed. */
  readonly env: Readonly<Record<string, string>>;
}

export async function startRegistry(folder: string): Promise<Registry> {
  const upstream = (await must(npm, ['config', 'get', 'registry'], { cwd: folder, timeoutMs: 30_000 })).trim();
  const [port = 0] = await freePorts(1);
  const url = `http://127.0.0.1:${port}/`;
  const home = join(folder, 'registry');
  mkdirSync(home);
  const ours = { access: '$all', publish: '$all' };
  const config = {
    storage: join(home, 'storage'),
    uplinks: { upstream: { url: upstream, timeout: '60s', maxage: '1h' } },
    packages: { '@hedgerow/*': ours, hedgerow: ours, '**': { access: '$all', proxy: 'upstream' } },
    log: { type: 'file', path: join(home, 'log'), level: 'warn' },
    listen: `127.0.0.1:${port}`,
  };
  const file = join(home, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  // Anybody may publish here, but the clients send nothing without a token.
  const npmrc = join(home, 'npmrc');
  writeFileSync(npmrc, `registry=${url}\n//127.0.0.1:${port}/:_authToken=anybody\n`);
  const stop = await startDaemon('Verdaccio', process.execPath, [tool('verdaccio/bin/verdaccio'), '--config', file], `${url}-/ping`);
  return { url, env: { npm_config_registry: url, npm_config_userconfig: npmrc, npm_config_cache: join(home, 'npm-cache') }, [Symbol.asyncDispose]: stop };
}
