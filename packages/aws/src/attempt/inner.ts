import type { SmithyRequest } from '../request/types.js';
import type { HandlerOutput } from '../response/response.js';

/** What the SDK says to a handler beside the request: what its user gave to `send`, and more. */
export interface HandleOptions {
  readonly abortSignal?: unknown;
  /** In milliseconds; 0 for none. */
  readonly requestTimeout?: number | undefined;
  readonly hedge?: unknown;
}

/** The handler that is hedged, as it is called here. */
export interface Inner {
  handle(request: SmithyRequest, options?: HandleOptions): Promise<HandlerOutput>;
  destroy?(): void;
  readonly metadata?: { readonly handlerProtocol: string } | undefined;
  updateHttpClientConfig?(key: unknown, value: unknown): void;
  httpHandlerConfigs?(): unknown;
}
