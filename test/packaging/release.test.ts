import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from '@jest/globals';

type Manifest = Readonly<Record<string, unknown>>;
interface Address {
  readonly addressOf: (root: Manifest) => Manifest;
  readonly withAddress: (manifest: Manifest, address: Manifest, directory: string) => Manifest;
}
/** A variable, since there are no types of scripts. */
const script = pathToFileURL('scripts/release/address.js').href;
const { addressOf, withAddress } = (await import(script)) as Address;
const folders = readdirSync('packages');

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join('packages', folder, 'package.json'), 'utf8')) as Manifest;
}

describe('a release', () => {
  it('is refused while nothing says where the source is', () => {
    expect(() => addressOf({ homepage: 'https://a.example' })).toThrow('`repository`');
  });

  it.each(['https://a.example/x.git', { type: 'git', url: 'https://a.example/x.git' }])('copies that, with the folder: %j', (repository) => {
    const address = addressOf({ repository, bugs: 'https://a.example/bugs' });
    const filled = withAddress({ name: 'x', license: 'MIT', homepage: 'an old one', type: 'module' }, address, 'packages/x');
    const expected = { name: 'x', license: 'MIT', repository: { type: 'git', url: 'https://a.example/x.git', directory: 'packages/x' }, bugs: 'https://a.example/bugs', type: 'module' };
    expect(JSON.stringify(filled)).toBe(JSON.stringify(expected));
    expect(withAddress(filled, address, 'packages/x')).toEqual(filled);
  });

  it.each(folders)('gives %s to everybody', (folder) => {
    expect(manifestOf(folder)).toMatchObject({ license: 'MIT', keywords: expect.any(Array), publishConfig: { access: 'public' } });
  });
});

describe('the command line', () => {
  it('needs nothing but the core when it is installed', () => {
    expect(Object.keys(manifestOf('cli').dependencies as object)).toEqual(['@hedgerow/core']);
  });
});

describe('the quick start', () => {
  it('packs every package from a clone', () => {
    const [line = ''] = /^npm pack .*$/m.exec(readFileSync('docs/start.md', 'utf8')) ?? [];
    expect([...line.matchAll(/-w packages\/(\w+)/g)].map(([, name]) => name).sort()).toEqual([...folders].sort());
  });
});
