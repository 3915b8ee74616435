import type { AttemptContext } from '@hedgerow/core';
import { copyOfBody } from '../request/body.js';
import { changedHeaders, plainHeaders, type PlainHeaders } from './headers.js';
import type { DispatchOptions } from './types.js';

/** Marks the options of attempts, for interceptors below; shared by every copy of the package. */
const ATTEMPT: unique symbol = Symbol.for('hedgerow.undici.attempt') as never;

type AttemptOptions = DispatchOptions & { readonly [ATTEMPT]?: true };

/** Whether this is an attempt already. To hedge it again would square the number of copies. */
export function isAttempt(options: AttemptOptions): boolean {
  return options[ATTEMPT] === true;
}

/**
 * What is dispatched, one attempt after the other. The owner of the options may change them once they have been dispatched:
 * what hedges will need is put aside before.
 */
export class Template {
  readonly #options: DispatchOptions;
  readonly #headers: PlainHeaders;
  readonly #body: unknown;

  constructor(options: DispatchOptions) {
    this.#options = { ...options };
    this.#headers = plainHeaders(options.headers);
    this.#body = copyOfBody(options.body);
  }

  of({ isHedge, headers: added, steered, delayMs }: AttemptContext): DispatchOptions {
    const options: AttemptOptions = { ...this.#options, headers: this.#headers, [ATTEMPT]: true };
    const place = steered?.url === undefined ? undefined : placeOf(steered.url);
    const omits = (name: string): boolean => steered?.omits(name) === true || (place !== undefined && name.toLowerCase() === 'host');
    const headers = added || steered ? changedHeaders(this.#headers, omits, added ?? {}) : this.#headers;
    if (!isHedge) return { ...options, headers };
    // A page to sign in, to which a redirect leads, would look like an answer.
    const ending = steered?.withoutCredentials === true ? { maxRedirections: 0 } : {};
    return { ...options, headers, body: this.#body, ...this.#remaining(delayMs), ...place, ...ending };
  }

  /** The time limit is the call's: a hedge has what is left of it. */
  #remaining(delayMs: number): Partial<DispatchOptions> {
    const { headersTimeout } = this.#options;
    return headersTimeout ? { headersTimeout: Math.max(1, headersTimeout - delayMs) } : {};
  }
}

function placeOf(url: string): Partial<DispatchOptions> {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search, query: null, servername: null };
}
