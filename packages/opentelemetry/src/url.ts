const REDACTED = 'REDACTED';

/** Query parameters whose values are credentials, in lower case: a leak is worse than one value too many hidden. */
const SECRETS: ReadonlySet<string> = new Set([
  'x-amz-signature',
  'x-amz-credential',
  'x-amz-security-token',
  'awsaccesskeyid',
  'signature',
  'sig',
  'x-goog-signature',
]);

const PAIR = /([?&])([^=&]*)=[^&]*/g;

/** Most URLs hold none of them, which one look tells; an escape might spell one. */
const SUSPECT = new RegExp(`${[...SECRETS].join('|')}|%`, 'i');

/**
 * A URL fit for `url.full`: user info and signatures are replaced by `REDACTED`, keys are kept. The fragment goes, since it is not sent.
 *
 * @returns `undefined` if the URL cannot be parsed well enough to be sure of what it holds.
 */
export function redactUrl(url: string): string | undefined {
  const hash = url.indexOf('#');
  const sent = hash < 0 ? url : url.slice(0, hash);
  const clean = sent.includes('@') ? withoutUserInfo(sent) : sent;
  return clean !== undefined && SUSPECT.test(clean) ? clean.replace(PAIR, redactPair) : clean;
}

function redactPair(pair: string, separator: string, key: string): string {
  return SECRETS.has(decode(key).toLowerCase()) ? `${separator}${key}=${REDACTED}` : pair;
}

/** A server reads `s%69g` as `sig`. */
function decode(key: string): string {
  if (!key.includes('%')) return key;
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Rare enough, and odd enough in its spellings, to leave to the real parser. */
function withoutUserInfo(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const parsed = new URL(url);
  if (parsed.username === '' && parsed.password === '') return url;
  parsed.username = REDACTED;
  parsed.password = REDACTED;
  return parsed.href;
}

const ORIGIN = /^[a-z][a-z\d+.-]*:\/\/[^/?#\\]*/i;
const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };

/** The part of a URL that names the server, to remember {@link serverOf} by. */
export function originOf(url: string): string {
  return ORIGIN.exec(url)?.[0] ?? '';
}

/** Who answers: `server.address` and `server.port`. */
export interface Server {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** The server of an origin; nothing is known of one that is not a URL. */
export function serverOf(origin: string): Server {
  if (!URL.canParse(origin)) return { address: undefined, port: undefined };
  const { hostname, port, protocol } = new URL(origin);
  return { address: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? DEFAULT_PORTS[protocol] : Number(port) };
}
