import { listenForGrpc } from './grpc-server.js';
import { listenForHttp } from './http-server.js';
import type { Counts, Hello } from './protocol.js';

/** The servers' process. Any message is answered with what they have seen so far. */
const counts: Counts = { received: { primaries: 0, hedges: 0 } };
const [http, throttled, grpc] = await Promise.all([listenForHttp(counts, false), listenForHttp(counts, true), listenForGrpc(counts)]);
process.on('message', () => process.send?.(counts));
process.on('disconnect', () => process.exit());
process.send?.({ http, throttled, grpc } satisfies Hello);
