import { detached, holdsSecret, isSecretName, plainName } from '@hedgerow/core/adapter';
import { Cache } from './cache.js';

const REDACTED = 'REDACTED';

/** What is a secret in a URL beside what {@link isSecretName} knows, at the end of a name: a leak is worse than one value too many hidden. */
const SECRETS = /(?:^|[-.])(?:pass|pin)(?:-?\d{1,2})?(?:\.(?:\d+|again|confirm(?:ation)?|current|new|old|repeat|value))*$/;
/** As {@link SECRETS}, but only as a whole part of a name: not `sort_key`. */
const WHOLE = /(?:^|\.)(?:code|key|sign|ticket)(?:\.(?:\d+|value))*$/;
/** What they are no secrets of: `country[code]`, `filter[key]`, and an item of a list, `rows[0][code]`. */
const THINGS =
  /(?:^|[-.])(?:\d+|airport|area|bank|cache|colou?r|country|coupon|currency|discount|error|exit|fields?|filters?|foreign|gift|group|http|lang(?:uage)?|locale|order|partition|postal|postcode|primary|product|promo(?:tion)?|public|query|region|response|search|sku|sort|state|status|tax|where|zip)\.(?:code|key|sign|ticket)(?:\.|$)/;

/** Longer URLs are cut. */
const MOST_LENGTH = 4_096;

/** The names seen last are remembered if they are no longer. */
const MOST_NAME_LENGTH = 64;

/** Makes URLs fit for `url.full`. Most applications use few names of parameters, and telling whether one is a secret takes a while. */
export class Redaction {
  readonly #known: Cache<boolean> = new Cache<boolean>(isSecret);
  readonly #isSecret = (name: string): boolean => (name.length > MOST_NAME_LENGTH ? isSecret(name) : this.#known.get(name));

  /**
   * User info and the values of parameters that hold secrets by their names are replaced by `REDACTED`, keys are kept. The fragment
   * goes, since it is not sent.
   *
   * @returns `undefined` if the URL cannot be parsed well enough to be sure of what it holds.
   */
  of(url: string): string | undefined {
    const hash = url.indexOf('#');
    const sent = hash < 0 ? url : url.slice(0, hash);
    const clean = sent.includes('@') ? withoutUserInfo(sent) : sent;
    return clean === undefined ? undefined : this.#withoutSecrets(detached(clean.slice(0, MOST_LENGTH), url));
  }

  #withoutSecrets(url: string): string {
    const start = url.search(/[?;]/);
    if (start < 0) return url;
    const pairs = url.slice(start).split('&');
    return url.slice(0, start) + pairs.map((pair) => this.#withoutSecret(pair)).join('&');
  }

  #withoutSecret(pair: string): string {
    return holdsSecret(pair, this.#isSecret) ? `${this.#keyOf(pair)}${REDACTED}` : pair;
  }

  /** The name of a parameter with its `=`, if it is no more than a name. */
  #keyOf(pair: string): string {
    const equals = pair.search(VALUE);
    const key = pair.slice(0, equals);
    return equals < 0 || holdsSecret(key, this.#isSecret) ? (/^[?;]/.exec(pair)?.[0] ?? '') : `${key}=`;
  }
}

function isSecret(name: string): boolean {
  if (isSecretName(name)) return true;
  const plain = plainName(name);
  return SECRETS.test(plain) || (WHOLE.test(plain) && !THINGS.test(plain));
}

/** Where a value begins: its `=` may be escaped. */
const VALUE = /=|%(?:25){0,3}3d/i;

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
