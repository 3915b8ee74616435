import type { ServerHttp2Stream } from 'node:http2';
import type { Writable } from 'node:stream';
import { parentPort, workerData } from 'node:worker_threads';
import { Server, ServerCredentials, type sendUnaryData } from '@grpc/grpc-js';
import { contractService, type AnswerMessage } from './contract-proto.js';
import { Count, type HoldingCommand, type HoldingWorkerData } from './holding-server.js';

/** The other thread of `startHoldingServer`, over gRPC. */
const { held, counts } = workerData as HoldingWorkerData;
const waiting: (() => void)[] = [];
let holding = true;

function handle(call: unknown, callback: sendUnaryData<AnswerMessage> | undefined): void {
  const answer = (): void => {
    const message = { data: Buffer.from('answered') };
    if (callback !== undefined) callback(null, message);
    else (call as Writable).write(message, () => (call as Writable).end()); // what `end` takes are trailers
    // grpc-js does not tell when it has written an answer: its HTTP/2 stream closes then.
    streamOf(call).once('close', () => Atomics.add(counts, Count.answered, 1));
  };
  if (holding && waiting.length < held) waiting.push(answer);
  else answer();
  Atomics.add(counts, Count.received, 1);
}

function streamOf(call: unknown): ServerHttp2Stream {
  return (call as { readonly call: { readonly stream: ServerHttp2Stream } }).call.stream;
}

const server = new Server();
for (const kind of ['Unary', 'Stream'] as const) {
  const { service } = contractService(kind);
  server.addService(service, Object.fromEntries(Object.keys(service).map((name) => [name, handle])));
}
server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_error, port) => parentPort?.postMessage(port));

parentPort?.on('message', (command: HoldingCommand) => {
  if (command === 'close') {
    server.forceShutdown();
    return parentPort?.close();
  }
  holding = false;
  for (const answer of waiting) answer();
});
