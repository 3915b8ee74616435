import { detached, isSecretName, unescaped } from '@hedgerow/core';

const REDACTED = 'REDACTED';

/** Parameters that hold credentials somewhere, beside those that {@link isSecretName} knows: a leak is worse than one value too many hidden. */
const SECRETS: ReadonlySet<string> = new Set(['code', 'key', 'otp', 'pass', 'pin', 'pwd']);

/** Longer URLs are cut. */
const MOST_LENGTH = 4_096;

/**
 * A URL fit for `url.full`: user info and the values of parameters that hold secrets by their names are replaced by `REDACTED`, keys are
 * kept. The fragment goes, since it is not sent.
 *
 * @returns `undefined` if the URL cannot be parsed well enough to be sure of what it holds.
 */
export function redactUrl(url: string): string | undefined {
  const hash = url.indexOf('#');
  const sent = hash < 0 ? url : url.slice(0, hash);
  const clean = sent.includes('@') ? withoutUserInfo(sent) : sent;
  return clean === undefined ? undefined : withoutSecrets(detached(clean.slice(0, MOST_LENGTH), url));
}

function withoutSecrets(url: string): string {
  const start = url.search(/[?;]/);
  return start < 0 ? url : url.slice(0, start) + url.slice(start).split('&').map(withoutSecret).join('&');
}

/** Other parameters may stand within one: behind `;`, or in an address that is its value. All of it goes then. */
function withoutSecret(pair: string): string {
  const hasSecret = unescaped(pair).split(/[?&;]/).some(isSecret);
  return hasSecret ? `${pair.split('=', 1)[0] ?? ''}=${REDACTED}` : pair;
}

function isSecret(parameter: string): boolean {
  const [name = '', value] = parameter.split('=', 2);
  return value !== undefined && (isSecretName(name) || SECRETS.has(name.toLowerCase()));
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
  return detached(ORIGIN.exec(url)?.[0] ?? '', url);
}

/** Who answers: `server.address` and `server.port`. */
export interface Server {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** No name of a host is longer. */
const MOST_HOST_LENGTH = 253;
const UNKNOWN: Server = { address: undefined, port: undefined };

/** The server of an origin; nothing is known of one that is not a URL. */
export function serverOf(origin: string): Server {
  if (!URL.canParse(origin)) return UNKNOWN;
  const { hostname, port, protocol } = new URL(origin);
  if (hostname.length > MOST_HOST_LENGTH) return UNKNOWN;
  return { address: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? DEFAULT_PORTS[protocol] : Number(port) };
}
