/**
 * Where a module of the command line lies that its package does not export. Its types come from the source by
 * `import type`; compiled tests lie one directory deeper than their sources, so that a relative import could not find it.
 */
export function internal(path: string): string {
  return new URL(`../../../packages/cli/dist/${path}`, import.meta.url).href;
}
