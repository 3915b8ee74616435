/** A client of the matrix. */
export interface FaultClient {
  readonly protocol: 'http' | 'grpc';
  /** Which column tells its errors. */
  readonly family: 'axios' | 'got' | 'fetch' | 'undici' | 'gRPC' | 'Elasticsearch' | 'OpenSearch' | 'node:http' | 'AWS' | 'Connect' | 'Connect, gRPC';
  /** What it is told to race to, where that is not its default. */
  readonly raceUntil?: 'body';
  /** Whether it is a promise to the Hedger, who knows nothing of HTTP. */
  readonly isPromise?: true;
}

/** In the order of the table's columns. */
export const clients = {
  axios: { protocol: 'http', family: 'axios' },
  got: { protocol: 'http', family: 'got' },
  'got, body': { protocol: 'http', family: 'got', raceUntil: 'body' },
  fetch: { protocol: 'http', family: 'fetch' },
  'fetch, body': { protocol: 'http', family: 'fetch', raceUntil: 'body' },
  undici: { protocol: 'http', family: 'undici' },
  'undici, body': { protocol: 'http', family: 'undici' },
  'gRPC unary': { protocol: 'grpc', family: 'gRPC' },
  'gRPC stream': { protocol: 'grpc', family: 'gRPC' },
  Elasticsearch: { protocol: 'http', family: 'Elasticsearch' },
  'Elasticsearch, stream': { protocol: 'http', family: 'Elasticsearch' },
  OpenSearch: { protocol: 'http', family: 'OpenSearch' },
  'OpenSearch, stream': { protocol: 'http', family: 'OpenSearch' },
  'hedge()': { protocol: 'http', family: 'node:http', isPromise: true },
  AWS: { protocol: 'http', family: 'AWS' },
  'AWS, body': { protocol: 'http', family: 'AWS' },
  'Connect, HTTP/1.1': { protocol: 'http', family: 'Connect' },
  'Connect, gRPC unary': { protocol: 'grpc', family: 'Connect, gRPC' },
  'Connect, gRPC stream': { protocol: 'grpc', family: 'Connect, gRPC' },
} as const satisfies Record<string, FaultClient>;

export type ClientName = keyof typeof clients;
export type Family = FaultClient['family'];
export const clientNames = Object.keys(clients) as ClientName[];
