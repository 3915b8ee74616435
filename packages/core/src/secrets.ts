/** How names of credentials end, in headers as in queries: `X-Api-Key`, `access_token`, `clientSecret`, `X-Amz-Signature`. */
const SECRET =
  /(?:auth|authorization|cookie2?|credentials?|csrf|dpop|jwt|passphrase|passw(?:or)?d|secret|session(?:-?id)?|signature|token|xsrf|(?:access|api|application|auth|functions|private|secret|subscription)-?key(?:-?id)?|(?:^|-)(?:sig|sid))$/;
/** Tokens that say where to go on rather than who asks. */
const PLACE = /(?:cancel(?:lation)?|change|continuation|cursor|lock|next|page|resume|sync)-?token$/;
/** No name of a credential is as long as this; hostile ones are of any length. */
const MOST_LENGTH = 100;

/**
 * Whether a header or a parameter of a query holds, by its name, what proves who asks. Case and separators do not matter. Names are
 * all there is to tell by: what this does not know is no secret to hedgerow.
 */
export function isSecretName(name: string): boolean {
  const end = name.slice(-MOST_LENGTH).toLowerCase().replaceAll(/[^a-z\d]/g, '-');
  return SECRET.test(end) && !PLACE.test(end);
}

/** Whether the query of a URL holds a parameter of such a name. Its spelling may be escaped: a server reads `s%69g` as `sig`. */
export function hasSecretQuery(url: string): boolean {
  const start = url.indexOf('?');
  return start !== -1 && url.slice(start).split(/[?&;#]/).some((pair) => isSecretName(unescaped(pair.split('=', 1)[0] ?? '')));
}

/** ASCII escapes of a name as what they stand for. Never throws, unlike `decodeURIComponent`. */
export function unescaped(name: string): string {
  return name.includes('%') ? name.replaceAll(/%([0-7][\da-f])/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16))) : name;
}
