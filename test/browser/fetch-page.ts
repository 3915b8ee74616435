import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { closeServer, trackSockets } from '../support/sockets.js';
import type { OpenPage } from './pages.js';

/** What the page runs: the package as a bundler takes it, against a server whose first answer to each path never comes. */
const SCRIPT = `
import { hedgedFetch, hedgeInfo, isHedge } from '@hedgerow/fetch';

function check(what, holds) {
  document.body.append(Object.assign(document.createElement('p'), { textContent: (holds ? '✓ ' : '✗ ') + what }));
  if (!holds) throw new Error('not so: ' + what);
}

async function run() {
  const hedged = hedgedFetch({ delay: 20, budget: false });

  const startedAt = performance.now();
  const response = await hedged('/slow/headers?x=1'); // relative to the page
  // Chromium's cache would hold a second request for one URL back for 20 s.
  check('it does not wait in the browser’s cache', performance.now() - startedAt < 10_000);
  check('a slow endpoint is hedged and the copy wins', isHedge(response) && hedgeInfo(response).attempts === 2);
  check('the response is a real one', response instanceof Response && response.type === 'basic' && response.url === location.origin + '/slow/headers?x=1');
  check('with its body', (await response.json()).path === '/slow/headers?x=1');

  const tokens = await hedged('/slow/tokens', { hedge: { raceUntil: 'firstChunk' } });
  check('a stream is hedged on its first chunk', isHedge(tokens));
  const reader = tokens.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) text += part.value;
  check('and arrives whole', text === 'one two three');

  const whole = await hedged(new Request('/slow/body', { headers: { 'x-own': '1' } }), { hedge: { raceUntil: 'body' } });
  check('or on its whole body', isHedge(whole) && (await whole.json()).own === '1');

  const controller = new AbortController();
  const reason = new Error('enough');
  const given = hedged('/never', { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 100);
  check('the caller gives up with a reason of its own', (await given.catch((error) => error)) === reason);

  const post = await hedged('/echo', { method: 'POST', body: 'once' });
  check('a POST goes out once', hedgeInfo(post).ineligibleReason === 'method' && (await post.json()).received === 1);

  await new Promise((resolve) => setTimeout(resolve, 200));
  const closed = await (await fetch('/closed')).json();
  check('the server saw the losers closed: ' + closed.join(', '), ['/slow/headers?x=1', '/slow/tokens', '/slow/body', '/never'].every((path) => closed.includes(path)));
}

globalThis.finished = run();
globalThis.finished.catch(() => undefined);
`;

/** Serves a page that hedges with `@hedgerow/fetch`. */
export async function fetchPage(): Promise<OpenPage> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: process.cwd() },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const bundle = outputFiles[0]?.text ?? '';
  const received = new Map<string, number>();
  let closed: string[] = [];

  const server = createServer((request, response) => {
    const path = request.url ?? '';
    const count = (received.get(path) ?? 0) + 1;
    if (path === '/') {
      received.clear();
      closed = [];
      return void response.setHeader('content-type', 'text/html').end('<!doctype html><meta charset="utf-8"><title>fetch</title><link rel="icon" href="data:,"><body><script type="module" src="/bundle.js"></script>');
    }
    received.set(path, count);
    response.once('close', () => (response.writableFinished ? undefined : closed.push(path)));
    if (path === '/bundle.js') return void response.setHeader('content-type', 'text/javascript; charset=utf-8').end(bundle);
    if (path === '/closed') return void response.end(JSON.stringify(closed));
    if (path === '/never') return;
    if (path.startsWith('/slow/') && count === 1) {
      if (path !== '/slow/headers?x=1') response.writeHead(200).flushHeaders();
      return;
    }
    if (path === '/slow/tokens') {
      response.write('one ');
      setTimeout(() => response.write('two '), 30);
      return void setTimeout(() => response.end('three'), 60);
    }
    response.end(JSON.stringify({ path, received: count, own: request.headers['x-own'] }));
  });
  const sockets = trackSockets(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: () => closeServer(server, sockets),
  };
}
