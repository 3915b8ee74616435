import { EventEmitter } from 'node:events';
import { ClientRequest } from 'node:http';

/** What Node's requests have of their own in one version or another, beside what they inherit: `in` finds it. */
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

/**
 * The end of a view's prototypes: whatever the view does not have itself is asked of the request that is shown, and all that is
 * known of a ClientRequest stands behind it, so that a view is an instance of one. Only misses come here; they are rare.
 */
function asked(): object {
  const known = Object.create(ClientRequest.prototype) as Record<string, unknown>;
  for (const name of OWN) Object.defineProperty(known, name, { value: UNASKED[name], writable: true, configurable: true });
  return new Proxy(known, {
    get(target, name, view: Viewing) {
      if (name === 'shown') return undefined;
      if (name === 'constructor') return Reflect.get(target, name);
      const { shown } = view;
      if (shown === undefined) return name in UNASKED ? UNASKED[name as string] : silent(Reflect.get(target, name, view));
      const value: unknown = Reflect.get(shown, name);
      return typeof value === 'function' && !Object.hasOwn(shown, name) ? askedOf(shown, value, view) : value;
    },
    set(_target, name, value, view: Viewing) {
      const { shown } = view;
      if (shown !== undefined && name in shown) return Reflect.set(shown, name, value);
      return Reflect.defineProperty(view, name, { value, writable: true, enumerable: true, configurable: true });
    },
  });
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
    Object.setPrototypeOf(this.prototype, asked());
    Object.defineProperties(this.prototype, events); // not behind the proxy: they are asked for all the time
    Reflect.deleteProperty(this.prototype, 'constructor');
  }
}
