import { create, createFileRegistry } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema, MethodOptions_IdempotencyLevel } from '@bufbuild/protobuf/wkt';
import { createClient } from '@connectrpc/connect';
import { createConnectTransport } from '@connectrpc/connect-web';
import { hedgedInterceptor, hedgeInfo } from '@hedgerow/connect';

const type = '.hedgerow.Nothing';
const find = { name: 'Find', inputType: type, outputType: type, options: { idempotencyLevel: MethodOptions_IdempotencyLevel.NO_SIDE_EFFECTS } };
const file = { name: 'check.proto', package: 'hedgerow', syntax: 'proto3', messageType: [{ name: 'Nothing' }], service: [{ name: 'Check', method: [find] }] };
const service = createFileRegistry(create(FileDescriptorSetSchema, { file: [file] })).getService('hedgerow.Check');

export async function call({ url }) {
  const transport = createConnectTransport({ baseUrl: `${url}/connect`, interceptors: [hedgedInterceptor({ delay: 20, budget: false })] });
  let info;
  await createClient(service, transport).find({}, { onHeader: (header) => (info = hedgeInfo(header)) });
  return info;
}
