import { sendUnsupported } from '@hedgerow/core/adapter';
import type { HandleOptions, Inner } from './attempt/inner.js';
import { HandlerCall } from './call/call.js';
import { isSignal } from './caller/caller.js';
import { ResolvedOptions, type AwsCallHedgeOptions, type AwsHedgeOptions } from './options.js';
import { unwrapped, wrap } from './recursion.js';
import { DescribedRequest } from './request/describe.js';
import { isOnce } from './request/once.js';
import { operationOf } from './request/operation.js';
import type { SmithyRequest } from './request/types.js';
import type { HandlerOutput } from './response/response.js';

/** Any handler of the AWS SDK v3: `NodeHttpHandler`, `NodeHttp2Handler`, `FetchHttpHandler`, one of your own. Typed as loosely as the versions of the SDK differ. */
export interface AnyRequestHandler {
  handle(request: never, options?: never): Promise<{ readonly response: unknown }>;
}

/** Members of a handler that the SDK knows. */
type Members = 'handle' | 'destroy' | 'metadata' | 'updateHttpClientConfig' | 'httpHandlerConfigs';

/** What the SDK sees of `H`, hedged. */
export type HedgedRequestHandler<H> = Pick<H, Extract<keyof H, Members>>;

/**
 * A request handler for the AWS SDK v3 that sends a backup copy of a slow read and returns whichever copy answers first.
 *
 * ```ts
 * const client = new DynamoDBClient({ requestHandler: hedgedRequestHandler(new NodeHttpHandler()) });
 * ```
 *
 * Reads are GET and HEAD of services that speak REST, such as S3, and of all others operations that are known to read, such as GetItem. Everything else goes
 * through untouched. Copies share one signature; the retries of the SDK see one call.
 *
 * @param handler - what sends each attempt.
 * @throws TypeError or RangeError that names the option, what was expected and what came.
 */
export function hedgedRequestHandler<H extends AnyRequestHandler>(handler: H, options: AwsHedgeOptions = {}): HedgedRequestHandler<H> {
  if (typeof (handler as Partial<AnyRequestHandler> | null | undefined)?.handle !== 'function') {
    throw new TypeError(`hedgerow: the first argument must be a request handler, such as new NodeHttpHandler(), got ${typeof handler}`);
  }
  const inner = unwrapped(handler as unknown as Inner);
  return wrap(new HedgedHandler(inner, new ResolvedOptions(options)), inner) as unknown as HedgedRequestHandler<H>;
}

/** To the SDK a handler like the one in it. */
class HedgedHandler implements Inner {
  readonly metadata: Inner['metadata'];
  private readonly inner: Inner;
  private readonly options: ResolvedOptions;

  constructor(inner: Inner, options: ResolvedOptions) {
    this.metadata = inner.metadata;
    this.inner = inner;
    this.options = options;
  }

  async handle(sent: SmithyRequest, given?: HandleOptions): Promise<HandlerOutput> {
    const { inner } = this;
    const { hedger, operations } = this.options;
    const hedge = given?.hedge as AwsCallHedgeOptions | false | undefined;
    const options = without(given);
    const operation = operationOf(sent);
    const isRead = operation !== undefined && (operation.isRead || operations.has(operation.service, operation.name));
    const hedgeOptions = hedge === false ? false : this.options.of(hedge, isRead);
    const request = new DescribedRequest(sent, operation, isRead);
    const call = new HandlerCall({ hedger, hedgeOptions, inner, sent, options, request });
    const mayRead = operation === undefined ? request.routeName !== undefined || !isOnce(sent) : isRead;
    if (hedgeOptions !== false && !mayRead) return call.deliver(await sendUnsupported(hedger, call, 'method'));
    if (hedgeOptions !== false && !isSignal(options?.abortSignal)) return call.deliver(await sendUnsupported(hedger, call));
    return call.deliver(await hedger.run(call, hedgeOptions));
  }

  destroy(): void {
    this.inner.destroy?.();
  }

  updateHttpClientConfig(key: unknown, value: unknown): void {
    this.inner.updateHttpClientConfig?.(key, value);
  }

  httpHandlerConfigs(): unknown {
    return this.inner.httpHandlerConfigs?.() ?? {};
  }
}

/** The options of the SDK as they would be without ours. */
function without(options: HandleOptions | undefined): HandleOptions | undefined {
  if (options?.hedge === undefined) return options;
  const rest: { -readonly [Name in keyof HandleOptions]: HandleOptions[Name] } = { ...options };
  delete rest.hedge;
  return rest;
}
