/** Attribute names: the stable HTTP semantic conventions, those of RPC as grpc-js instrumentation has them, and ours under `hedge.*`. */
export const attr = {
  errorType: 'error.type',
  method: 'http.request.method',
  methodOriginal: 'http.request.method_original',
  resendCount: 'http.request.resend_count',
  status: 'http.response.status_code',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  urlFull: 'url.full',

  rpcSystem: 'rpc.system',
  rpcService: 'rpc.service',
  rpcMethod: 'rpc.method',
  grpcStatus: 'rpc.grpc.status_code',
  connectError: 'rpc.connect_rpc.error_code',

  attemptNumber: 'hedge.attempt.number',
  attemptDelay: 'hedge.attempt.delay',
  attemptWinner: 'hedge.attempt.winner',
  attemptOutcome: 'hedge.attempt.outcome',
  attemptCount: 'hedge.attempt.count',
  attemptType: 'hedge.attempt.type',
  winnerNumber: 'hedge.winner.number',
  winnerType: 'hedge.winner.type',
  suppressionReason: 'hedge.suppression.reason',
  ineligibleReason: 'hedge.ineligible.reason',
  mode: 'hedge.mode',
  name: 'hedge.name',
  key: 'hedge.key',
} as const;

/** Instrumentation scope of the tracer and the meter. */
export const SCOPE_NAME = '@hedgerow/opentelemetry';

/** The version of this package; a test compares it with package.json. */
export const SCOPE_VERSION = '0.1.0';
