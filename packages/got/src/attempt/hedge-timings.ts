import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { types } from 'node:util';
import type { Response } from 'got';

/** got's `timings`. */
export type Timings = Response['timings'];

/** What got's own timer leaves on a socket, so that requests that reuse it know how long connecting took. */
interface TimedSocket extends Socket {
  __initial_connection_timings__?: { dnsPhase?: number | undefined; tcpPhase?: number | undefined; tlsPhase?: number | undefined };
  readonly encrypted?: boolean;
}

/**
 * Times the way of a hedge's request to its server as got times a request's, since got's own timer watches the primary's.
 * All times are milliseconds since the epoch.
 */
export class HedgeTimings {
  #socket: number | undefined;
  #lookup: number | undefined;
  #connect: number | undefined;
  #secureConnect: number | undefined;
  #upload: number | undefined;
  /** Durations of connecting, of a socket that was connected before. */
  #reused: TimedSocket['__initial_connection_timings__'];

  constructor(request: ClientRequest) {
    const { socket } = request as { readonly socket?: Socket | null }; // got 16 has HTTP/2 requests of its own, without one
    if (socket) this.#onSocket(socket);
    else request.once('socket', (given) => this.#onSocket(given));
    request.once('finish', () => (this.#upload = Date.now()));
  }

  /** Corrects what the primary left in `timings`, but for the start: that is when the user's call started. */
  applyTo(timings: Timings): void {
    const { phases } = timings;
    const set = <O extends object, K extends keyof O>(target: O, key: K, value: O[K] | undefined): void => {
      (target as Record<K, O[K] | undefined>)[key] = value; // got has the keys there, with `undefined` for what was not measured
    };
    const [socket, lookup, connect, secure, upload] = [this.#socket, this.#lookup, this.#connect, this.#secureConnect, this.#upload];
    set(timings, 'socket', socket);
    set(timings, 'lookup', lookup);
    set(timings, 'connect', connect);
    set(timings, 'secureConnect', secure);
    set(timings, 'upload', upload);
    set(phases, 'wait', between(timings.start, socket));
    set(phases, 'dns', this.#reused ? this.#reused.dnsPhase : between(socket, lookup));
    set(phases, 'tcp', this.#reused ? this.#reused.tcpPhase : between(lookup, connect));
    set(phases, 'tls', this.#reused ? this.#reused.tlsPhase : between(connect, secure));
    set(phases, 'request', between(secure ?? connect, upload));
  }

  #onSocket(socket: TimedSocket): void {
    this.#socket = Date.now();
    if (types.isProxy(socket)) return; // HTTP/2: a stream of a connection that is not this request's own
    if (!socket.connecting && socket.writable) return this.#reuse(socket);
    socket.prependOnceListener('lookup', () => (this.#lookup = Date.now()));
    socket.prependOnceListener('connect', () => this.#onConnect(socket));
    socket.prependOnceListener('secureConnect', () => this.#onSecureConnect(socket));
  }

  #reuse(socket: TimedSocket): void {
    this.#reused = socket.__initial_connection_timings__ ?? { dnsPhase: 0, tcpPhase: 0 };
    this.#lookup = this.#connect = this.#socket;
    if (this.#reused.tlsPhase !== undefined) this.#secureConnect = this.#socket;
  }

  #onConnect(socket: TimedSocket): void {
    this.#connect = Date.now();
    this.#lookup ??= this.#socket; // an address needs no lookup
    socket.__initial_connection_timings__ ??= {
      dnsPhase: between(this.#socket, this.#lookup),
      tcpPhase: between(this.#lookup, this.#connect),
    };
  }

  #onSecureConnect(socket: TimedSocket): void {
    this.#secureConnect = Date.now();
    const initial = socket.__initial_connection_timings__;
    if (initial) initial.tlsPhase = between(this.#connect, this.#secureConnect);
  }
}

function between(from: number | undefined, to: number | undefined): number | undefined {
  return from === undefined || to === undefined ? undefined : to - from;
}
