import { fileURLToPath } from 'node:url';
import { loadPackageDefinition, type GrpcObject, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

/** The proto of the contract's services; the compiled tests lie one folder below their sources. */
export const contractProto = loadSync(fileURLToPath(new URL('../../support/contract.proto', import.meta.url)));

/** How a call is answered: by one message, or by a stream of them. */
export type AnswerKind = 'Unary' | 'Stream';

const { contract } = loadPackageDefinition(contractProto);
const services = (contract as GrpcObject).v1 as GrpcObject;

/** The client class of a service, and what a server needs to offer it. */
export function contractService(kind: AnswerKind): ServiceClientConstructor {
  return services[kind] as ServiceClientConstructor;
}

export interface RequestMessage {
  readonly path: string;
  readonly body: Uint8Array;
}

export interface AnswerMessage {
  readonly data: Uint8Array;
}
