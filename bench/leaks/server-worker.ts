import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort } from 'node:worker_threads';

/**
 * Answers by the fate that the path names; a slow one only when its copy comes, an abandoned one never, half of one without an end
 * before its copy's. Tells how many answers are open when it is asked.
 */
const held = new Set<string>();
let open = 0;

const server = createServer((request, response) => {
  const path = request.url ?? '';
  const [, fate] = path.split('/');
  open++;
  response.once('close', () => open--);
  if (fate === 'abandoned') return;
  if (fate === 'slow' && !held.delete(path)) {
    held.add(path);
    return;
  }
  if (fate === 'unread') return void response.writeHead(200).write('x'.repeat(200));
  if (fate === 'half') {
    const isCopy = held.delete(path);
    if (!isCopy) held.add(path);
    // The copy is under way when the primary fails, and answers after that.
    setTimeout(() => (isCopy ? response.end('x') : response.writeHead(503).write('x'.repeat(200))), isCopy ? 30 : 15);
    return;
  }
  response.statusCode = fate === 'failing' ? 500 : 200;
  response.end('x'.repeat(200));
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
parentPort?.on('message', () => parentPort?.postMessage(open));
