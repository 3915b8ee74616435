import { performance } from 'node:perf_hooks';
import type { Answer, OpenAnswer, ReceivedRequest, ScriptedServer } from './scripted-server.js';
import { within } from './wait.js';

/** What a scripted server has received: each request goes to its script or, without one, to whoever waits for the next. */
export class HeldRequests<R extends ReceivedRequest> {
  readonly all: R[] = [];
  readonly #arrivals: (() => void)[] = [];
  #taken = 0;
  #script: ((request: ReceivedRequest) => void) | undefined;

  /** Holds one more. */
  add(request: R): void {
    this.all.push(request);
    if (this.#script === undefined) {
      for (const wake of this.#arrivals.splice(0)) wake();
    } else {
      this.#taken = this.all.length;
      this.#script(request);
    }
  }

  /** The server that holds them, as tests see it. */
  serverAt(origin: string, openSockets: () => number, close: () => Promise<void>): ScriptedServer {
    const { all } = this;
    return {
      origin,
      requests: all,
      get waiting() {
        return all.filter((request) => !request.isAnswered && !request.isGone);
      },
      get openSockets() {
        return openSockets();
      },
      next: () => this.#next(),
      script: (script) => void (this.#script = script),
      close,
    };
  }

  async #next(): Promise<ReceivedRequest> {
    const mine = this.#taken++;
    for (;;) {
      const request = this.all[mine];
      if (request) return request;
      await within(5_000, `request ${mine} to arrive`, new Promise<void>((resolve) => this.#arrivals.push(resolve)));
    }
  }
}

/** What a request says, read by its server. */
export type Said = Pick<ReceivedRequest, 'number' | 'method' | 'path' | 'headers' | 'body' | 'connection'>;

/** A request that its server holds. */
export abstract class HeldRequest implements ReceivedRequest {
  readonly number: number;
  readonly method: string;
  readonly path: string;
  readonly headers: ReceivedRequest['headers'];
  readonly body: Promise<Buffer>;
  readonly connection: number;
  readonly at = performance.now();
  readonly gone: Promise<number>;
  isGone = false;
  isAnswered = false;
  #tellGone!: (at: number) => void;

  protected constructor({ number, method, path, headers, body, connection }: Said) {
    this.number = number;
    this.method = method;
    this.path = path;
    this.headers = headers;
    this.body = body;
    this.body.catch(() => undefined); // a test that does not look at the body need not handle its loss
    this.connection = connection;
    this.gone = new Promise((resolve) => (this.#tellGone = resolve));
  }

  /** Nothing more can be sent: its client has left, unless it has been answered whole. */
  protected close(): void {
    if (this.isAnswered) return;
    this.isGone = true;
    this.#tellGone(performance.now());
  }

  abstract respond(answer?: Answer): void;
  abstract open(answer?: Answer): OpenAnswer;
  abstract reset(): void;
}
