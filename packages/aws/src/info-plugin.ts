import { hedgeInfo } from '@hedgerow/core';
import { attachInfo, reserveInfo } from '@hedgerow/core/adapter';

/** What a middleware of the SDK gets and gives. */
interface Result {
  readonly response: unknown;
  readonly output: { readonly $metadata?: object };
}

type Middleware = (next: (args: unknown) => Promise<Result>) => (args: unknown) => Promise<Result>;

/** A middleware stack of the SDK, as far as it matters here. */
export interface InfoStack {
  add(middleware: never, options: never): void;
}

/**
 * Lets `hedgeInfo` answer about outputs of the SDK, which do not show the response that they came from. Errors answer without it.
 *
 * ```ts
 * client.middlewareStack.use(hedgeInfoPlugin);
 * const output = await client.send(command);
 * console.log(hedgeInfo(output)?.attempts);
 * ```
 */
export const hedgeInfoPlugin: { applyToStack(stack: InfoStack): void } = {
  applyToStack(stack) {
    (stack.add as (middleware: Middleware, options: object) => void)(pass, { step: 'initialize', name: 'hedgeInfo', override: true });
  },
};

/** The information stands on the output's metadata, hidden from whoever copies or compares it. */
const pass: Middleware = (next) => async (args) => {
  const result = await next(args);
  const info = hedgeInfo(result.response);
  const { $metadata } = result.output;
  if (info !== undefined && $metadata !== undefined && reserveInfo($metadata)) attachInfo($metadata, info);
  return result;
};
