import { randomBytes } from 'node:crypto';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach } from '@jest/globals';
import { Agent, type Dispatcher } from 'undici';
import { hedgeInterceptor, type HedgeInterceptorOptions } from '@hedgerow/fetch';
import { startScriptedServer, type ReceivedRequest, type ScriptedServer } from '../support/scripted-server.js';
import { closeServer, trackSockets } from '../support/sockets.js';
import { within } from '../support/wait.js';

/** What a handler was told, in order. */
export class Recorder implements Dispatcher.DispatchHandler {
  readonly told: string[] = [];
  readonly controllers = new Set<Dispatcher.DispatchController>();
  readonly chunks: Buffer[] = [];
  readonly contexts: unknown[] = [];
  statusCode: number | undefined;
  headers: Readonly<Record<string, unknown>> = {};
  trailers: Readonly<Record<string, unknown>> = {};
  rawHeaders: unknown;
  error: unknown;
  readonly #over: Promise<this>;
  #end!: (me: this) => void;
  readonly #on: Partial<Record<string, (controller: Dispatcher.DispatchController) => void>>;

  /** `on` is called when it is told of what it names. */
  constructor(on: Partial<Record<'request' | 'head' | 'data' | 'end' | 'error', (controller: Dispatcher.DispatchController) => void>> = {}) {
    this.#on = on;
    this.#over = new Promise<this>((resolve) => (this.#end = resolve));
  }

  /** Resolves when it has been told of the end, or of an error. */
  get over(): Promise<this> {
    return within(10_000, 'the request to end', this.#over);
  }

  get controller(): Dispatcher.DispatchController {
    const [controller] = this.controllers;
    if (controller === undefined) throw new Error('the request has not started');
    return controller;
  }

  get body(): Buffer {
    return Buffer.concat(this.chunks);
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.contexts.push(context);
    this.#note('request', controller);
  }

  onResponseStart(controller: Dispatcher.DispatchController, statusCode: number, headers: Record<string, unknown>): void {
    this.statusCode = statusCode;
    this.headers = headers;
    this.rawHeaders = controller.rawHeaders;
    this.#note(statusCode < 200 ? String(statusCode) : 'head', controller);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
    this.#note('data', controller);
  }

  onResponseEnd(controller: Dispatcher.DispatchController, trailers: Record<string, unknown>): void {
    this.trailers = trailers;
    this.#note('end', controller);
    this.#end(this);
  }

  onResponseError(controller: Dispatcher.DispatchController, error: Error): void {
    this.error = error;
    try {
      this.#note('error', controller);
    } finally {
      this.#end(this);
    }
  }

  #note(what: string, controller: Dispatcher.DispatchController): void {
    this.told.push(what);
    this.controllers.add(controller);
    this.#on[what]?.(controller);
  }
}

/** What to dispatch for a GET of `path`. */
export function get(origin: string, path = '/'): Dispatcher.DispatchOptions {
  return { origin, path, method: 'GET' };
}

/** Bytes that nobody has by chance. */
export function bytes(count: number): Buffer {
  return randomBytes(count);
}

/** A server for what {@link startScriptedServer} cannot say. */
export async function serve(listener: RequestListener): Promise<AsyncDisposable & { readonly origin: string; readonly server: Server }> {
  const server = createServer(listener);
  const sockets = trackSockets(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    server,
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: () => closeServer(server, sockets),
  };
}

/** Hedges what takes more than 10 ms. */
export const eager = { delay: 10, budget: false } as const;

/** A scripted server and a pool to it, new for each test of a file. */
export class UndiciStage {
  server!: ScriptedServer;
  agent!: Agent;

  constructor() {
    beforeEach(async () => {
      this.server = await startScriptedServer();
      this.agent = new Agent();
    });
    afterEach(async () => {
      await this.agent.destroy();
      await this.server.close();
    });
  }

  hedged(options: HedgeInterceptorOptions = eager): Dispatcher {
    return this.agent.compose(hedgeInterceptor(options));
  }

  /** The next requests that arrive. */
  async take(count: number): Promise<ReceivedRequest[]> {
    const taken: ReceivedRequest[] = [];
    while (taken.length < count) taken.push(await this.server.next());
    return taken;
  }
}
