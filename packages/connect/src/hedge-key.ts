import type { ContextKey } from '@connectrpc/connect';
import type { ConnectCallHedgeOptions } from './options.js';

/**
 * How one call is hedged, over the interceptor's own options; `false`: not at all. Default: as the interceptor says.
 *
 * ```ts
 * await client.find({ id }, { contextValues: createContextValues().set(hedgeKey, { timeoutMs: 500 }) });
 * ```
 */
export const hedgeKey: ContextKey<ConnectCallHedgeOptions | false | undefined> = {
  // Shared by every copy of the package: one may set it, and another read it.
  id: Symbol.for('hedgerow.connect.hedge'),
  defaultValue: undefined,
};
