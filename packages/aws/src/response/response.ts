import type { Settled } from '@hedgerow/core';
import { memberIn } from '../request/headers.js';

/** What a handler resolves with. */
export interface HandlerOutput {
  readonly response: SmithyResponse;
}

/** A response as a handler gives it: smithy's `HttpResponse`, as far as it matters here. */
export interface SmithyResponse {
  readonly statusCode?: number;
  readonly headers?: Readonly<Record<string, string>>;
  body?: unknown;
}

/** That of an outcome; handlers of others may answer with less, or with nothing. */
export function responseOf(settled: Settled<HandlerOutput>): SmithyResponse | undefined {
  return settled.ok ? (settled.value as Partial<HandlerOutput> | null | undefined)?.response : undefined;
}

export function statusOf(settled: Settled<HandlerOutput>): number | undefined {
  const status: unknown = responseOf(settled)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}

/** A response header by its lower-case name. */
export function headerOf(settled: Settled<HandlerOutput>, name: string): string | undefined {
  return memberIn(responseOf(settled)?.headers, name);
}

/** However long a server asks us to wait, it is not believed beyond this. */
const MOST_PUSHBACK_MS = 3_600_000;

/** What a server that is too busy says in AWS's own header: milliseconds to wait. */
export function pushbackMs(settled: Settled<HandlerOutput>): number | undefined {
  if ((statusOf(settled) ?? 0) < 400) return undefined;
  const waitMs = Number(headerOf(settled, 'x-amz-retry-after') ?? Number.NaN);
  return waitMs >= 0 ? Math.min(waitMs, MOST_PUSHBACK_MS) : undefined;
}
