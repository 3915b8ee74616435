import type { IncomingMessage, ServerResponse } from 'node:http';
import { Admission, type ShedStats } from './shed/admission.js';
import { Door, send } from './shed/door.js';
import { resolveOptions, type ShedOptions } from './shed/options.js';

/** Middleware for node:http, Express and Nest, and for others by its members. One object counts for all that it is mounted on. */
export interface ShedHedges {
  /** `app.use(shedding)` of Express and Nest. */
  (request: IncomingMessage, response: ServerResponse, next: () => void): void;
  /** `createServer(shedding.listener(listener))`, of node:http, and of node:http2 with its compatibility API. Upgrades and CONNECT are not its business. */
  listener<Q, S>(listener: (request: Q, response: S) => void): (request: Q, response: S) => void;
  /** `app.register(shedding.fastify)`. */
  readonly fastify: (app: object, options: unknown, done: () => void) => void;
  /** `app.use(shedding.koa)`. */
  readonly koa: (context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>;
  /** `app.use(shedding.hono)`, on Node. */
  readonly hono: (context: HonoContext, next: () => Promise<void>) => Promise<Response | undefined>;
  /** What has happened so far, and what is known now. */
  stats(): ShedStats;
  /** For interceptors of other protocols. */
  readonly admission: Admission;
}

/** A context of Koa, by the members that are used. */
export interface KoaContext {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  status: number;
  body: unknown;
  set(headers: Record<string, string>): void;
}

/** A context of Hono, by the member that is used. */
export interface HonoContext {
  readonly env: unknown;
}

/**
 * Drops hedges first: while the server is busy a request that says that it is a copy (`markHedges` of hedgerow's clients) is answered at once with 503 and header `hedge-shed`, by which the
 * client knows that its original still counts, and sends no more hedges for a while. So is a copy that finds another one of its call under way in this process. Requests that are no hedges are
 * never touched, but for option `expired`.
 *
 * *The Tail at Scale* (Dean and Barroso, 2013) marks hedges so that servers may do this. Nobody is to be trusted with a mark: all that a client gains by lying is to be dropped first.
 *
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function shedHedges(options: ShedOptions = {}): ShedHedges {
  const admission = new Admission(resolveOptions(options));
  const door = new Door(admission);

  function middleware(request: IncomingMessage, response: ServerResponse, next: () => void): void {
    const answer = door.ask(request, response);
    if (answer === undefined) next();
    else send(response, answer);
  }

  function listener<Q, S>(handle: (request: Q, response: S) => void): (request: Q, response: S) => void {
    return function (this: unknown, request, response) {
      const answer = door.ask(request, response);
      if (answer === undefined) handle.call(this, request, response);
      else send(response as ServerResponse, answer);
    };
  }

  async function koa(context: KoaContext, next: () => Promise<unknown>): Promise<unknown> {
    const answer = door.ask(context.req, context.res);
    if (answer === undefined) return next();
    context.status = answer.status;
    context.body = '';
    context.set(answer.headers);
    return undefined;
  }

  async function hono({ env }: HonoContext, next: () => Promise<void>): Promise<Response | undefined> {
    const { incoming, outgoing } = Object(env) as { readonly incoming?: unknown; readonly outgoing?: unknown };
    const answer = door.ask(incoming, outgoing);
    if (answer !== undefined) return new Response(null, answer);
    await next();
    return undefined;
  }

  return Object.assign(middleware, { listener, fastify: fastifyPlugin(door), koa, hono, stats: () => admission.stats(), admission });
}

interface FastifyReply {
  readonly raw: ServerResponse;
  code(status: number): FastifyReply;
  headers(headers: object): FastifyReply;
  send(): unknown;
}

interface FastifyApp {
  addHook(name: 'onRequest', hook: (request: { readonly raw: IncomingMessage }, reply: FastifyReply, done: () => void) => void): unknown;
}

/** Applies to all routes of the application that it is registered with, as `fastify-plugin` would have it. */
function fastifyPlugin(door: Door): ShedHedges['fastify'] {
  const plugin: ShedHedges['fastify'] = (app, _options, done) => {
    (app as FastifyApp).addHook('onRequest', (request, reply, next) => {
      const answer = door.ask(request.raw, reply.raw);
      if (answer === undefined) next();
      else reply.code(answer.status).headers(answer.headers).send();
    });
    done();
  };
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
}
