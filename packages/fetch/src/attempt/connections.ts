/** Of one connection: whether it carries one request, several in turn (HTTP/1.1 pipelining), or streams that do not meet (HTTP/2). */
export type ConnectionKind = 'exclusive' | 'pipelined' | 'multiplexed';

/** A connection of undici that was seen to carry requests. */
export interface Connection {
  readonly kind: ConnectionKind;
}

/** Who waits to learn which connection its request is written to. */
export interface ExpectedRequest {
  readonly method: string;
  readonly path: string;
  connection: Connection | undefined;
}

/** Shared by every copy of the package: what it holds are facts of the process, and listening twice would cost twice. */
const CONNECTIONS: unique symbol = Symbol.for('hedgerow.undici.connections') as never;
/** Hosts without requests under way are forgotten when there are more. */
const MOST_HOSTS = 1_000;

/**
 * Counts the requests under way on each connection of undici, that of npm and that in Node, by what they publish on diagnostics channels.
 * undici destroys an HTTP/1.1 connection to abort a request; with `pipelining` that is felt by requests which have nothing to do with it.
 */
export class Connections {
  readonly #hosts = new Map<string, Host>();
  readonly #sockets = new WeakMap<object, Socket>();
  readonly #requests = new WeakMap<object, Socket>();
  #expected: ExpectedRequest | undefined;

  /** The only one of the process; it listens as long as anybody holds it. `undefined` where there are no such channels. */
  static find(): Connections | undefined {
    const diagnostics = (globalThis as Surroundings).process?.getBuiltinModule?.('node:diagnostics_channel');
    if (diagnostics === undefined) return undefined;
    const channel = diagnostics.channel(CHANNELS.sent);
    const found = channel[CONNECTIONS]?.deref();
    if (found !== undefined) return found;
    const made = new Connections();
    channel[CONNECTIONS] = new WeakRef(made);
    listen(diagnostics, made);
    return made;
  }

  /** What is known of requests to a host (with its port) that are under way; the worst of it, if there are several connections, since none of them can be told which it has. */
  kindOf(host: string): ConnectionKind | undefined {
    return this.#hosts.get(host)?.kind;
  }

  /** undici is about to write a request, and says so before anything else happens; if nothing is said, it was not undici. */
  expect(expected: ExpectedRequest): void {
    this.#expected = expected;
    queueMicrotask(this.#forget);
  }

  readonly #forget = (): void => {
    this.#expected = undefined;
  };

  /** @internal */
  onSent({ request, headers, socket }: Message): void {
    if (!isObject(request) || !isObject(socket)) return;
    this.onEnded({ request }); // on a connection that has been lost
    let found = this.#sockets.get(socket);
    if (found === undefined) this.#sockets.set(socket, (found = new Socket(this.#host(hostOf(request)), isHttp2(headers, request.method), isPipelined(socket))));
    found.add();
    this.#requests.set(request, found);
    const expected = this.#expected;
    this.#expected = undefined;
    if (expected !== undefined && expected.path === request.path && expected.method === request.method) expected.connection = found;
  }

  /** @internal */
  onEnded({ request }: Message): void {
    if (!isObject(request)) return;
    const found = this.#requests.get(request);
    if (found === undefined) return;
    this.#requests.delete(request);
    found.remove();
  }

  #host(name: string): Host {
    let host = this.#hosts.get(name);
    if (host !== undefined) return host;
    if (this.#hosts.size >= MOST_HOSTS) for (const [key, { kind }] of this.#hosts) if (kind === undefined) this.#hosts.delete(key);
    this.#hosts.set(name, (host = new Host()));
    return host;
  }
}

/** How many connections of each kind are busy; those that may be shared at any moment count as shared. */
class Host {
  readonly busy: Record<ConnectionKind, number> = { exclusive: 0, pipelined: 0, multiplexed: 0 };

  get kind(): ConnectionKind | undefined {
    const { exclusive, pipelined, multiplexed } = this.busy;
    if (pipelined > 0) return 'pipelined';
    if (multiplexed > 0) return 'multiplexed';
    return exclusive > 0 ? 'exclusive' : undefined;
  }
}

class Socket implements Connection {
  readonly #host: Host;
  readonly #isMultiplexed: boolean;
  readonly #isPipelined: boolean;
  #underWay = 0;
  /** As what its host counts it. */
  #counted: ConnectionKind | undefined;

  constructor(host: Host, isMultiplexed: boolean, isPipelined: boolean) {
    this.#host = host;
    this.#isMultiplexed = isMultiplexed;
    this.#isPipelined = isPipelined;
  }

  get kind(): ConnectionKind {
    if (this.#isMultiplexed) return 'multiplexed';
    return this.#underWay > 1 ? 'pipelined' : 'exclusive';
  }

  add(): void {
    this.#underWay++;
    this.#count();
  }

  remove(): void {
    this.#underWay--;
    this.#count();
  }

  #count(): void {
    const { busy } = this.#host;
    const kind = this.kind === 'exclusive' && this.#isPipelined ? 'pipelined' : this.kind;
    const counts = this.#underWay > 0 ? kind : undefined;
    if (counts === this.#counted) return;
    if (this.#counted !== undefined) busy[this.#counted]--;
    if (counts !== undefined) busy[counts]++;
    this.#counted = counts;
  }
}

const CHANNELS = { sent: 'undici:client:sendHeaders', ended: 'undici:request:trailers', failed: 'undici:request:error' } as const;

/** Does not keep alive who is told. What is thrown here would end the process. */
function listen(diagnostics: Diagnostics, listener: Connections): void {
  const weak = new WeakRef(listener);
  const on = (name: string, tell: (to: Connections, message: Message) => void): void => {
    const listening = (message: unknown): void => {
      const to = weak.deref();
      if (to === undefined) diagnostics.unsubscribe(name, listening);
      else if (isObject(message)) tell(to, message);
    };
    diagnostics.subscribe(name, listening);
  };
  on(CHANNELS.sent, (to, message) => to.onSent(message));
  on(CHANNELS.ended, (to, message) => to.onEnded(message));
  on(CHANNELS.failed, (to, message) => to.onEnded(message));
}

/** With the `dns` interceptor the origin is an address. */
function hostOf({ host, origin }: Sent): string {
  if (typeof host === 'string' && host !== '') return host;
  const text = String(origin);
  return URL.canParse(text) ? new URL(text).host : text;
}

/** What is written to HTTP/1.1 begins with a line that names the method. */
function isHttp2(headers: unknown, method: unknown): boolean {
  return typeof headers === 'string' && !headers.startsWith(`${String(method)} `);
}

/**
 * undici keeps its parser on the socket, and the parser knows the client that both belong to. Where that is not to be found, connections count as
 * shared from the moment on which they are.
 */
function isPipelined(socket: object): boolean {
  for (const symbol of Object.getOwnPropertySymbols(socket)) {
    const parser = (socket as Record<symbol, { readonly client?: { readonly pipelining?: unknown } } | null | undefined>)[symbol];
    const pipelining: unknown = isObject(parser) && isObject(parser.client) ? parser.client.pipelining : undefined;
    if (typeof pipelining === 'number') return pipelining > 1;
  }
  return false;
}

function isObject<T>(value: T): value is T & object {
  return typeof value === 'object' && value !== null;
}

/** undici's request, as far as it matters here. */
interface Sent {
  readonly method?: unknown;
  readonly path?: unknown;
  readonly host?: unknown;
  readonly origin?: unknown;
}

interface Message {
  readonly request?: Sent;
  readonly headers?: unknown;
  readonly socket?: unknown;
}

type Listener = (message: unknown) => void;

interface Diagnostics {
  channel(name: string): { [CONNECTIONS]?: WeakRef<Connections> };
  subscribe(name: string, listener: Listener): void;
  unsubscribe(name: string, listener: Listener): void;
}

interface Surroundings {
  readonly process?: { readonly getBuiltinModule?: (name: 'node:diagnostics_channel') => Diagnostics | undefined };
}
