import { EventEmitter } from 'node:events';
import { ClientRequest } from 'node:http';

/** What Node's requests have of their own in one version or another, beside what they inherit. */
const OWN = [
  ...['agent', 'host', 'insecureHTTPParser', 'joinDuplicateHeaders', 'maxHeaderSize', 'maxHeadersCount', 'method', 'parser', 'path', 'protocol'],
  ...['reusedSocket', 'socket', 'socketPath', 'timeout', 'timeoutCb', 'upgradeOrConnect', 'chunkedEncoding', 'finished', 'maxRequestsOnConnectionReached'],
  ...['outputData', 'outputSize', 'sendDate', 'shouldKeepAlive', 'strictContentLength', 'useChunkedEncodingByDefault', '_closed', '_contentLength'],
  ...['_defaultKeepAlive', '_ended', '_hasBody', '_header', '_headerSent', '_keepAliveTimeout', '_last', '_onPendingData', '_removedConnection'],
  ...['_removedContLen', '_removedTE', '_trailer'],
];

/** What a view answers before there is a request to ask. */
const UNASKED: Readonly<Record<string, unknown>> = { socket: null, reusedSocket: false, headersSent: false };

interface Viewing {
  readonly shown?: object | undefined;
}

/** The names of all that a ClientRequest inherits, but for what every object does. */
function inherited(): (string | symbol)[] {
  const names: (string | symbol)[] = [];
  let from: object = ClientRequest.prototype;
  for (let next = prototypeOf(from); next !== null; next = prototypeOf(next)) {
    names.push(...Reflect.ownKeys(from));
    from = next;
  }
  return names;
}

function prototypeOf(object: object): object | null {
  return Object.getPrototypeOf(object) as object | null;
}

/** What every emitter has of its own, the view too. */
const EMITTER = Reflect.ownKeys(new EventEmitter());

/** Kinds of requests that have been learnt. */
const KNOWN = new WeakSet<object>();

/** A member that the view asks of the request which is shown. It becomes the view's own where that has none. */
function asked(name: string | symbol): PropertyDescriptor {
  return {
    get(this: Viewing): unknown {
      const { shown } = this;
      if (shown === undefined) return name in UNASKED ? UNASKED[name as string] : silent(Reflect.get(ClientRequest.prototype, name, this));
      const value: unknown = Reflect.get(shown, name);
      return typeof value === 'function' && !Object.hasOwn(shown, name) ? askedOf(shown, value, this) : value;
    },
    set(this: Viewing, value: unknown) {
      const { shown } = this;
      if (shown !== undefined && name in shown) Reflect.set(shown, name, value);
      else Reflect.defineProperty(this, name, { value, writable: true, enumerable: true, configurable: true });
    },
    configurable: true,
  };
}

/** A method of the shown request; one that answers with its own request answers with the view. */
function askedOf(shown: object, method: unknown, view: object): (...args: unknown[]) => unknown {
  return (...args) => {
    const answer: unknown = Reflect.apply(method as () => unknown, shown, args);
    return answer === shown ? view : answer;
  };
}

/** A method cannot do on a view what it does on a request. */
function silent(value: unknown): unknown {
  return typeof value === 'function' ? () => undefined : value;
}

/**
 * Looks like the ClientRequest of whichever attempt stands for the call at the moment. It is none inside: what makes up a request
 * belongs to the attempts.
 */
export abstract class ClientRequestView extends EventEmitter {
  protected abstract readonly shown: ClientRequest | undefined;

  static {
    const events = Object.getOwnPropertyDescriptors(EventEmitter.prototype);
    Object.defineProperties(this.prototype, events); // or those of Node's streams would come first
    Object.setPrototypeOf(this.prototype, ClientRequest.prototype);
    Reflect.deleteProperty(this.prototype, 'constructor');
    this.#ask([...OWN, ...inherited()].filter((name) => name !== 'constructor' && !Object.hasOwn(this.prototype, name)));
  }

  /** Has the view show what requests of this kind have of their own, symbols of Node's included. */
  protected static learn(request: ClientRequest): void {
    const kind = prototypeOf(request);
    if (kind === null || KNOWN.has(kind)) return;
    KNOWN.add(kind);
    this.#ask(Reflect.ownKeys(request).filter((name) => !(name in ClientRequestView.prototype) && !EMITTER.includes(name)));
  }

  static #ask(names: readonly (string | symbol)[]): void {
    for (const name of names) Object.defineProperty(ClientRequestView.prototype, name, asked(name));
  }
}
