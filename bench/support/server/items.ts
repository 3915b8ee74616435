import type { MethodDefinition } from '@grpc/grpc-js';

const text = { serialize: (value: string): Buffer => Buffer.from(value), deserialize: (bytes: Buffer): string => bytes.toString() };

const get: MethodDefinition<string, string> = {
  path: '/bench.Items/Get',
  requestStream: false,
  responseStream: false,
  requestSerialize: text.serialize,
  requestDeserialize: text.deserialize,
  responseSerialize: text.serialize,
  responseDeserialize: text.deserialize,
};

/** The gRPC service: a request is `lane/number`, messages are plain text, so that no proto has to be compiled. */
export const ITEMS: { readonly get: MethodDefinition<string, string> } = { get };
