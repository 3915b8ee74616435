/** gRPC: an interceptor. The proto says which methods are safe; a call that changes something is sent once. */
import { credentials, type ClientUnaryCall, type ServiceError } from '@grpc/grpc-js';
import { hedgeInfo, hedgingInterceptor } from '@hedgerow/grpc';
import { channelOptions, Items, proto, startServers, type Item } from './support/items.js';

const servers = await startServers();
const client = new Items(servers.target, credentials.createInsecure(), {
  ...channelOptions,
  interceptors: [hedgingInterceptor({ proto, delay: 15 })],
});

interface Answered {
  readonly call: ClientUnaryCall;
  readonly item: Item;
}

function ask(method: 'Find' | 'Create', message: object): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = client[method]?.(message, (error: ServiceError | null, item: Item) => {
      if (error) reject(error);
      else resolve({ call, item });
    }) as ClientUnaryCall;
  });
}

const winners = [0, 0];
let longestMs = 0;
for (let id = 0; id < 200; id++) {
  const { call } = await ask('Find', { id });
  const info = hedgeInfo(call);
  winners[info?.winner ?? 0] = (winners[info?.winner ?? 0] ?? 0) + 1;
  longestMs = Math.max(longestMs, info?.durationMs ?? 0);
}
console.log(`200 calls, one in ten of which takes 80 ms: ${winners[0]} answered by the primary, ${winners[1]} by a hedge after 15 ms`);
console.log(`the slowest took ${longestMs.toFixed(1)} ms; the servers received ${servers.received()} calls, ${servers.cancelled()} of them cancelled`);

const { call, item } = await ask('Create', { id: 1 });
const created = hedgeInfo(call);
console.log(`Create, of which the proto says nothing: attempts ${created?.attempts} (${created?.ineligibleReason}), by server ${item.server}`);

client.close();
servers.close();
