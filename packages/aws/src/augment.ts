import type {} from '@smithy/types';
import type { AwsCallHedgeOptions } from './options.js';

declare module '@smithy/types' {
  interface HttpHandlerOptions {
    /** How this call is hedged, over the handler's own options; `false`: not at all. */
    hedge?: AwsCallHedgeOptions | false | undefined;
  }
}
