import { HUMP, PLACE, SECRET } from './secret-words.js';

/** Of longer names the beginning and the end are looked at: no name of a credential is as long as this, hostile ones are of any length. */
const MOST_LENGTH = 1_000;
/** Escaped more often than this a name is no longer what a server would read. */
const MOST_ESCAPES = 4;

/**
 * Whether a header or a parameter of a query holds, by its name, what proves who asks. Case and separators do not matter, nor where in
 * a nested name it stands: `user[password]`, `auth.token`, `api_key[0]`. Names are all there is to tell by: what this does not know is
 * no secret to hedgerow.
 */
export function isSecretName(name: string): boolean {
  return SECRET.test(plainName(name).replaceAll(PLACE, '$1$2'));
}

/** What most names are, once in lower case; the rest would change nothing in them. */
const USUAL = /^[a-z\d]+(?:[-_][a-z\d]+)*$/;

/**
 * A name in one spelling, whatever the notation: in lower case, words divided by `-`, the parts of a nested name by `.`, nothing
 * escaped. `user[apiKeys][]` is `user.apikeys.0`.
 */
export function plainName(name: string): string {
  const short = name.length <= 2 * MOST_LENGTH ? name : `${name.slice(0, MOST_LENGTH)}-${name.slice(-MOST_LENGTH)}`;
  const lower = unescaped(short).replaceAll(HUMP, '$1-').toLowerCase();
  if (USUAL.test(lower)) return lower.replaceAll('_', '-');
  return lower
    .replaceAll('[]', '[0]')
    .replaceAll(/(?:[_\s+]|%[89a-f][\da-f])+/g, '_')
    .replaceAll(/^_|_$/g, '')
    .replaceAll(/[-_]+/g, '-')
    .replaceAll(/[^a-z\d-]/g, '.')
    .replaceAll(/-?\.[-.]*/g, '.')
    .replaceAll(/^[-.]|\.$/g, '');
}

/** Whether the URL holds a secret in its query, or in a parameter of its path: it cannot be left out without asking for something else. */
export function hasSecretQuery(url: string): boolean {
  const start = url.search(/[?;]/);
  return start !== -1 && holdsSecret(url.slice(start), isSecretName, true);
}

/** `"name":`, also where the quotes are escaped because the text stands in another. */
const MEMBER = /"([^"\\]*)\\*"\s*:/g;
/** `//user:password@`. */
const USER_INFO = /\/\/[^/?#@:]*:[^/?#@]*@/;

/**
 * Whether a parameter of a query is a secret or has one in its value, however escaped: in the parameters of an address, in what is
 * written as `name=value`, in a member of JSON (as axios and GraphQL send them), in an address with a password.
 *
 * @param parameters - one, as it is sent, or several.
 * @param isSecret - by name.
 * @param bare - whether a name without a value counts.
 */
export function holdsSecret(parameters: string, isSecret: (name: string) => boolean, bare = false): boolean {
  const text = unescaped(parameters);
  for (const parameter of text.split(/[?&;#]/)) {
    const names = parameter.split('=');
    if (names.length > 1) names.pop();
    else if (!bare) continue;
    if (names.some(isSecret)) return true;
  }
  if (USER_INFO.test(text)) return true;
  if (text.includes('"')) for (const [, name = ''] of text.matchAll(MEMBER)) if (isSecret(name)) return true;
  return false;
}

/** ASCII escapes as what they stand for, also where they were escaped in turn. Never throws, unlike `decodeURIComponent`. */
export function unescaped(text: string): string {
  let current = text;
  for (let round = 0; round < MOST_ESCAPES && current.includes('%'); round++) {
    current = current.replaceAll(/%([0-7][\da-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
  }
  return current;
}
