/**
 * Replaces the part of a page that a benchmark owns: what stands between `<!-- bench:name -->` and `<!-- /bench:name -->`.
 *
 * @throws Error if the page has no such part.
 */
export function replaceSection(page: string, name: string, text: string): string {
  const [start, end] = [`<!-- bench:${name} -->`, `<!-- /bench:${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page has no part ${start} … ${end}`);
  return `${page.slice(0, from + start.length)}\n\n${text.trim()}\n\n${page.slice(to)}`;
}
