import type { HedgeOptions } from '@hedgerow/core';

declare module 'axios' {
  interface AxiosRequestConfig {
    /**
     * How this request is hedged, over the adapter's own options; `false`: not at all. Also taken from an instance's defaults,
     * which axios merges with a request's own options member by member.
     */
    hedge?: HedgeOptions | false | undefined;
  }
}
