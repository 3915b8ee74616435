import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { Count, type HoldingCommand, type HoldingWorkerData } from './holding-server.js';

/** The other thread of `startHoldingServer`. */
const { held, counts } = workerData as HoldingWorkerData;
const waiting: ServerResponse[] = [];
let holding = true;

function answer(response: ServerResponse): void {
  response.once('finish', () => Atomics.add(counts, Count.answered, 1));
  response.end('answered');
}

/** Deno's port cannot be closed, its thread can. */
function end(): void {
  if (typeof (parentPort as Partial<MessagePort> | null)?.close === 'function') parentPort?.close();
  else (globalThis as { readonly close?: () => void }).close?.();
}

const server = createServer((_request, response) => {
  if (holding && waiting.length < held) waiting.push(response);
  else answer(response);
  Atomics.add(counts, Count.received, 1);
});

parentPort?.on('message', (command: HoldingCommand) => {
  if (command === 'close') {
    server.close().closeAllConnections();
    return end();
  }
  holding = false;
  for (const response of waiting) answer(response);
});
server.listen(0, '127.0.0.1', () => parentPort?.postMessage((server.address() as AddressInfo).port));
