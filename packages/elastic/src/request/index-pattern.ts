/** Names longer than this are no index of anybody's. */
const MOST_LENGTH = 120;
/** Of a list of indices; more share a route. */
const MOST_INDICES = 4;
const SEPARATOR = /([-._])/;
/** Dates, generations, identifiers: what changes from one index to the next. */
const VARYING = /^\d+$|^(?:\D*\d){4}|^(?=.*\d)[\da-f]{8,}$/i;

/**
 * The part of an index name that stays: `logs-2026.11.28` and `logs-2026.11.29` are `logs-*`, so that a new day begins with what was learnt
 * on the days before. A list is the list of its patterns.
 */
export function indexPattern(written: string): string {
  const names = written.replaceAll(/%2c/gi, ',').split(',');
  const patterns = [...new Set(names.slice(0, MOST_INDICES).map(patternOf))];
  return names.length > MOST_INDICES ? '*' : patterns.join(',');
}

function patternOf(name: string): string {
  // An escape is date math, `<logs-{now/d}>`, or nothing that a name may hold.
  if (name.length > MOST_LENGTH || name.includes('%')) return '*';
  if (!/\d/.test(name)) return name;
  const parts = name.split(SEPARATOR).map((part) => (VARYING.test(part) ? '*' : part));
  return parts.join('').replaceAll(/\*(?:[-._]\*)+/g, '*');
}
