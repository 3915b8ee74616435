import { spawn, spawnSync, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePorts } from '../real/ports.js';

const UP_WITHIN_MS = 30_000;

/** A server on this machine, in a folder that goes with it. */
export interface RealServer extends AsyncDisposable {
  readonly port: number;
}

/** A Redis that writes nothing to disk. */
export async function startRedis(): Promise<RealServer> {
  const [port = 0] = await freePorts(1);
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  return start({ name: 'Redis', port, folder: folderFor(), command: 'redis-server', args, isUp: () => isOpen(port) });
}

/** A PostgreSQL whose only user is `postgres`, without a password. */
export async function startPostgres(): Promise<RealServer> {
  const [port = 0] = await freePorts(1);
  // It refuses to run as root.
  const owner = process.getuid?.() === 0 ? idsOf('postgres') : {};
  const folder = folderFor(owner);
  const binaries = postgresBinaries();
  const made = spawnSync(join(binaries, 'initdb'), ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '--no-sync'], { ...owner, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const settings = ['fsync=off', 'max_connections=200', `unix_socket_directories=${folder}`].flatMap((setting) => ['-c', setting]);
  const args = ['-D', join(folder, 'data'), '-p', `${port}`, ...settings];
  // Its port is open before it takes queries.
  const isUp = (): boolean => spawnSync(join(binaries, 'pg_isready'), ['-h', '127.0.0.1', '-p', `${port}`]).status === 0;
  return start({ name: 'PostgreSQL', port, folder, command: join(binaries, 'postgres'), args, isUp, owner });
}

type Owner = Pick<SpawnOptions, 'uid' | 'gid'>;

interface Program {
  readonly name: string;
  readonly port: number;
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly isUp: () => boolean | Promise<boolean>;
  /** Whom it runs as. Default: whoever runs this. */
  readonly owner?: Owner;
}

async function start({ name, port, folder, command, args, isUp, owner }: Program): Promise<RealServer> {
  const server = spawn(command, args, { ...owner, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const words: Buffer[] = [];
  server.stderr.on('data', (chunk: Buffer) => words.push(chunk));
  const ended = once(server, 'exit').catch((error: unknown) => error);
  const stop = async (): Promise<void> => {
    server.kill('SIGINT');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  const deadline = Date.now() + UP_WITHIN_MS;
  while (!(await isUp())) {
    await sleep(50);
    if (Date.now() < deadline && server.exitCode === null) continue;
    await stop();
    throw new Error(`${name} (${command}) did not come up: ${Buffer.concat(words).toString()}`);
  }
  return { port, [Symbol.asyncDispose]: stop };
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function folderFor({ uid, gid }: Owner = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'hedgerow-recipes-'));
  chmodSync(folder, 0o700);
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

function idsOf(user: string): Owner {
  const ask = (flag: string): number => Number(spawnSync('id', [flag, user], { encoding: 'utf8' }).stdout);
  return { uid: ask('-u'), gid: ask('-g') };
}

/** Debian keeps the programs of each version apart; elsewhere they are where `PATH` leads. */
function postgresBinaries(): string {
  const versions = '/usr/lib/postgresql';
  const newest = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0] : undefined;
  return newest === undefined ? '' : join(versions, newest, 'bin');
}
