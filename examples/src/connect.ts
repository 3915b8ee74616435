/** Connect: an interceptor. The schema says which methods are safe; a call that changes something is sent once. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { create, createFileRegistry, fromBinary, type DescMethodUnary, type DescService } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { connectNodeAdapter, createConnectTransport } from '@connectrpc/connect-node';
import { hedgedInterceptor, hedgeInfo } from '@hedgerow/connect';
import { proto } from './support/items.js';

/** What a code generator would write: the service of `items.proto`. */
function schema(): DescService {
  const types = Object.values(proto) as { readonly fileDescriptorProtos?: readonly Uint8Array[] }[];
  const [bytes] = types.flatMap(({ fileDescriptorProtos = [] }) => fileDescriptorProtos);
  if (bytes === undefined) throw new Error('the proto is empty');
  const file = [fromBinary(FileDescriptorProtoSchema, bytes)];
  const service = createFileRegistry(create(FileDescriptorSetSchema, { file })).getService('items.v1.Items');
  if (service === undefined) throw new Error('no such service');
  return service;
}

const Items = schema();
let received = 0;
const work = async ({ id }: { readonly id: number }): Promise<object> => {
  await delay(received++ % 10 === 4 ? 80 : 4);
  return { id, server: 'a' };
};
const server = createServer(connectNodeAdapter({ routes: (router) => void router.service(Items, { find: work, create: work } as object) }));
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

const transport = createConnectTransport({
  baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  httpVersion: '1.1',
  interceptors: [hedgedInterceptor({ delay: 15 })],
});

/** As `createClient` does it for generated code. */
async function ask(name: 'Find' | 'Create', id: number, onHeader: (header: Headers) => void): Promise<void> {
  const method = Items.methods.find((one) => one.name === name) as DescMethodUnary;
  const { header } = await transport.unary(method, undefined, undefined, undefined, { id });
  onHeader(header);
}

const winners = [0, 0];
let longestMs = 0;
for (let id = 0; id < 200; id++) {
  await ask('Find', id, (header) => {
    const info = hedgeInfo(header);
    winners[info?.winner ?? 0] = (winners[info?.winner ?? 0] ?? 0) + 1;
    longestMs = Math.max(longestMs, info?.durationMs ?? 0);
  });
}
console.log(`200 calls, one in ten of which takes 80 ms: ${winners[0]} answered by the primary, ${winners[1]} by a hedge after 15 ms`);
console.log(`the slowest took ${longestMs.toFixed(1)} ms; the server received ${received} calls`);

await ask('Create', 1, (header) => {
  const info = hedgeInfo(header);
  console.log(`Create, of which the schema says nothing: attempts ${info?.attempts} (${info?.ineligibleReason})`);
});
server.closeAllConnections();
server.close();
