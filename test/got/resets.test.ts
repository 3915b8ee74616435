import { once } from 'node:events';
import { createSecureServer, type ServerHttp2Session } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { expect, it } from '@jest/globals';
import { generate } from 'selfsigned';
import { hedgedClient } from './variants.js';

const CALLS = 200;
const IN_FLIGHT = 10;
/** Long after its copy's answer, so that each loser has to be cancelled. */
const SLOW_MS = 400;
/** A tenth of the default, to be there with a tenth of the calls. */
const MAX_RESETS_PER_SECOND = 2.5;

it.each(['abort', 'drain'] as const)('cancels losers over HTTP/2 no faster than allowed (losers: %s)', async (losers) => {
  const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }]);
  const arrivals = new Map<string, number>();
  let sessions = 0;
  let resets = 0;
  const open = new Set<ServerHttp2Session>();
  const server = createSecureServer({ cert, key }).listen(0, 'localhost');
  server.on('session', (session) => {
    sessions++;
    open.add(session);
  });
  server.on('stream', (stream, { ':path': path = '' }) => {
    const count = (arrivals.get(path) ?? 0) + 1;
    arrivals.set(path, count);
    stream.on('error', () => undefined);
    stream.once('aborted', () => resets++);
    setTimeout(() => {
      if (stream.destroyed) return;
      stream.respond({ ':status': 200 });
      // The body comes after the head: what is thrown away at its head is still a reset.
      setTimeout(() => stream.destroyed || stream.end('done'), 5);
    }, count === 1 ? SLOW_MS : 0);
  });
  await once(server, 'listening');
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const client = hedgedClient({ delay: 0, efficacy: false, losers, maxResetsPerSecond: MAX_RESETS_PER_SECOND }, { http2: true });
  await client(`${url}/first`);

  const startedAtMs = performance.now();
  let left = CALLS;
  const worker = async (): Promise<void> => {
    while (left-- > 0) expect((await client(`${url}/${left}`)).body).toBe('done');
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - startedAtMs) / 1_000;
  const seen = { sessions, resets };
  for (const session of open) session.destroy();
  server.close();

  expect(seen.resets).toBeLessThanOrEqual(20 * MAX_RESETS_PER_SECOND + MAX_RESETS_PER_SECOND * (seconds + 1));
  expect(seen.sessions).toBeLessThanOrEqual(2);
  if (losers === 'abort') expect(seen.resets).toBeGreaterThanOrEqual(10 * MAX_RESETS_PER_SECOND);
});
