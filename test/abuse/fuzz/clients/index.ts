import type { ClientName } from '../case.js';
import { awsHandler } from './aws.js';
import { axiosClient } from './axios.js';
import type { Ask } from './client.js';
import { connectClient } from './connect.js';
import { elasticClient } from './elastic.js';
import { fetchClient } from './fetch.js';
import { gotClient, gotStream } from './got.js';
import { grpcClient } from './grpc.js';
import { promiseClient } from './promise.js';
import { undiciRequest } from './undici.js';

/** How each client is asked. */
export const clients: Readonly<Record<ClientName, Ask>> = {
  'axios http': axiosClient('http', false),
  'axios stream': axiosClient('http', true),
  'axios fetch': axiosClient('fetch', false),
  'got promise': gotClient(false),
  'got stream': gotStream,
  'got http2': gotClient(true),
  fetch: fetchClient('global'),
  'undici fetch': fetchClient('undici'),
  'undici request': undiciRequest,
  'grpc unary': grpcClient('Unary'),
  'grpc stream': grpcClient('Stream'),
  promise: promiseClient,
  'elastic whole': elasticClient('elastic', false),
  'elastic stream': elasticClient('elastic', true),
  'opensearch whole': elasticClient('opensearch', false),
  'opensearch stream': elasticClient('opensearch', true),
  'aws handler': awsHandler,
  'connect unary': connectClient('Unary'),
  'connect stream': connectClient('Stream'),
};
