/** Every package and a member of it. */
export const ENTRIES: readonly (readonly [name: string, member: string])[] = [
  ['@hedgerow/core', 'Hedger'],
  ['@hedgerow/core/adapter', 'attachInfo'],
  ['@hedgerow/core/describe', 'graphql'],
  ['@hedgerow/core/policy', 'kaplanMeier'],
  ['@hedgerow/opentelemetry', 'instrumentHedger'],
  ['@hedgerow/axios', 'hedgedAdapter'],
  ['@hedgerow/got', 'createHedgePlugin'],
  ['@hedgerow/grpc', 'hedgingInterceptor'],
  ['@hedgerow/connect', 'hedgedInterceptor'],
  ['@hedgerow/elastic', 'hedgedTransport'],
  ['@hedgerow/aws', 'hedgedRequestHandler'],
  ['@hedgerow/fetch', 'hedgedFetch'],
  ['@hedgerow/server', 'shedHedges'],
  ['@hedgerow/server/grpc', 'shedHedgesInterceptor'],
  ['@hedgerow/server/opentelemetry', 'reportShedding'],
  ['hedgerow', 'startCluster'],
];
