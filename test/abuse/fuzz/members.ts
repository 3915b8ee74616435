import type { Outcome } from './outcome.js';

const MOST = 6;

/** What tells sorts of differences from each other: more of them would make many of one. */
const MOST_NAMES = 3;

/** In which members two outcomes differ, in a few words. */
export function membersThatDiffer({ seen: hedged }: Outcome, { seen: plain }: Outcome): string {
  const [is, was] = [flat(hedged), flat(plain)];
  const names = namesThatDiffer(is, was);
  const told = names.slice(0, MOST).map((name) => `${name} is ${shown(is.get(name))}, not ${shown(was.get(name))}`);
  return [...told, ...(names.length > MOST ? [`and ${names.length - MOST} more`] : [])].join('; ');
}

/** The names of the first members in which an outcome differs from the one it is most like. */
export function nearestMembers({ seen: hedged }: Outcome, plains: readonly Outcome[]): string {
  const is = flat(hedged);
  const [nearest = []] = plains.map(({ seen }) => namesThatDiffer(is, flat(seen))).sort((a, b) => a.length - b.length);
  return [...new Set(nearest.map((name) => name.replace(/\.(\d+|x-many-\d+)$/, '')))].slice(0, MOST_NAMES).join(', ');
}

function namesThatDiffer(is: ReadonlyMap<string, string>, was: ReadonlyMap<string, string>): string[] {
  return [...new Set([...is.keys(), ...was.keys()])].filter((name) => is.get(name) !== was.get(name));
}

function flat(value: unknown, name = '', members = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) return members.set(name, String(value));
  for (const [key, member] of Object.entries(value)) flat(member, name === '' ? key : `${name}.${key}`, members);
  return members;
}

function shown(text: string | undefined): string {
  return text === undefined ? 'missing' : text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
