import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { referenceLatencyMs } from './workload.js';

/** As many as a round has requests, so that every round meets the same latencies. */
const latenciesMs = Array.from({ length: 400 }, () => Math.round(referenceLatencyMs()));
let arrivals = 0;

/** A server of its own process: `/at-once` answers immediately, anything else takes as long as the reference workload says. */
const server = createServer((request, response) => {
  const answer = (): void => {
    response.setHeader('content-type', 'application/json');
    response.end('{"id":42,"name":"hedge","tags":["a","b","c"]}');
  };
  if (request.url === '/at-once') answer();
  else setTimeout(answer, latenciesMs[arrivals++ % latenciesMs.length]);
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit());
