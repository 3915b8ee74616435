import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { startLocalCluster } from './local.js';
import type { Answer, Hello, Question, WorkerOptions } from './protocol.js';
import type { Cluster } from './types.js';

async function serve(port: MessagePort, options: WorkerOptions): Promise<void> {
  let cluster: Cluster;
  try {
    cluster = await startLocalCluster(options);
  } catch (error) {
    port.postMessage({ error } satisfies Hello);
    return;
  }
  port.on('message', ({ id, command }: Question) => {
    void cluster[command]().then((result) => {
      port.postMessage({ id, counts: result ?? undefined } satisfies Answer);
      if (command === 'close') port.close();
    });
  });
  const { url, backendUrls, grpcTarget } = cluster;
  port.postMessage({ url, backendUrls, grpcTarget } satisfies Hello);
}

if (parentPort) void serve(parentPort, workerData as WorkerOptions);
