import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

/** Answers by the fate that the path names; a slow one only when its copy comes, an abandoned one never. */
const held = new Set<string>();

const server = createServer((request, response) => {
  const path = request.url ?? '';
  const [, fate] = path.split('/');
  if (fate === 'abandoned') return;
  if (fate === 'slow' && !held.delete(path)) {
    held.add(path);
    return;
  }
  response.statusCode = fate === 'failing' ? 500 : 200;
  response.end('x'.repeat(200));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
