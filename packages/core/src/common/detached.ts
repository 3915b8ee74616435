/** Strings longer than this are worth a copy of what is kept of them. */
const LONG = 4_096;

/** A part of a text as a string of its own. Engines make slices views of the whole, and a short key must not keep megabytes alive. */
export function detached(part: string, whole: string): string {
  return whole.length > LONG ? part.split('').join('') : part;
}
