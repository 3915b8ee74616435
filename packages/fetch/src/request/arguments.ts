import { frozenHeaders, headerOf, readOnce, type KeptHeaders } from './headers.js';
import { isRequest, textOf, type AnyHeaders, type AnyInit, type AnyInput } from './inner-fetch.js';

/**
 * What a `fetch` was asked for, each part read once, as the wrapped one would: an iterator is empty when it is read again, and a getter,
 * or `toString` of an object that stands for a URL, may give another answer, or count.
 */
export class FetchArguments {
  /** What the wrapped `fetch` gets for an address. */
  readonly input: AnyInput;
  readonly request: Request | undefined;
  readonly url: string;
  /** `init` as a plain object, without `hedge`; `undefined` if there was none. */
  readonly members: AnyInit | undefined;
  readonly hedge: AnyInit['hedge'];
  readonly #given: AnyInit | undefined;
  #kept: KeptHeaders | undefined;

  private constructor(input: AnyInput, url: string, given: AnyInit | null | undefined) {
    this.input = input;
    this.request = isRequest(input) ? input : undefined;
    this.url = url;
    this.#given = given ?? undefined;
    if (given === undefined || given === null) return;
    const members = membersOf(given);
    const once = readOnce(members.headers);
    if (once !== undefined) this.#kept = members.headers = once;
    this.hedge = members.hedge;
    delete members.hedge;
    this.members = members;
  }

  /** `undefined` for what no `fetch` takes: the wrapped one refuses it in its own words. */
  static of(input: unknown, init: unknown): FetchArguments | undefined {
    if (init !== undefined && typeof init !== 'object' && typeof init !== 'function') return undefined;
    const given = init as AnyInit | null | undefined;
    if (typeof input === 'string') return new FetchArguments(input, input, given);
    if ((typeof input !== 'object' && typeof input !== 'function') || input === null) return undefined;
    if (isRequest(input as AnyInput)) return new FetchArguments(input as Request, (input as Request).url, given);
    const text = textOf(input);
    return new FetchArguments(isPure(input) ? (input as URL) : text, text, given);
  }

  /** The caller's signal; `undefined` for none. As the specification has it: `null` in `init` detaches a Request from its own. */
  get signal(): unknown {
    const own: unknown = this.members?.signal;
    return (own === undefined ? this.request?.signal : own) ?? undefined;
  }

  /** The headers that count, as they were when they were first asked for: those of `init` replace all that a Request has. */
  get headers(): KeptHeaders | undefined {
    if (this.#kept !== undefined) return this.#kept;
    const own: unknown = this.members?.headers;
    const headers: unknown = own === undefined ? this.request?.headers : own;
    return headers === undefined ? undefined : (this.#kept = frozenHeaders(headers as AnyHeaders));
  }

  header(name: string): string | undefined {
    return headerOf(this.headers, name);
  }

  /** `init` for a request that is not hedged: the caller's own object, wherever reading it twice makes no difference. */
  get untouched(): AnyInit | undefined {
    const { members } = this;
    if (members === undefined || this.#given === undefined) return undefined;
    const kept = members.headers === undefined ? undefined : this.#kept;
    if (kept !== undefined) return { ...members, headers: kept };
    return !('hedge' in this.#given) && isPlain(this.#given) ? this.#given : members;
  }
}

/** What `init` may have, in the specification and in undici and node-fetch beyond it. */
const MEMBERS = [
  'method', 'headers', 'body', 'signal', 'mode', 'credentials', 'cache', 'redirect', 'referrer', 'referrerPolicy', 'integrity', 'keepalive', 'duplex',
  'priority', 'window', 'dispatcher', 'agent', 'follow', 'compress', 'counter', 'size', 'highWaterMark', 'insecureHTTPParser', 'hedge',
] as const;

/** A copy that can be read any number of times. Members may be inherited or hidden, as those of a class, or of a Request that serves as `init`. */
function membersOf(init: AnyInit): AnyInit {
  const members: Record<string, unknown> = { ...init };
  const prototype: unknown = Object.getPrototypeOf(init);
  if (prototype === Object.prototype || prototype === null) return members;
  if (!isRequest(init as AnyInput)) for (const name in init) members[name] ??= (init as Record<string, unknown>)[name];
  for (const name of MEMBERS) {
    if (Object.hasOwn(members, name)) continue;
    const value = (init as Record<string, unknown>)[name];
    if (value !== undefined && (value !== null || name === 'signal')) members[name] = value;
  }
  return members;
}

function isPlain(init: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(init);
  if (prototype !== Object.prototype && prototype !== null) return false;
  return Object.values(Object.getOwnPropertyDescriptors(init)).every((descriptor) => 'value' in descriptor);
}

/** Whether it is a URL object as the platform makes them, which says the same whenever it is asked. */
function isPure(input: object): boolean {
  const prototype = Object.getPrototypeOf(input) as object | null;
  return prototype !== null && Object.hasOwn(prototype, 'href') && !Object.hasOwn(input, 'toString');
}
