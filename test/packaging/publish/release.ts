import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkout } from './checkout.js';
import type { Registry } from './registry.js';

const ADDRESS = { repository: 'https://git.example.com/shop/hedgerow.git', homepage: 'https://hedgerow.example.com', bugs: 'https://git.example.com/shop/hedgerow/issues' };
const NEXT = '0.2.0';

interface Published {
  readonly 'dist-tags': { readonly latest: string };
  readonly versions: Readonly<Record<string, Record<string, unknown> & { readonly dependencies?: Readonly<Record<string, string>> }>>;
}

/** No release without an address, the first as it stands, the next with a version of its own; and once more is no harm. */
export async function checkRelease(checkout: Checkout, registry: Registry): Promise<void> {
  const folders = readdirSync(join(checkout.folder, 'packages'));
  const [root, first] = [checkout.manifest('.'), String(checkout.manifest('packages/core').version)];
  await checkout.init();
  assert.equal(root.repository, undefined, 'the address is known now: rehearse with that one');
  await refused(checkout, 'no `repository`');
  checkout.setAddress(ADDRESS);
  await refused(checkout, 'not committed');
  for (const folder of folders) assert.equal(await published(registry, nameOf(checkout, folder)), undefined, `${folder} was published`);

  await checkout.commit();
  await succeeds(checkout);
  for (const folder of folders) await checkPublished(checkout, registry, folder, first);

  await succeeds(checkout, NEXT, '--no-push');
  for (const folder of folders) await checkPublished(checkout, registry, folder, NEXT);
  assert.equal(await checkout.tags(), `v${NEXT}`);
  const examples = checkout.manifest('examples').dependencies as Record<string, string>;
  assert.equal(examples['@hedgerow/core'], NEXT, 'the examples ask for another version than the packages have');

  await succeeds(checkout);
  assert.equal(await checkout.changes(), '', 'the release leaves changes');
}

async function refused(checkout: Checkout, why: string): Promise<void> {
  const { ok, output } = await checkout.release();
  assert(!ok && output.includes(why), `this should have been refused (${why}):\n${output}`);
}

async function succeeds(checkout: Checkout, ...args: readonly string[]): Promise<void> {
  const { ok, output } = await checkout.release(...args);
  assert(ok, `npm run release -- ${args.join(' ')}:\n${output}`);
}

async function checkPublished(checkout: Checkout, registry: Registry, folder: string, version: string): Promise<void> {
  const name = nameOf(checkout, folder);
  const all = await published(registry, name);
  assert.equal(all?.['dist-tags'].latest, version, name);
  const { repository, homepage, bugs, dependencies = {} } = all.versions[version] ?? {};
  assert.deepEqual(repository, { type: 'git', url: ADDRESS.repository, directory: `packages/${folder}` });
  assert.equal(homepage, ADDRESS.homepage);
  assert.deepEqual(bugs, { url: ADDRESS.bugs });
  const ours = Object.entries(dependencies).filter(([other]) => other.startsWith('@hedgerow/'));
  for (const [other, range] of ours) assert.equal(range, version, `${name} asks for ${other} ${range}`);
}

function nameOf(checkout: Checkout, folder: string): string {
  return String(checkout.manifest(`packages/${folder}`).name);
}

async function published({ url }: Registry, name: string): Promise<Published | undefined> {
  const response = await fetch(`${url}${name.replace('/', '%2f')}`);
  return response.ok ? ((await response.json()) as Published) : undefined;
}
