import type { AttemptContext } from '@hedgerow/core';
import type { FetchArguments } from './arguments.js';
import { contentTypeOf, copyOfBody } from './body.js';
import { cacheOfHedge } from './cache.js';
import { changedHeaders, headerOf, type KeptHeaders } from './headers.js';
import type { AnyInit, SendFetch } from './inner-fetch.js';

/**
 * The arguments of one attempt after the other. A `fetch` has read its arguments when it returns, and their owner may change
 * them from then on: what hedges will need of them is put aside when the primary is sent.
 */
export class Template {
  readonly #args: FetchArguments;
  readonly #init: AnyInit;
  readonly #headers: KeptHeaders | undefined;
  readonly #body: unknown;

  constructor(args: FetchArguments) {
    this.#args = args;
    this.#init = hasMembers(args.members) ? args.members : referrerOf(args.request);
    this.#headers = args.headers;
    this.#body = copyOfBody(args.members?.body);
  }

  /** Sends an attempt: the primary as the caller has it, a hedge as the caller had it. */
  send(send: SendFetch, { isHedge, headers: added, steered }: AttemptContext, signal: AbortSignal): Promise<Response> {
    const { input, request, url, members } = this.#args;
    const init: AnyInit = { ...this.#init, signal };
    if (!isHedge) {
      // Those of a Request are its own already.
      if (added !== undefined || members?.headers !== undefined) setHeaders(init, this.#headersWith(added));
      return send(input, init);
    }
    setHeaders(init, this.#headersWith({ ...this.#impliedHeaders(), ...added }, steered?.omits));
    const cache = cacheOfHedge((init as Cached).cache ?? (request as Cached | undefined)?.cache);
    if (cache !== undefined) Object.assign(init, { cache });
    if (this.#body !== undefined) init.body = this.#body as NonNullable<AnyInit['body']>;
    // A page to sign in, to which a redirect leads, would look like an answer.
    if (steered?.withoutCredentials === true) Object.assign(init, { credentials: 'omit', redirect: 'manual' });
    if (steered?.url === undefined) return send(request ?? url, init);
    return send(steered.url, request === undefined ? init : { ...pick(request, REQUEST_MEMBERS), ...init });
  }

  #headersWith(added: Readonly<Record<string, string>> = {}, omits?: (name: string) => boolean): KeptHeaders | undefined {
    const isAsAsked = Object.keys(added).length === 0 && omits === undefined;
    return isAsAsked ? this.#headers : changedHeaders(this.#headers, omits, added);
  }

  /** What `fetch` would have said of a body that is sent in another form now. */
  #impliedHeaders(): Record<string, string> {
    const type = contentTypeOf(this.#init.body);
    return type === undefined || headerOf(this.#headers, 'content-type') !== undefined ? {} : { 'content-type': type };
  }
}

/** Node's types leave it out. */
interface Cached {
  readonly cache?: string;
}

function setHeaders(init: AnyInit, headers: KeptHeaders | undefined): void {
  if (headers !== undefined) init.headers = headers;
}

/** What a Request has that may also stand in `init`. */
const REQUEST_MEMBERS = [
  'method', 'headers', 'body', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity', 'keepalive', 'duplex',
] as const;

function hasMembers(members: AnyInit | undefined): members is AnyInit {
  return members !== undefined && Object.values(members).some((value) => value !== undefined);
}

/** A Request forgets its referrer when it is sent with any `init` at all. */
function referrerOf(request: Request | undefined): AnyInit {
  if (request === undefined || request.referrer === 'about:client') return {};
  return pick(request, ['referrer', 'referrerPolicy']);
}

function pick(from: object, names: readonly string[]): AnyInit {
  const members = from as Readonly<Record<string, unknown>>;
  return Object.fromEntries(names.filter((name) => members[name] !== undefined && members[name] !== null).map((name) => [name, members[name]]));
}
