import type { Outcome } from './outcome.js';

const MOST = 6;

/** In which members two outcomes differ, in a few words. */
export function membersThatDiffer({ seen: hedged }: Outcome, { seen: plain }: Outcome): string {
  const [is, was] = [flat(hedged), flat(plain)];
  const names = [...new Set([...is.keys(), ...was.keys()])].filter((name) => is.get(name) !== was.get(name));
  const told = names.slice(0, MOST).map((name) => `${name} is ${shown(is.get(name))}, not ${shown(was.get(name))}`);
  return [...told, ...(names.length > MOST ? [`and ${names.length - MOST} more`] : [])].join('; ');
}

function flat(value: unknown, name = '', members = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null) return members.set(name, String(value));
  for (const [key, member] of Object.entries(value)) flat(member, name === '' ? key : `${name}.${key}`, members);
  return members;
}

function shown(text: string | undefined): string {
  return text === undefined ? 'missing' : text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
