import { awsDriver } from '../../contract/aws-driver.js';
import { axiosDriver } from '../../contract/axios-driver.js';
import { connectDriver } from '../../contract/connect-driver.js';
import type { ContractDriver } from '../../contract/driver.js';
import { elasticDriver, openSearchDriver } from '../../contract/elastic-driver.js';
import { fetchDriver } from '../../contract/fetch-driver.js';
import { gotDriver } from '../../contract/got-driver.js';
import { grpcDriver } from '../../contract/grpc-driver.js';
import { promiseDriver } from '../../contract/promise-driver.js';
import { undiciDriver } from '../../contract/undici-driver.js';
import type { ClientName } from './clients.js';

/** Connect's gRPC goes over HTTP/2 without TLS. */
const GRPC = { protocol: 'gRPC', httpVersion: '2' } as const;

/** How each client of the matrix is made and asked. */
export const drivers: Readonly<Record<ClientName, ContractDriver>> = {
  axios: axiosDriver('throws'),
  got: gotDriver('throws'),
  'got, body': gotDriver('throws'),
  fetch: fetchDriver('fetch', globalThis.fetch),
  'fetch, body': fetchDriver('fetch', globalThis.fetch, 'body'),
  undici: undiciDriver('by itself'),
  'undici, body': undiciDriver('by itself', undefined, 'body'),
  'gRPC unary': grpcDriver('Unary'),
  'gRPC stream': grpcDriver('Stream'),
  Elasticsearch: elasticDriver('whole'),
  'Elasticsearch, stream': elasticDriver('stream'),
  OpenSearch: openSearchDriver('whole'),
  'OpenSearch, stream': openSearchDriver('stream'),
  'hedge()': promiseDriver,
  AWS: awsDriver(),
  'AWS, body': awsDriver('body'),
  'Connect, HTTP/1.1': connectDriver('Unary', { protocol: 'Connect', httpVersion: '1.1' }),
  'Connect, gRPC unary': connectDriver('Unary', GRPC),
  'Connect, gRPC stream': connectDriver('Stream', GRPC),
};
