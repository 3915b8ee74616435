import { listenForGrpc } from './grpc-server.js';
import { listenForHttp } from './http-server.js';
import type { Told } from './protocol.js';
import { Witness } from './witness.js';

/** The servers' process. Any message is answered with what they have seen so far. */
const tell = (told: Told): void => void process.send?.(told);
const witness = new Witness(tell);
const [http, throttled, grpc] = await Promise.all([listenForHttp(witness, false), listenForHttp(witness, true), listenForGrpc(witness)]);
process.on('message', () => tell({ counts: witness.counts }));
process.on('disconnect', () => process.exit());
tell({ hello: { http, throttled, grpc } });
