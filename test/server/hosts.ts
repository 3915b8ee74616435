import http, { type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import http2, { type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { serve, type HttpBindings } from '@hono/node-server';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import type { ShedHedges } from '@hedgerow/server';

/** Answers a request, which is the framework's own; what it rejects with is a 500. */
export type Handler = (request: unknown) => Promise<string>;

export interface Host {
  readonly origin: string;
  readonly port: number;
  close(): Promise<void>;
}

/** Starts a server whose every request is answered by `handler`, behind `guard` if there is one. */
export type StartHost = (handler: Handler, guard?: ShedHedges) => Promise<Host>;

async function listening(server: Server | Http2Server): Promise<Host> {
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const sessions = new Set<http2.ServerHttp2Session>();
  (server as Http2Server).on('session', (session) => void sessions.add(session));
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const session of sessions) session.destroy();
        (server as Partial<Server>).closeAllConnections?.();
      }),
  };
}

function answering(handler: Handler): (request: unknown, response: ServerResponse) => void {
  return (request, response) => {
    handler(request).then(
      (text) => response.end(text),
      () => {
        response.statusCode = 500;
        response.end();
      },
    );
  };
}

/** What a request may come through, by name. */
export const HOSTS: Readonly<Record<string, StartHost>> = {
  'node:http': (handler, guard) => {
    const answer = answering(handler);
    return listening(http.createServer(guard === undefined ? answer : guard.listener(answer)));
  },
  'node:http2': (handler, guard) => {
    const answer = answering(handler) as unknown as RequestListener;
    const listener = guard === undefined ? answer : guard.listener(answer);
    return listening(http2.createServer(listener as never));
  },
  Express: (handler, guard) => {
    const app = express();
    if (guard !== undefined) app.use(guard);
    app.use(answering(handler));
    return listening(http.createServer(app));
  },
  Fastify: async (handler, guard) => {
    const app = fastify();
    if (guard !== undefined) await app.register(guard.fastify);
    app.all('*', (request) => handler(request));
    await app.listen({ port: 0, host: '127.0.0.1' });
    return listening(app.server);
  },
  Koa: (handler, guard) => {
    const app = new Koa();
    app.silent = true;
    if (guard !== undefined) app.use(guard.koa);
    app.use(async (context) => {
      context.body = await handler(context);
    });
    return listening(http.createServer(app.callback() as (request: IncomingMessage, response: ServerResponse) => void));
  },
  Hono: (handler, guard) => {
    const app = new Hono<{ Bindings: HttpBindings }>();
    if (guard !== undefined) app.use(guard.hono);
    app.all('*', async (context) => context.text(await handler(context)));
    app.onError((_error, context) => context.text('', 500));
    return new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, () => resolve(listening(server)));
    });
  },
};

