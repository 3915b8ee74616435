import { create, createFileRegistry, fromBinary, type DescMessage, type DescService, type MessageShape } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import type { CallOptions, Transport } from '@connectrpc/connect';
import { createClient } from '@connectrpc/connect';
import { contractProto, type AnswerKind, type AnswerMessage, type RequestMessage } from './contract-proto.js';

/** What generated code would hold, made of the proto as @grpc/proto-loader has read it. */
export function schemaOf(proto: typeof contractProto, service: string): DescService {
  const types = Object.values(proto) as { readonly fileDescriptorProtos?: readonly Uint8Array[] }[];
  const files = types.flatMap(({ fileDescriptorProtos = [] }) => fileDescriptorProtos);
  const byName = new Map(files.map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes)).map((file) => [file.name, file]));
  const schema = createFileRegistry(create(FileDescriptorSetSchema, { file: [...byName.values()] })).getService(service);
  if (schema === undefined) throw new Error(`no service ${service}`);
  return schema;
}

/** The service of the contract, for Connect. */
export function contractSchema(kind: AnswerKind): DescService {
  return schemaOf(contractProto, `contract.v1.${kind}`);
}

/** A message of no generated type. */
export type AnyMessage = MessageShape<DescMessage>;

/** One of the procedures of {@link contractSchema}, called by its name in the proto. */
export type ContractProcedures = Readonly<
  Record<string, (request: Partial<RequestMessage> | AsyncIterable<RequestMessage>, options?: CallOptions) => Promise<AnswerMessage> & AsyncIterable<AnswerMessage>>
>;

/** A client of the contract's service, or of another like it. */
export function contractClient(transport: Transport, kind: AnswerKind = 'Unary', schema: DescService = contractSchema(kind)): ContractProcedures {
  const client = createClient(schema, transport) as unknown as ContractProcedures;
  return Object.fromEntries(Object.entries(client).map(([localName, procedure]) => [schema.method[localName]?.name ?? localName, procedure]));
}
