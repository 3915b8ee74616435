/** Where a module of the core lies that its package does not export; types come from the source by `import type`. */
export function internal(path: string): string {
  return new URL(`../../../packages/core/dist/${path}`, import.meta.url).href;
}
