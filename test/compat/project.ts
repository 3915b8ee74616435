import { cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { install, manifestOf } from '../support/packing.js';
import { ROOT } from '../support/paths.js';
import { majorOf, type Combination } from './matrix.js';

/** Makes a project that has installed the tarballs and the versions of a combination, as a user would, outside of the repository. */
export async function makeProject(directory: string, tarballs: readonly string[], { node, versions }: Combination): Promise<void> {
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const wanted = { ...versions, '@types/node': `^${majorOf(node)}`, '@grpc/proto-loader': '^0.8.0' };
  const specs = Object.entries(wanted).map(([name, range]) => `${name}@${range}`);
  await install(directory, [...tarballs, ...specs]);
  cpSync(join(ROOT, 'test/.build'), join(directory, 'test/.build'), { recursive: true });
  cpSync(join(ROOT, 'jest.config.js'), join(directory, 'jest.config.js'));
  for (const path of ['test/types/consumer.ts', 'test/support/contract.proto']) copyInto(directory, path);
}

/** Lends the project what the tests need beside clients and SDK: never what it has installed. */
export function lendTools(directory: string): void {
  const { devDependencies } = manifestOf(ROOT);
  for (const name of Object.keys(devDependencies ?? {})) {
    const link = join(directory, 'node_modules', name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

function copyInto(directory: string, path: string): void {
  mkdirSync(dirname(join(directory, path)), { recursive: true });
  cpSync(join(ROOT, path), join(directory, path));
}
