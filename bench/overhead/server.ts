import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of its own process that answers at once, so that what is timed is the client. */
const server = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"id":42,"name":"hedge","tags":["a","b","c"]}');
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port);
});
process.on('disconnect', () => process.exit());
