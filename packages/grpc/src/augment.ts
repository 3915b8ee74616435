import type { GrpcCallHedgeOptions } from './options.js';

declare module '@grpc/grpc-js/build/src/client.js' {
  interface CallOptions {
    /** How this call is hedged, over the interceptor's own options; `false`: not at all. */
    hedge?: GrpcCallHedgeOptions | false | undefined;
  }
}
