import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const PACKAGES = readdirSync('packages');
const ADAPTERS = ['axios', 'got', 'fetch', 'grpc', 'connect', 'elastic', 'aws'];

/** The rooms of every adapter, from the lowest to the highest: they import downwards only. `undici/` is the second client of fetch. */
const ADAPTER_ROOMS = ['request', 'response', 'attempt', 'caller', 'call', 'undici'];

/** Every source of a package, with what it imports of the same, types included. */
function sourcesOf(name: string): ReadonlyMap<string, { readonly lines: number; readonly imports: readonly string[]; readonly text: string }> {
  const root = `packages/${name}/src`;
  const paths = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  return new Map(
    paths.map((path) => {
      const text = readFileSync(join(root, path), 'utf8');
      const imports = Array.from(text.matchAll(/\b(?:from|import\() ?'(\.[^']+)\.js'/g), ([, to = '']) => join(dirname(path), `${to}.ts`));
      return [path, { lines: text.split('\n').length - 1, imports, text }];
    }),
  );
}

function cyclesIn(name: string): string[] {
  const sources = sourcesOf(name);
  const cycles = new Set<string>();
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    if (trail.includes(path)) cycles.add([...trail.slice(trail.indexOf(path)), path].join(' → '));
    else if (!done.has(path)) for (const next of sources.get(path)?.imports ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of sources.keys()) visit(path, []);
  return [...cycles];
}

describe('the layout', () => {
  it.each(PACKAGES)('of %s has no cycle of imports, types included', (name) => {
    expect(sourcesOf(name).size).toBeGreaterThan(3);
    expect(cyclesIn(name)).toEqual([]);
  });

  it.each(PACKAGES)('of %s has no file longer than 250 lines', (name) => {
    expect(Array.from(sourcesOf(name), ([path, { lines }]) => ({ path, lines })).filter(({ lines }) => lines > 250)).toEqual([]);
  });

  it('of the core fits into one head: rooms of at most 12 files, 6 beside them', () => {
    const sources = sourcesOf('core');
    const filesIn = (room: string): number => [...sources.keys()].filter((path) => dirname(path) === room).length;
    const rooms = [...new Set(Array.from(sources.keys(), dirname))];
    const crowded = rooms.map((room) => ({ room, files: filesIn(room) })).filter(({ room, files }) => files > (room === '.' ? 6 : 12));
    expect(crowded).toEqual([]);
    expect(sources.get('hedger.ts')?.text.match(/^import /gm)?.length).toBeLessThanOrEqual(14);
  });

  it.each(ADAPTERS)('of %s has the rooms that every adapter has, which import downwards only, of at most 12 files each, none longer than 250 lines', (name) => {
    const sources = sourcesOf(name);
    const rankOf = (path: string): number => ADAPTER_ROOMS.indexOf(dirname(path));
    const rooms = [...new Set(Array.from(sources.keys(), dirname))].filter((room) => room !== '.');
    expect(ADAPTER_ROOMS).toEqual(expect.arrayContaining(rooms));
    expect(rooms).toEqual(expect.arrayContaining(['request', 'response', 'attempt', 'caller', 'call']));
    const upwards = [...sources].flatMap(([path, { imports }]) => imports.filter((to) => rankOf(path) >= 0 && rankOf(to) > rankOf(path)).map((to) => `${path} → ${to}`));
    expect(upwards).toEqual([]);
    const crowded = ['.', ...rooms].filter((room) => [...sources.keys()].filter((path) => dirname(path) === room).length > 12);
    expect(crowded).toEqual([]);
    expect(Array.from(sources, ([path, { lines }]) => ({ path, lines })).filter(({ lines }) => lines > 250)).toEqual([]);
  });
});
