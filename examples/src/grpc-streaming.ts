/** gRPC, server streaming: copies race to the first message; the winner streams on, the loser is cancelled on the wire. */
import { credentials, type ClientReadableStream } from '@grpc/grpc-js';
import { hedgeInfo, hedgingInterceptor } from '@hedgerow/grpc';
import { channelOptions, Items, proto, startServers, type Item } from './support/items.js';

const MESSAGES = 1_000;
const STREAMS = 20;

const servers = await startServers();
const client = new Items(servers.target, credentials.createInsecure(), {
  ...channelOptions,
  interceptors: [hedgingInterceptor({ proto, delay: 15, budget: { ratio: 0.2 } })],
});

let byHedge = 0;
for (let index = 0; index < STREAMS; index++) {
  const stream = client.Watch?.({ id: MESSAGES }) as ClientReadableStream<Item>;
  let expected = 0;
  const senders = new Set<string>();
  for await (const item of stream as AsyncIterable<Item>) {
    if (item.id !== expected++) throw new Error(`message ${item.id} where ${expected - 1} was due`);
    senders.add(item.server);
  }
  if (expected !== MESSAGES || senders.size !== 1) throw new Error(`${expected} messages from ${senders.size} servers`);
  if (hedgeInfo(stream)?.isHedge === true) byHedge++;
}
console.log(`${STREAMS} streams of ${MESSAGES} messages, each in order and from one server; ${byHedge} of them came from a hedge`);
console.log(`the servers received ${servers.received()} calls`);

client.close();
servers.close();
