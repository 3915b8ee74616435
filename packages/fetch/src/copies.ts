import type { AttemptContext } from '@hedgerow/core';
import { contentTypeOf, frozenBody } from './request-body.js';
import { headersOf } from './request.js';
import { isRequest, urlOf, type AnyHeaders, type AnyInit, type AnyInput, type SendFetch } from './wrapped.js';

/**
 * The arguments of one attempt after the other. A `fetch` has read its arguments when it returns, and their owner may change
 * them from then on: what hedges will need of them is put aside when the primary is sent.
 */
export class Copies {
  readonly #input: AnyInput;
  readonly #init: AnyInit;
  readonly #request: Request | undefined;
  readonly #url: string;
  readonly #headers: AnyHeaders | undefined;
  readonly #body: unknown;

  constructor(input: AnyInput, init: AnyInit | undefined) {
    this.#input = input;
    this.#init = membersOf(input, init);
    this.#request = isRequest(input) ? input : undefined;
    this.#url = isRequest(input) ? input.url : urlOf(input);
    this.#headers = frozenHeaders(headersOf(this.#request, init));
    this.#body = frozenBody(init?.body);
  }

  /** Sends an attempt: the primary as the caller has it, a hedge as the caller had it. */
  send(send: SendFetch, { isHedge, headers: added, steered }: AttemptContext, signal: AbortSignal): Promise<Response> {
    const init: AnyInit = { ...this.#init, signal };
    if (!isHedge && added === undefined) return send(this.#input, init);
    const headers = this.#headersWith(isHedge ? { ...this.#impliedHeaders(), ...added } : added, steered?.omits);
    if (headers !== undefined) init.headers = headers;
    if (!isHedge) return send(this.#input, init);
    if (this.#body !== undefined) init.body = this.#body as NonNullable<AnyInit['body']>;
    // A page to sign in, to which a redirect leads, would look like an answer.
    if (steered?.withoutCredentials === true) Object.assign(init, { credentials: 'omit', redirect: 'manual' });
    if (steered?.url === undefined) return send(this.#request ?? this.#url, init);
    return send(steered.url, this.#request === undefined ? init : { ...pick(this.#request, REQUEST_MEMBERS), ...init });
  }

  #headersWith(added: Readonly<Record<string, string>> = {}, omits?: (name: string) => boolean): AnyHeaders | undefined {
    const entries = Object.entries(added);
    if (entries.length === 0 && omits === undefined) return this.#headers;
    const headers = new Headers(this.#headers);
    if (omits !== undefined) for (const name of [...headers.keys()]) if (omits(name)) headers.delete(name);
    for (const [name, value] of entries) headers.set(name, value);
    return headers;
  }

  /** What `fetch` would have said of a body that is sent in another form now. */
  #impliedHeaders(): Record<string, string> {
    const type = contentTypeOf(this.#init.body);
    return type === undefined || new Headers(this.#headers).has('content-type') ? {} : { 'content-type': type };
  }
}

function frozenHeaders(headers: AnyHeaders | undefined): AnyHeaders | undefined {
  if (headers === undefined) return undefined;
  if (Array.isArray(headers)) return headers.map(([name = '', value = '']) => [name, value]);
  return Symbol.iterator in headers ? new Headers(headers) : { ...headers };
}

/** What a Request has that may also stand in `init`. */
const REQUEST_MEMBERS = [
  'method', 'headers', 'body', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity', 'keepalive', 'duplex',
] as const;

/** `init` as a plain object that can be added to. */
function membersOf(input: AnyInput, init: AnyInit | undefined): AnyInit {
  if (init === undefined) return isRequest(input) ? referrerOf(input) : {};
  // Another Request may serve as `init`, and its members are not its own.
  return isRequest(init as AnyInput) && !Object.hasOwn(init, 'method') ? pick(init, REQUEST_MEMBERS) : init;
}

/** A Request forgets its referrer when it is sent with any `init` at all. */
function referrerOf({ referrer, referrerPolicy }: Pick<Request, 'referrer' | 'referrerPolicy'>): AnyInit {
  return referrer === 'about:client' ? {} : pick({ referrer, referrerPolicy }, ['referrer', 'referrerPolicy']);
}

function pick(from: object, names: readonly string[]): AnyInit {
  const members = from as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.filter((name) => members[name] !== undefined && members[name] !== null).map((name) => [name, members[name]]));
}
