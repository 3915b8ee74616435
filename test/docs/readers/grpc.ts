/** What readers of the gRPC guide have already. */
import { credentials, loadPackageDefinition, type CallOptions, type Client, type ClientUnaryCall, type ServiceClientConstructor } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { hedgingInterceptor } from '@hedgerow/grpc';

interface CatalogClient extends Client {
  find(query: { id: number }, options: CallOptions, done: (error: Error | null, item: unknown) => void): ClientUnaryCall;
}

const proto = loadSync('catalog.proto');
const Catalog = loadPackageDefinition(proto).Catalog as ServiceClientConstructor;
export const client: CatalogClient = new Catalog(`127.0.0.1:${process.env.CATALOG_PORT ?? ''}`, credentials.createInsecure(), {
  interceptors: [hedgingInterceptor({ proto })],
}) as unknown as CatalogClient;
